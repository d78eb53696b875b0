/** The lines of a stream of text as they become whole. */
import type { Readable } from 'node:stream';

/** A child that prints without an end would push everything else out of the log. */
const MAX_LINES = 200;
/** Of one line, of which the beginning is kept. */
const MAX_LINE_CHARS = 4000;

/**
 * Calls `onLine` for each line that is not empty, up to 200 of one stream and 4,000 characters of each; the last one may have no line
 * feed.
 */
export function readLines(stream: Readable, onLine: (line: string) => void, maxLines = MAX_LINES): void {
  let rest = '';
  let count = 0;
  const give = (line: string): void => {
    const kept = line.slice(0, MAX_LINE_CHARS).trimEnd();
    if (kept === '' || count > maxLines) return;
    onLine(count++ === maxLines ? '… It printed more, which is left out.' : kept);
  };
  stream.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = (lines.pop() ?? '').slice(0, MAX_LINE_CHARS);
    for (const line of lines) give(line);
  });
  stream.once('end', () => give(rest));
}
