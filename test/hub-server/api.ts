/** The JSON API: search, one model, its files, and who a token belongs to. */
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  callerOf,
  invalidToken,
  maySee,
  notLoggedIn,
  gateRefusal,
  refuse,
  repoNotFound,
  revisionNotFound,
  type Caller,
  type TokenOwner,
} from './access.ts';
import { openExchange, sendJson, sendRedirect, type Exchange } from './exchange.ts';
import { expandKeys, modelInfo, modelProperties, searchEntry, type ExpandKey, type Json } from './model-info.ts';
import { commitId, findCommit, mainCommit, type Repository } from './repository.ts';
import { listParameter, searchPage } from './search.ts';
import { findRepository, type HubState } from './state.ts';
import { pathsInfo, treePage } from './tree.ts';

/** Request bodies of this API are lists of paths. */
const MAX_BODY_BYTES = 1 << 20;
const MAX_TREE_PAGE = 1000;
/** Entries with their last commit are more expensive, so their pages are smaller. */
const EXPANDED_TREE_PAGE = 100;

const badRequest = (exchange: Exchange, message: string): Promise<void> =>
  sendJson(exchange, 400, { error: message }, { 'X-Error-Message': message });

const flag = (query: URLSearchParams, name: string): boolean => /^(true|1|True)$/.test(query.get(name) ?? '');

function nextLink(exchange: Exchange, cursor: string | null): Record<string, string> {
  if (cursor === null) return {};
  const next = new URL(exchange.url);
  next.searchParams.set('cursor', cursor);
  return { Link: `<${next.href}>; rel="next"` };
}

/** The requested properties; null when one of them does not exist. */
function expanded(query: URLSearchParams): ExpandKey[] | null {
  const asked = listParameter(query, 'expand');
  return asked.every((key) => (expandKeys as readonly string[]).includes(key)) ? (asked as ExpandKey[]) : null;
}

async function serveSearch(state: HubState, exchange: Exchange, caller: Caller): Promise<void> {
  const query = exchange.url.searchParams;
  const page = await searchPage(state.repositories.values(), query, caller);
  if (!page.ok) return badRequest(exchange, page.message);
  const expand = expanded(query);
  if (expand === null) return badRequest(exchange, `"expand" must be one of ${expandKeys.join(', ')}`);
  const options = { full: flag(query, 'full'), cardData: flag(query, 'cardData'), config: flag(query, 'config') };
  const entries: Json[] = [];
  for (const repository of page.repositories) {
    entries.push(
      expand.length > 0
        ? await modelProperties(repository, mainCommit(repository), expand)
        : await searchEntry(repository, options),
    );
  }
  return sendJson(exchange, 200, entries, nextLink(exchange, page.cursor));
}

function whoAmI(owner: TokenOwner): Json {
  return {
    type: 'user',
    id: createHash('sha1').update(owner.name).digest('hex').slice(0, 24),
    name: owner.name,
    fullname: owner.fullname ?? owner.name,
    email: owner.email ?? `${owner.name}@example.com`,
    emailVerified: true,
    canPay: false,
    periodEnd: null,
    isPro: false,
    billingMode: 'postpaid',
    avatarUrl: `/avatars/${owner.name}.svg`,
    orgs: [],
    auth: {
      type: 'access_token',
      accessToken: { displayName: 'test', role: owner.role ?? 'read', createdAt: '2024-05-01T12:00:00.000Z' },
    },
  };
}

async function readBody(request: IncomingMessage): Promise<string | null> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.byteLength;
    if (size > MAX_BODY_BYTES) return null;
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** JavaScript's client sends JSON, Python's a form. */
function parsePaths(type: string, body: string): { paths: string[]; expand: boolean } | null {
  if (type.startsWith('application/x-www-form-urlencoded')) {
    const form = new URLSearchParams(body);
    return { paths: form.getAll('paths'), expand: flag(form, 'expand') };
  }
  try {
    const { paths, expand } = JSON.parse(body) as { paths?: unknown; expand?: unknown };
    const list = typeof paths === 'string' ? [paths] : paths;
    if (!Array.isArray(list) || !list.every((path) => typeof path === 'string')) return null;
    return { paths: list, expand: expand === true };
  } catch {
    return null;
  }
}

async function serveRefs(exchange: Exchange, repository: Repository): Promise<void> {
  const branches: Json[] = [];
  for (const [name, commit] of repository.revisions) {
    branches.push({ name, ref: `refs/heads/${name}`, targetCommit: await commitId(repository, commit) });
  }
  return sendJson(exchange, 200, { branches, converts: [], tags: [] });
}

