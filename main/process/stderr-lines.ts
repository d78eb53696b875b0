/** The lines of a stream of text as they become whole. */
import type { Readable } from 'node:stream';

/** A child that prints without an end would push everything else out of the log. */
const MAX_LINES = 200;

/** Calls `onLine` for each line that is not empty, up to 200 of one stream; the last one may have no line feed. */
export function readLines(stream: Readable, onLine: (line: string) => void, maxLines = MAX_LINES): void {
  let rest = '';
  let count = 0;
  const give = (line: string): void => {
    if (line.trim() === '' || count > maxLines) return;
    onLine(count++ === maxLines ? '… It printed more, which is left out.' : line.trimEnd());
  };
  stream.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    // Of a line without an end the last of it is kept.
    rest = (lines.pop() ?? '').slice(-4000);
    for (const line of lines) give(line);
  });
  stream.once('end', () => give(rest));
}
