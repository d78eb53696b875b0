/** One request from its headers to its end: who asks, what for, its body, and the answer in the words of its dialect. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { z } from 'zod';
import type { Dialect } from '../../../preload/contract/server.ts';
import { AppError, encodeError } from '../../../preload/wire/errors.ts';
import { HOPS_HEADER, type Hops } from '../../base/hops.ts';
import { readText, withinBodyLimit } from '../../http/body.ts';
import { signalOf } from '../../http/connections.ts';
import { answerError, createExchange } from '../http/exchange.ts';
import type { Caller, Keys } from '../keys/keys.ts';
import type { AnyRoute, Router } from '../route.ts';
import type { Services } from '../services.ts';
import type { Activity, Entry } from './activity.ts';
import { createBodyMemory, parseBody, type BodyShare } from './body.ts';
import type { Admission } from './admission.ts';

export interface RequestsOptions {
  readonly router: Router;
  readonly services: Services;
  readonly admission: Admission;
  readonly keys: Pick<Keys, 'admit'>;
  readonly activity: Activity;
  readonly hops: Hops;
  /** Fires when the server stops. */
  readonly stopped: AbortSignal;
  /** A request failed as no request should. */
  readonly onDefect: (path: string, error: unknown) => void;
}

/** Room for a conversation of some ten million characters with its JSON escapes. */
export const MAX_BODY_BYTES = 32 * 1024 * 1024;
const MAX_PROGRAM_CHARS = 120;
const MAX_PATH_CHARS = 300;

/** Answers requests. The returned function never rejects. */
export function createRequests(options: RequestsOptions) {
  const { router, services, admission, keys, activity, hops, stopped, onDefect } = options;
  const bodies = createBodyMemory();

  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = addressOf(request.url ?? '/');
    const path = url?.pathname ?? '/';
    const found = router.find(request.method ?? 'GET', path);
    const dialect = 'route' in found ? dialectOf(found.route, request) : dialectOfPath(path);
    const entry = activity.begin({
      dialect,
      method: request.method ?? 'GET',
      path: path.slice(0, MAX_PATH_CHARS),
      program: (request.headers['user-agent'] ?? '').slice(0, MAX_PROGRAM_CHARS),
    });
    response.setHeader('x-request-id', entry.id);
    // Where Anthropic's programs look for it.
    if (dialect === 'anthropic') response.setHeader('request-id', entry.id);
    response.setHeader('x-content-type-options', 'nosniff');
    const gone = signalOf(response);
    using share = bodies.share();
    try {
      admission.admitPlace(request.headers);
      for (const [name, value] of Object.entries(admission.corsHeaders(request.headers)))
        response.setHeader(name, value);
      if (request.method === 'OPTIONS') return answerPreflight(request, response, entry);
      if (!('route' in found)) throw nothingThere(request, path, found.methods);
      const caller = found.route.isOpen === true ? null : callerOf(request, found.route);
      entry.note({ keyName: caller?.rights.name ?? null });
      const signal = AbortSignal.any([gone, stopped, entry.ended, ...(caller ? [caller.revoked] : [])]);
      const body = found.route.body === null ? undefined : await readBody(request, found.route, entry, share);
      const exchange = createExchange({
        ...{ request, response, body, signal, caller, entry },
        ...{
          params: found.params,
          query: url?.searchParams ?? new URLSearchParams(),
          client: clientOf(request, caller),
        },
      });
      const { handle, group } = found.route;
      await hops.on(request.headers[HOPS_HEADER], async () => {
        refuseRing(hops.ring(), group);
        await handle(exchange, services);
      });
      entry.end({ isHungUp: gone.aborted && !response.writableFinished });
    } catch (thrown) {
      const error = encodeError(thrown);
      if (error.code === 'internal') onDefect(path, thrown);
      const { status } = answerError({ request, response }, dialect, thrown);
      entry.end({ status, error, isHungUp: gone.aborted });
    }
  };

  function callerOf(request: IncomingMessage, { group }: AnyRoute): Caller | null {
    const caller = admission.callerOf(request.headers);
    if (caller === null) return null;
    if (group !== null && caller.rights.endpoints?.includes(group) === false)
      throw new AppError('unauthorized', `This key may not use endpoints of the group "${group}".`, {
        ...{ reason: 'scope', group },
      });
    keys.admit(caller);
    return caller;
  }
}

/**
 * What comes back by other Hearths is no work for this one, or it would go round. It may ask for the models, and is told those of this computer.
 * @throws AppError `unsupported` with the reason `own_address` or `ring`.
 */