async function serveModel(
  state: HubState,
  exchange: Exchange,
  caller: Caller,
  id: string,
  rest: readonly string[],
): Promise<void> {
  const found = findRepository(state, id);
  if (found === null || !maySee(caller, found.repository)) return refuse(exchange, repoNotFound(caller));
  const { repository } = found;
  const query = exchange.url.searchParams;
  if (found.renamed) {
    const tail = [repository.id, ...rest.map(encodeURIComponent)].join('/');
    return sendRedirect(exchange, 307, `/api/models/${tail}${exchange.url.search}`);
  }
  const [verb = 'revision', revision = 'main', ...folder] = joinRef(rest);
  if (verb === 'auth-check') {
    const refusal = gateRefusal(caller, repository);
    return refusal === null ? sendJson(exchange, 200, {}) : refuse(exchange, refusal);
  }
  if (verb === 'refs') return serveRefs(exchange, repository);
  const commit = await findCommit(repository, revision);
  if (commit === null) return refuse(exchange, revisionNotFound(revision));

  if (verb === 'revision' && folder.length === 0) {
    const expand = expanded(query);
    if (expand === null) return badRequest(exchange, `"expand" must be one of ${expandKeys.join(', ')}`);
    const blobs = flag(query, 'blobs');
    const json =
      expand.length > 0
        ? await modelProperties(repository, commit, expand, blobs)
        : await modelInfo(repository, commit, blobs);
    return sendJson(exchange, 200, json);
  }
  if (verb === 'tree') {
    const expand = flag(query, 'expand');
    const most = expand ? EXPANDED_TREE_PAGE : MAX_TREE_PAGE;
    const page = await treePage(repository, commit, {
      folder: folder.join('/'),
      revision,
      recursive: flag(query, 'recursive'),
      expand,
      limit: Math.max(1, Math.min(most, Number(query.get('limit') ?? most) || most)),
      cursor: query.get('cursor'),
    });
    if ('message' in page) return refuse(exchange, page);
    return sendJson(exchange, 200, page.entries, nextLink(exchange, page.cursor));
  }
  if (verb === 'paths-info' && exchange.request.method === 'POST') {
    const body = await readBody(exchange.request);
    const asked = body === null ? null : parsePaths(exchange.request.headers['content-type'] ?? '', body);
    if (asked === null) return badRequest(exchange, '"paths" must be a list of paths');
    return sendJson(exchange, 200, await pathsInfo(repository, commit, asked.paths, asked.expand));
  }
  return sendJson(exchange, 404, { error: "Sorry, we can't find the page you are looking for." });
}

/** `refs/pr/1` may come with its slashes: it is one revision, not three segments. */
function joinRef(segments: readonly string[]): readonly string[] {
  if (segments[1] !== 'refs' || segments.length < 4) return segments;
  return [segments[0] ?? '', segments.slice(1, 4).join('/'), ...segments.slice(4)];
}

const verbs = ['revision', 'tree', 'paths-info', 'refs', 'auth-check'];

/** Answers one request to the API. */
export async function serveApi(state: HubState, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = (request.url ?? '/').replace(/\?.*$/s, '');
  const exchange = await openExchange(request, response, 'api', path.slice(1), state);
  if (exchange === null) return;
  const caller = callerOf(request, state.tokens);
  if (caller.kind === 'invalid') return refuse(exchange, invalidToken);
  const [, api, resource, ...segments] = path.split('/').map((segment) => {
    try {
      return decodeURIComponent(segment);
    } catch {
      return segment;
    }
  });
  if (api === 'api' && resource === 'whoami-v2') {
    return caller.kind === 'user' ? sendJson(exchange, 200, whoAmI(caller.owner)) : refuse(exchange, notLoggedIn);
  }
  if (api !== 'api' || resource !== 'models')
    return sendJson(exchange, 404, { error: "Sorry, we can't find the page you are looking for." });
  const [first = '', second] = segments.filter((segment, index) => segment !== '' || index < segments.length - 1);
  if (first === '') return serveSearch(state, exchange, caller);
  // The oldest models have no owner in their name; they exist as former names of other repositories.
  if (second === undefined || verbs.includes(second))
    return serveModel(state, exchange, caller, first, segments.slice(1));
  return serveModel(state, exchange, caller, `${first}/${second}`, segments.slice(2));
}
