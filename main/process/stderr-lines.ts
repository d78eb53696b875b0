/** The lines of a stream of text as they become whole, and how many of them a log takes. */
import type { Readable } from 'node:stream';

/** Of one line, of which the beginning is kept. */
const MAX_LINE_CHARS = 4000;
/** Of one minute. A child that prints without an end would push everything else out of the log. */
const LINES_PER_MINUTE = 200;
const MINUTE_MS = 60_000;
/** The newest of those that were held back: the last words of a child say why it ended. */
const LAST_LINES = 20;

/** Takes lines one after the other, and is told when there are no more. */
export interface LineSink {
  line(text: string): void;
  end(): void;
}

/** Gives each line that is not empty, up to 4,000 characters of it; the last one may have no line feed. */
export function readLines(stream: Readable, sink: LineSink): void {
  let rest = '';
  const give = (line: string): void => {
    const kept = line.slice(0, MAX_LINE_CHARS).trimEnd();
    if (kept !== '') sink.line(kept);
  };
  stream.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = (lines.pop() ?? '').slice(0, MAX_LINE_CHARS);
    for (const line of lines) give(line);
  });
  stream.once('end', () => {
    give(rest);
    sink.end();
  });
}

/**
 * Passes on 200 lines a minute. Of those beyond, the last 20 are given when the minute is over or at the end, after a line that says how
 * many are left out.
 */
export function limitLines(
  onLine: (line: string) => void,
  { linesPerMinute = LINES_PER_MINUTE, now = (): number => performance.now() } = {},
): LineSink {
  let minuteEndsAt = -Infinity;
  let given = 0;
  let leftOut = 0;
  let held: string[] = [];
  const giveHeld = (): void => {
    if (leftOut > 0) onLine(`… ${leftOut} more lines are left out.`);
    for (const line of held) onLine(line);
    [leftOut, held] = [0, []];
  };
  return {
    line(text) {
      if (now() >= minuteEndsAt) {
        giveHeld();
        [minuteEndsAt, given] = [now() + MINUTE_MS, 0];
      }
      if (given < linesPerMinute) {
        given++;
        onLine(text);
        return;
      }
      held.push(text);
      if (held.length > LAST_LINES) {
        held.shift();
        leftOut++;
      }
    },
    end: giveHeld,
  };
}
