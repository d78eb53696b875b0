/** Access control of the test Hub: the caller, the repositories that the caller may read, and the Hub's refusals. */
import type { IncomingMessage } from 'node:http';
import { sendJson, sendText, type Exchange } from './exchange.ts';
import type { Repository } from './repository.ts';

/** The owner of a token. */
export interface TokenOwner {
  readonly name: string;
  readonly fullname?: string;
  readonly email?: string;
  readonly role?: 'read' | 'write';
  /** Private repositories that the owner may read, beside those under the owner's own name. */
  readonly canRead?: readonly string[];
  /** Gated repositories whose terms the owner has accepted, and whose access was granted if that is manual. */
  readonly gatedAccess?: readonly string[];
}

export type Tokens = Readonly<Record<string, TokenOwner>>;

/** `invalid`: the request has a token that the Hub does not know. */
export type Caller =
  { readonly kind: 'anonymous' } | { readonly kind: 'invalid' } | { readonly kind: 'user'; readonly owner: TokenOwner };

/** A refusal; `code` is sent as X-Error-Code. */
export interface Refusal {
  readonly status: number;
  readonly code: 'RepoNotFound' | 'GatedRepo' | 'RevisionNotFound' | 'EntryNotFound' | null;
  readonly message: string;
}

/** The caller by the Authorization header. */
export function callerOf(request: IncomingMessage, tokens: Tokens): Caller {
  const header = request.headers.authorization;
  if (header === undefined) return { kind: 'anonymous' };
  const token = /^Bearer (.+)$/i.exec(header)?.[1] ?? '';
  const owner = Object.hasOwn(tokens, token) ? tokens[token] : undefined;
  return owner === undefined ? { kind: 'invalid' } : { kind: 'user', owner };
}

export const invalidToken: Refusal = {
  status: 401,
  code: null,
  message: 'Invalid credentials in Authorization header',
};
export const notLoggedIn: Refusal = { status: 401, code: null, message: 'Invalid username or password.' };

/** The refusal for a missing repository, also used for one that the caller may not see. Without a token it is a 401. */
export function repoNotFound(caller: Caller): Refusal {
  return caller.kind === 'user'
    ? { status: 404, code: 'RepoNotFound', message: 'Repository not found' }
    : { status: 401, code: 'RepoNotFound', message: 'Invalid username or password.' };
}

export function revisionNotFound(revision: string): Refusal {
  return { status: 404, code: 'RevisionNotFound', message: `Invalid rev id: ${revision}` };
}

export function entryNotFound(path: string, revision: string): Refusal {
  return { status: 404, code: 'EntryNotFound', message: `${path} does not exist on "${revision}"` };
}

/** True when the caller may know that the repository exists. */
export function maySee(caller: Caller, repository: Repository): boolean {
  if (repository.facts.private !== true) return true;
  if (caller.kind !== 'user') return false;
  return repository.id.startsWith(`${caller.owner.name}/`) || (caller.owner.canRead ?? []).includes(repository.id);
}

/** The refusal for the files of a gated repository; null when the caller has access. Metadata and file list are open to all. */
export function gateRefusal(caller: Caller, repository: Repository): Refusal | null {
  if (repository.facts.gated === undefined || repository.facts.gated === false) return null;
  if (caller.kind !== 'user') {
    const message = `Access to model ${repository.id} is restricted. You must have access to it and be authenticated to access it. Please log in.`;
    return { status: 401, code: 'GatedRepo', message };
  }
  const isGranted =
    repository.id.startsWith(`${caller.owner.name}/`) || (caller.owner.gatedAccess ?? []).includes(repository.id);
  if (isGranted) return null;
  const message = `Access to model ${repository.id} is restricted and you are not in the authorized list. Visit the model's page to ask for access.`;
  return { status: 403, code: 'GatedRepo', message };
}

/** Answers with a refusal: JSON from the API, plain text for files. The headers are the same in both. */
export function refuse(exchange: Exchange, refusal: Refusal): Promise<void> {
  const { status, code, message } = refusal;
  const headers = {
    'X-Error-Message': message,
    ...(code === null ? {} : { 'X-Error-Code': code }),
    ...(status === 401 ? { 'WWW-Authenticate': 'Bearer realm="Authentication required", charset="UTF-8"' } : {}),
  };
  if (exchange.record.level === 'api') return sendJson(exchange, status, { error: message }, headers);
  return sendText(exchange, status, code === 'EntryNotFound' ? 'Entry not found' : message, headers);
}
