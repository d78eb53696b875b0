/** What a server elsewhere may take of time and memory. A server is not trusted: it may be broken, or not what it seems. */

export interface RemoteLimits {
  /** Until the response to a short question begins, such as a list of models. */
  readonly shortMs: number;
  /** So long a list of all models waits for the models of a server that was not asked before. */
  readonly listMs: number;
  /** Until the response to a reply begins. Servers that send no headers before the first token may read a long prompt for minutes. */
  readonly headersMs: number;
  /** Between two pieces of a body. The same, for servers that send their headers at once. Comments that keep a connection alive count. */
  readonly silenceMs: number;
  /** A body that is not a stream, such as a list of models. */
  readonly jsonBytes: number;
  /** The vectors of one request: 64 texts of 8,192 dimensions as text of 20 characters each, and some more. */
  readonly vectorBytes: number;
  /** One event of a stream. With 20 alternatives to each of several tokens it has some ten thousand bytes. */
  readonly eventBytes: number;
  /** A whole stream. A reply of a million tokens has some 300 bytes around each. */
  readonly streamBytes: number;
  /** The body of an error, of which a sentence is shown. */
  readonly errorBytes: number;
  /** How often a request is sent again that the server has no room for. */
  readonly retries: number;
  /** The longest wait before it is sent again. A server that asks for more is told to the user as busy. */
  readonly waitMs: number;
}

export const defaultRemoteLimits: RemoteLimits = {
  shortMs: 20_000,
  listMs: 3000,
  headersMs: 15 * 60_000,
  silenceMs: 15 * 60_000,
  jsonBytes: 16 * 1024 * 1024,
  vectorBytes: 32 * 1024 * 1024,
  eventBytes: 4 * 1024 * 1024,
  streamBytes: 512 * 1024 * 1024,
  errorBytes: 64 * 1024,
  retries: 3,
  waitMs: 60_000,
};

/** Models of one server. The largest gateways list some hundreds. */
export const MAX_MODELS = 1000;
/** Objects and lists of one event, and of one body. */
export const MAX_EVENT_CONTAINERS = 20_000;
export const MAX_BODY_CONTAINERS = 200_000;
