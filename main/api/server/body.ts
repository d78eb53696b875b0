/** The bodies of requests, within limits of memory and time: what stands in them is not looked at before. */
import { AppError } from '../../../preload/wire/errors.ts';

/** Values of one body: a million ids of tokens and some more. Each costs a hundred times its own size where it is wrong. */
const MAX_VALUES = 2 ** 20;
/** Named values, which take far longer to check than those of lists. A conversation of ten thousand messages has some fifty thousand. */
const MAX_FIELDS = 250_000;
/** Schemas are held to 200 levels, and stand some levels deep themselves. */
const MAX_DEPTH = 256;
/** Of all requests together, from the first byte of a body until the request has ended. */
const MAX_HELD_BYTES = 512 * 1024 * 1024;

/** The value of a JSON text. @throws AppError `invalid_input` for what is none, or has too many values or levels. */
export function parseBody(text: string): unknown {
  assertBounded(text);
  try {
    // Files of Windows PowerShell begin with a byte order mark.
    return JSON.parse(text.replace(/^\uFEFF/, '')) as unknown;
  } catch {
    throw new AppError('invalid_input', 'The body is not JSON.');
  }
}

/** Counts outside of strings, where code and other people's JSON stand. */
function assertBounded(text: string): void {
  let values = 1;
  let fields = 0;
  let depth = 0;
  for (let at = 0; at < text.length; at++)
    switch (text[at]) {
      case '"':
        at = endOfString(text, at);
        break;
      case '{':
      case '[':
        values++;
        if (++depth > MAX_DEPTH) throw tooMuch(`is nested deeper than ${MAX_DEPTH} levels`);
        break;
      case '}':
      case ']':
        depth--;
        break;
      case ',':
        if (++values > MAX_VALUES) throw tooMuch(`has more than ${MAX_VALUES} values`);
        break;
      case ':':
        if (++fields > MAX_FIELDS) throw tooMuch(`has more than ${MAX_FIELDS} fields`);
        break;
      default:
    }
}

/** Where the string that begins at `from` ends; the end of the text where it does not. */
function endOfString(text: string, from: number): number {
  for (let quote = text.indexOf('"', from + 1); quote >= 0; quote = text.indexOf('"', quote + 1)) {
    let slashes = 0;
    while (text[quote - 1 - slashes] === '\\') slashes++;
    if (slashes % 2 === 0) return quote;
  }
  return text.length;
}

const tooMuch = (what: string): AppError => new AppError('invalid_input', `The body ${what}.`, { field: '' });

/** The share of one request in the memory for bodies. */
export interface BodyShare extends Disposable {
  /** Counts bytes that have come. @throws AppError `busy` where all bodies together are too large. */
  take(bytes: number): void;
}

/** The memory for the bodies of all requests: a thousand connections with a body of the largest size each would end the app. */
export function createBodyMemory(most = MAX_HELD_BYTES): { share(): BodyShare } {
  let held = 0;
  return {
    share() {
      let own = 0;
      return {
        take(bytes) {
          if (held + bytes > most)
            throw new AppError('busy', 'The requests that are being answered take all memory there is for them.', {
              reason: 'queue_full',
            });
          own += bytes;
          held += bytes;
        },
        [Symbol.dispose]() {
          held -= own;
          own = 0;
        },
      };
    },
  };
}
