/**
 * The values of a JSON file one after another, so that a file of gigabytes is never in memory whole: the elements of a list at the top,
 * and each value of a file with several (JSON Lines).
 */
import { AppError } from '../../../../preload/wire/errors.ts';
import { importLimits } from '../exchanged-chat.ts';

export interface JsonValue {
  readonly value: unknown;
  /** Which list of the file has it, from 1; 0 for a value that stands by itself. */
  readonly list: number;
}

interface Splitter {
  /** The texts of the values that end in this piece. */
  take(piece: Uint8Array): Generator<{ readonly bytes: Buffer; readonly list: number }>;
  /** Whether the file ended within a value or a list. */
  isInside(): boolean;
}

const quote = 0x22;
const backslash = 0x5c;
const openList = 0x5b;
const closeList = 0x5d;
const openObject = 0x7b;
const closeObject = 0x7d;
const comma = 0x2c;

const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

/**
 * The values in `pieces`. `onCut` is called when the file ends in the middle of a value.
 * @throws AppError `invalid_input` for what is not JSON, nests too deeply or has a value beyond the limit.
 */
export async function* jsonValues(
  pieces: AsyncIterable<Uint8Array>,
  onCut: () => void,
  valueBytes: number = importLimits.valueBytes,
): AsyncGenerator<JsonValue> {
  const splitter = createSplitter(valueBytes);
  let isFirst = true;
  for await (const piece of pieces) {
    let rest = piece;
    // The mark of byte order that some editors write.
    if (isFirst && piece[0] === 0xef && piece[1] === 0xbb && piece[2] === 0xbf) rest = piece.subarray(3);
    isFirst = false;
    for (const { bytes, list } of splitter.take(rest)) yield { value: parsed(bytes), list };
  }
  if (splitter.isInside()) onCut();
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    throw notJson();
  }
}

const notJson = (): AppError =>
  new AppError('invalid_input', 'The file is not JSON.', { reason: 'import_not_json', field: 'file' });

function createSplitter(valueBytes: number): Splitter {
  let depth = 0;
  let inString = false;
  let isEscaped = false;
  /** The list at the top that is open, and how many there were. */
  let inList = false;
  let lists = 0;
  /** The pieces of the value that is open; null between values. */
  let open: Buffer[] | null = null;
  let openBytes = 0;

  function keep(bytes: Uint8Array): void {
    openBytes += bytes.length;
    if (openBytes > valueBytes)
      throw new AppError('invalid_input', 'One conversation of the file is too large.', {
        reason: 'import_value_too_large',
        field: 'file',
        maxBytes: valueBytes,
      });
    open?.push(Buffer.from(bytes));
  }

  function close(): { bytes: Buffer; list: number } {
    const bytes = Buffer.concat(open ?? []);
    open = null;
    openBytes = 0;
    return { bytes, list: inList ? lists : 0 };
  }

  return {
    *take(piece) {
      let from = 0;
      for (let at = 0; at < piece.length; at++) {
        const byte = piece[at] ?? 0;
        if (inString) {
          if (isEscaped) isEscaped = false;
          else if (byte === backslash) isEscaped = true;
          else if (byte === quote) inString = false;
          if (inString || depth > 0) continue;
          keep(piece.subarray(from, at + 1));
          yield close();
          continue;
        }
        if (open === null) {
          if (isSpace(byte) || (byte === comma && inList)) continue;
          if (byte === closeList && inList) inList = false;
          else if (byte === openList && !inList) {
            inList = true;
            lists++;
          } else {
            open = [];
            from = at;
            if (byte === quote) inString = true;
            else if (byte === openObject || byte === openList) depth = 1;
            else if (!/[-\dtfn]/.test(String.fromCharCode(byte))) throw notJson();
          }
          continue;
        }
        if (byte === quote) inString = true;
        else if (byte === openObject || byte === openList) {
          if (++depth > importLimits.depth)
            throw new AppError('invalid_input', 'The file is nested too deeply.', {
              reason: 'import_too_deep',
              field: 'file',
            });
        } else if (depth > 0 && (byte === closeObject || byte === closeList)) {
          if (--depth > 0) continue;
          keep(piece.subarray(from, at + 1));
          yield close();
        } else if (depth === 0 && (isSpace(byte) || byte === comma || byte === closeList)) {
          // The end of a number, true, false or null.
          keep(piece.subarray(from, at));
          yield close();
          if (byte === closeList) inList = false;
        }
      }
      if (open !== null) keep(piece.subarray(from));
    },
    isInside: () => (open !== null && (depth > 0 || inString)) || inList,
  };
}