function refuseRing(ring: ReturnType<Hops['ring']>, group: AnyRoute['group']): void {
  switch (ring) {
    case 'none':
      return;
    case 'itself':
      throw new AppError('unsupported', 'This is the address of this Hearth itself. Its models are here already.', {
        reason: 'own_address',
      });
    case 'others':
      if (group === 'models' || group === 'inspect' || group === null) return;
      throw new AppError('unsupported', 'This request came by this Hearth before. Servers elsewhere form a ring.', {
        reason: 'ring',
      });
    default:
      ring satisfies never;
  }
}

/** A key is served in turn with the others; without keys a program at an address is. */
const clientOf = (request: IncomingMessage, caller: Caller | null): string =>
  caller?.id ??
  `${request.socket.remoteAddress ?? ''} ${(request.headers['user-agent'] ?? '').slice(0, MAX_PROGRAM_CHARS)}`;

/** @throws AppError `invalid_input` that names the field, `cancelled` where the caller is gone. */
async function readBody(
  request: IncomingMessage,
  { body: schema }: AnyRoute,
  entry: Entry,
  share: BodyShare,
): Promise<unknown> {
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding.toLowerCase() !== 'identity')
    throw new AppError('unsupported', `The body is compressed (${encoding.slice(0, 40)}). Send it as it is.`, {
      reason: 'encoding',
    });
  const text = await withinBodyLimit(request, readText(request, MAX_BODY_BYTES, share.take));
  entry.sent(text);
  const value = text.trim() === '' ? {} : parseBody(text);
  const parsed = schema?.safeParse(value);
  if (parsed?.success !== false) return parsed?.data;
  const issue = innermost(parsed.error.issues[0]);
  const field = issue?.path.map(String).join('.') ?? '';
  throw new AppError(
    'invalid_input',
    `${field === '' ? 'The body' : `"${field}"`} is not valid: ${issue?.message ?? 'wrong shape'}.`,
    { field },
  );
}

/** The address that a request names. A path that begins with two slashes stays one: relative to an address it would name a host. */
const addressOf = (target: string): URL | null =>
  URL.parse(target.startsWith('/') ? `http://hearth.invalid${target}` : target);

type Issue = Pick<z.core.$ZodIssue, 'path' | 'message'>;

/** Of the forms that a value may have, the one that it fits longest: what is wrong with it there. */
function innermost(issue: z.core.$ZodIssue | undefined): Issue | undefined {
  if (issue?.code !== 'invalid_union') return issue;
  const inside = issue.errors.flatMap(([first]) => innermost(first) ?? []);
  const deepest = inside.reduce<Issue | null>(
    (best, one) => (best && best.path.length >= one.path.length ? best : one),
    null,
  );
  // None of them goes beyond the value itself, which then is of no form at all.
  return deepest && deepest.path.length > 0 ? { ...deepest, path: [...issue.path, ...deepest.path] } : issue;
}

function answerPreflight(request: IncomingMessage, response: ServerResponse, entry: Entry): void {
  response.writeHead(204, {
    'access-control-allow-methods': 'GET, POST, PUT, DELETE, OPTIONS',
    'access-control-allow-headers': request.headers['access-control-request-headers'] ?? 'authorization, content-type',
    'access-control-max-age': '600',
  });
  response.end();
  entry.end({ status: 204 });
}

function nothingThere(request: IncomingMessage, path: string, methods: readonly string[]): AppError {
  if (methods.length > 0)
    return new AppError('not_found', `${path} takes ${methods.join(' or ')}, not ${request.method ?? ''}.`, {
      reason: 'method',
    });
  return new AppError(
    'not_found',
    `There is no ${path.slice(0, MAX_PATH_CHARS)} here. GET /openapi.json lists what there is.`,
  );
}

/** Two dialects share the list of models; programs of Anthropic say so in a header. */
const dialectOf = (route: AnyRoute, { headers }: IncomingMessage): Dialect =>
  route.dialect === 'openai' && headers['anthropic-version'] !== undefined ? 'anthropic' : route.dialect;

function dialectOfPath(path: string): Dialect {
  if (path.startsWith('/v1/messages')) return 'anthropic';
  if (path.startsWith('/api/v1/') || path.startsWith('/api/extra/') || path.startsWith('/api/latest/'))
    return 'koboldcpp';
  if (path.startsWith('/api/')) return 'ollama';
  return 'openai';
}
