/** The http status of an error, and when it is worth trying again. */
import type { ErrorBody, ErrorCode } from '../../../preload/wire/errors.ts';

const statuses: Readonly<Record<ErrorCode, number>> = {
  invalid_input: 400,
  not_found: 404,
  unsupported: 400,
  // As nginx counts callers that went away; nobody reads it.
  cancelled: 499,
  busy: 503,
  internal: 500,
  unauthorized: 401,
  disconnected: 503,
  'network.proxy': 502,
  'network.portal': 502,
  'hub.offline': 503,
  'hub.unauthorized': 403,
  'hub.gated': 403,
  'hub.not_found': 404,
  'hub.rate_limited': 503,
  'hub.bad_response': 502,
  'hub.hash_mismatch': 502,
  'hub.unsafe_name': 400,
  'cache.locked': 503,
  'disk.full': 507,
  'disk.denied': 500,
  'model.missing': 404,
  'model.corrupt': 500,
  'model.unsupported': 400,
  'engine.out_of_memory': 503,
  'engine.crashed': 500,
  'engine.start_failed': 500,
  'engine.not_loaded': 503,
  'engine.context_full': 400,
  'template.invalid': 400,
  // A server elsewhere failed, and this one stands between.
  'remote.unreachable': 502,
  'remote.bad_response': 502,
  'convert.unsupported': 400,
  'convert.invalid': 400,
  'tokenizer.invalid': 400,
  'store.newer_schema': 503,
  'store.corrupt': 500,
  'store.in_use': 503,
};

/** Reasons of `unauthorized` that no other key would mend. */
const forbidden = new Set(['host', 'origin', 'scope']);
/** Reasons of `unauthorized` that only the settings of a server elsewhere mend. */
const remoteKeys = new Set(['remote_key', 'remote_no_key']);
/** Reasons of `busy` that come of too many requests. */
const tooMany = new Set(['queue_full', 'rate_limit', 'token_limit']);
/** A request that found the queue full is worth trying again so soon. */
const RETRY_MS = 1000;

export function statusOf({ code, data }: ErrorBody): number {
  const reason = String(data?.['reason'] ?? '');
  if (code === 'unauthorized' && forbidden.has(reason)) return 403;
  // The key that Hearth has for a server elsewhere is not the caller's.
  if (code === 'unauthorized' && remoteKeys.has(reason)) return 502;
  if (code === 'busy' && (tooMany.has(reason) || data?.['status'] === 429)) return 429;
  if (code === 'not_found' && reason === 'method') return 405;
  if (code === 'unsupported' && reason === 'encoding') return 415;
  if (code === 'invalid_input' && data?.['maxBytes'] !== undefined) return 413;
  return statuses[code];
}

/** Whole seconds for Retry-After; null for an error that waiting does not mend. */
export function retryAfterSeconds(error: ErrorBody): number | null {
  const status = statusOf(error);
  if (status !== 429 && status !== 503) return null;
  const asked = error.data?.['retryAfterMs'];
  return Math.max(1, Math.ceil((typeof asked === 'number' ? asked : RETRY_MS) / 1000));
}
