/** Reads a stream of server-sent events, as the HTML standard defines it (9.2.6), within limits of memory. */
import { AppError } from '../../../preload/wire/errors.ts';

export interface ServerEvent {
  /** The event's name; null without one. */
  readonly name: string | null;
  readonly data: string;
}

export interface StreamLimits {
  readonly eventBytes: number;
  readonly streamBytes: number;
}

/**
 * The events of a body, whatever the boundaries of its chunks. Comments, ids and fields of other names are passed over. An event that
 * the end of the body cuts off is given as well: some servers leave out the last empty line. @throws AppError `remote.bad_response` for an
 * event or a stream that is too long; what the body throws.
 */
export async function* readEvents(
  chunks: AsyncIterable<Uint8Array>,
  { eventBytes, streamBytes }: StreamLimits,
): AsyncGenerator<ServerEvent> {
  // Bytes that are no UTF-8 become U+FFFD; a mark of byte order at the start is left out.
  const decoder = new TextDecoder();
  const event = createEventReader();
  /** The pieces of the line that has not ended. They are joined once, so that a line of many small chunks takes no longer. */
  let pieces: string[] = [];
  let lineLength = 0;
  let total = 0;
  let isAfterReturn = false;

  function* linesOf(text: string): Generator<string> {
    let from = 0;
    if (isAfterReturn && text.startsWith('\n')) from = 1;
    if (text !== '') isAfterReturn = false;
    for (const found of text.matchAll(/\r\n|\n|\r/g)) {
      if (found.index < from) continue;
      yield pieces.join('') + text.slice(from, found.index);
      pieces = [];
      lineLength = 0;
      from = found.index + found[0].length;
      // A line feed at the start of the next chunk belongs to this end.
      isAfterReturn = found[0] === '\r' && from === text.length;
    }
    const rest = text.slice(from);
    if (rest === '') return;
    pieces.push(rest);
    lineLength += rest.length;
  }

  for await (const chunk of chunks) {
    total += chunk.byteLength;
    if (total > streamBytes) throw tooLong('stream');
    for (const line of linesOf(decoder.decode(chunk, { stream: true }))) {
      const whole = event.take(line);
      if (whole) yield whole;
      if (event.length() > eventBytes) throw tooLong('event');
    }
    if (lineLength + event.length() > eventBytes) throw tooLong('event');
  }
  const rest = pieces.join('') + decoder.decode();
  const last = (rest === '' ? null : event.take(rest)) ?? event.take('');
  if (last) yield last;
}

/** Makes events of lines. */
function createEventReader(): { take(line: string): ServerEvent | null; length(): number } {
  let name: string | null = null;
  let data: string[] = [];
  let length = 0;
  return {
    take(line) {
      if (line === '') {
        const event = data.length > 0 ? { name, data: data.join('\n') } : null;
        name = null;
        data = [];
        length = 0;
        return event;
      }
      const colon = line.indexOf(':');
      const field = colon < 0 ? line : line.slice(0, colon);
      const rest = colon < 0 ? '' : line.slice(colon + 1);
      const value = rest.startsWith(' ') ? rest.slice(1) : rest;
      if (field === 'data') {
        data.push(value);
        length += value.length + 1;
      } else if (field === 'event') name = value.slice(0, 100);
      return null;
    },
    length: () => length,
  };
}

function tooLong(what: 'event' | 'stream'): AppError {
  return new AppError('remote.bad_response', `The server sent a reply that is far too long (${what}).`, {
    reason: 'too_long',
  });
}
