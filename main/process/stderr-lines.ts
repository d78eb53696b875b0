/** Reads the lines of a text stream, and limits their number for a log. */
import type { Readable } from 'node:stream';

/** Limit for one line, which is cut at its end. */
const MAX_LINE_CHARS = 4000;
/** Limit per minute. A child that prints endlessly would push everything else out of the log. */
const LINES_PER_MINUTE = 200;
const MINUTE_MS = 60_000;
/** Number of lines beyond the limit that are kept, the newest ones, because a child's last lines tell why it ended. */
const LAST_LINES = 20;

/** A receiver of lines, which also gets their end. */
export interface LineSink {
  line(text: string): void;
  end(): void;
}

/** Passes each nonempty line to `sink`, cut to 4,000 characters. The last one may have no line feed. */
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
  // A pipe that breaks ends like one that is closed.
  stream.once('error', () => stream.destroy());
  stream.once('end', () => {
    give(rest);
    sink.end();
  });
}

/**
 * Passes on 200 lines per minute. At the end of the minute or the stream come the last 20 of the others, after a line with the number of
 * dropped ones.
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
