/** Python's `textwrap.wrap`, as `wordwrap` calls it. */
import { failure, valueError } from '../values/errors.ts';
import { codePoints, lengthOf } from '../values/text.ts';

const MAX_LINE = 10_000;

export interface WrapForm {
  readonly width: number;
  readonly breaksLong: boolean;
  readonly breaksHyphens: boolean;
}

const space = '[\\t\\n\\v\\f\\r ]';
const wordPunctuation = '[\\p{L}\\p{N}_!"\'&.,?]';
const letter = '[\\p{L}_]';
/** White space, dashes between words, or a word with a hyphen that it may be broken after. */
const chunkForm = new RegExp(
  `(${space}+|(?<=${wordPunctuation})-{2,}(?=[\\p{L}\\p{N}_])|[^\\t\\n\\v\\f\\r ](?:[^\\t\\n\\v\\f\\r ])*?` +
    `(?:-(?:(?<=${letter}{2}-)|(?<=${letter}-${letter}-))(?=${letter}-?${letter})|(?=${space}|$)|` +
    `(?<=${wordPunctuation})(?=-{2,}[\\p{L}\\p{N}_])))`,
  'u',
);
const spaceForm = new RegExp(`(${space}+)`);

const isBlank = (chunk: string): boolean => chunk.trim() === '';

export function wrapText(text: string, form: WrapForm): string[] {
  const { width, breaksLong, breaksHyphens } = form;
  // Finding the chunks of a line of dashes alone takes time by the square of its length.
  if (text.length > MAX_LINE) throw failure('LimitError', `A line to be wrapped has more than ${MAX_LINE} characters.`);
  if (width <= 0) throw valueError(`invalid width ${width} (must be > 0)`);
  const chunks = text
    .split(breaksHyphens ? chunkForm : spaceForm)
    .filter((chunk) => chunk !== undefined && chunk !== '')
    .reverse();
  const lines: string[] = [];
  while (chunks.length > 0) {
    const line: string[] = [];
    let length = 0;
    if (lines.length > 0 && isBlank(chunks.at(-1) ?? '')) chunks.pop();
    while (chunks.length > 0) {
      const next = lengthOf(chunks.at(-1) ?? '');
      if (length + next > width) break;
      line.push(chunks.pop() ?? '');
      length += next;
    }
    const long = chunks.at(-1);
    if (long !== undefined && lengthOf(long) > width) {
      if (breaksLong) {
        const points = codePoints(long);
        let end = width < 1 ? 1 : width - length;
        if (breaksHyphens && points.length > end) {
          const hyphen = points.lastIndexOf('-', end - 1);
          if (hyphen > 0 && points.slice(0, hyphen).some((point) => point !== '-')) end = hyphen + 1;
        }
        line.push(points.slice(0, end).join(''));
        chunks[chunks.length - 1] = points.slice(end).join('');
      } else if (line.length === 0) line.push(chunks.pop() ?? '');
    }
    if (line.length > 0 && isBlank(line.at(-1) ?? '')) line.pop();
    if (line.length > 0) lines.push(line.join(''));
  }
  return lines;
}
