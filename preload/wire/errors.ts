/**
 * Errors cross processes as data: a code of a closed table, an English sentence for the command line and logs, and the facts that the
 * page needs for its own words and for the act that mends the error.
 */
import { diskErrorBody } from './disk-error.ts';

/** Every code that may cross a process. Adding one: see CONTRIBUTING.md. */
export const errorCodes = [
  'invalid_input',
  'not_found',
  'unsupported',
  'cancelled',
  'busy',
  'internal',
  'unauthorized',
  'disconnected',
  'network.proxy',
  'network.portal',
  'remote.unreachable',
  'remote.bad_response',
  'hub.offline',
  'hub.unauthorized',
  'hub.gated',
  'hub.not_found',
  'hub.rate_limited',
  'hub.bad_response',
  'hub.hash_mismatch',
  'hub.unsafe_name',
  'cache.locked',
  'disk.full',
  'disk.denied',
  'model.missing',
  'model.corrupt',
  'model.unsupported',
  'engine.out_of_memory',
  'engine.crashed',
  'engine.start_failed',
  'engine.not_loaded',
  'engine.context_full',
  'template.invalid',
  'convert.unsupported',
  'convert.invalid',
  'tokenizer.invalid',
  'store.newer_schema',
  'store.corrupt',
  'store.in_use',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** Facts about an error, by name. Sizes in bytes, times in milliseconds; never a secret, never a file path of the web shell. */
export type ErrorData = Readonly<Record<string, string | number | boolean | null>>;

/** The wire form of an error. */
export interface ErrorBody {
  readonly code: ErrorCode;
  readonly message: string;
  readonly data?: ErrorData;
}

/** The product's only error class. Any other error that reaches a caller is a defect and becomes `internal`. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly data: ErrorData;

  constructor(code: ErrorCode, message: string, data: ErrorData = {}, options?: { cause?: unknown }) {
    super(message, options as ErrorOptions);
    this.name = 'AppError';
    this.code = code;
    this.data = data;
  }
}

/** True for an AppError, also of another realm or bundle; with `code` only for that code. */
export function isAppError(error: unknown, code?: ErrorCode): error is AppError {
  return (
    error instanceof Error &&
    error.name === 'AppError' &&
    'code' in error &&
    (errorCodes as readonly string[]).includes(error.code as string) &&
    (code === undefined || error.code === code)
  );
}

/**
 * The wire form of any thrown value. Unknown errors become `internal` with their message; their stack does not leave the process.
 * An abort becomes `cancelled`, and an error of the file system what it says about the disk.
 */
export function encodeError(error: unknown): ErrorBody {
  if (isAppError(error)) {
    return Object.keys(error.data).length > 0
      ? { code: error.code, message: error.message, data: error.data }
      : { code: error.code, message: error.message };
  }
  if (error instanceof Error && error.name === 'AbortError') return { code: 'cancelled', message: 'Cancelled.' };
  return diskErrorBody(error) ?? { code: 'internal', message: error instanceof Error ? error.message : String(error) };
}

/** The error from its wire form. An unknown code, as from a newer peer, becomes `internal`; a message or a fact of another type is left out. */
export function decodeError({ code, message, data }: { readonly [part in keyof ErrorBody]?: unknown }): AppError {
  const known = errorCodes.find((one) => one === code) ?? 'internal';
  const facts = typeof data === 'object' && data !== null && !Array.isArray(data) ? Object.entries(data) : [];
  return new AppError(known, typeof message === 'string' ? message : '', Object.fromEntries(facts.filter(isFact)));
}

function isFact(entry: [string, unknown]): entry is [string, ErrorData[string]] {
  return entry[1] === null || ['string', 'number', 'boolean'].includes(typeof entry[1]);
}
