import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { limitLines, readLines, type LineSink } from './stderr-lines.ts';

async function linesOf(
  pieces: readonly string[],
  sinkOf?: (onLine: (line: string) => void) => LineSink,
): Promise<string[]> {
  const stream = new PassThrough();
  const lines: string[] = [];
  const onLine = (line: string): unknown => lines.push(line);
  readLines(stream, sinkOf?.(onLine) ?? { line: onLine, end: () => {} });
  for (const piece of pieces) stream.write(piece);
  stream.end();
  await new Promise((resolve) => stream.once('close', resolve));
  return lines;
}
const numbers = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, at) => `${from + at}`);

it('puts lines together from pieces, and gives the last one without its end', async () => {
  expect(await linesOf(['one\r\ntw', 'o\n\n  \nthr', 'ee'])).toEqual(['one', 'two', 'three']);
});

it('gives the first lines of a minute, and at the end the last ones, however many there were', async () => {
  const limited = (onLine: (line: string) => void): LineSink => limitLines(onLine, { linesPerMinute: 3 });
  expect(await linesOf([`${numbers(1, 1000).join('\n')}\nwhy it died`], limited)).toEqual([
    ...['1', '2', '3', '… 978 more lines are left out.'],
    ...numbers(982, 1000),
    'why it died',
  ]);
  expect(await linesOf([numbers(1, 5).join('\n')], limited)).toEqual(['1', '2', '3', '4', '5']);
});

it('gives what it held back when the next minute begins, and then as many again', () => {
  let at = 0;
  const lines: string[] = [];
  const sink = limitLines((line) => lines.push(line), { linesPerMinute: 2, now: () => at });
  for (const line of numbers(1, 30)) sink.line(line);
  expect(lines.splice(0)).toEqual(['1', '2']);
  at = 59_999;
  sink.line('31');
  expect(lines).toEqual([]);
  at = 60_000;
  for (const line of numbers(32, 34)) sink.line(line);
  expect(lines.splice(0)).toEqual(['… 9 more lines are left out.', ...numbers(12, 33)]);
  sink.end();
  expect(lines).toEqual(['34']);
});

it('keeps the beginning of a line without an end, in one piece or in many', async () => {
  const long = `begin ${'x'.repeat(1_000_000)}`;
  const pieces = long.match(/.{1,50000}/g) ?? [];
  for (const given of [[`${long}\nshort\n`], [long], [...pieces, '\nshort']]) {
    const lines = await linesOf(given);
    expect(lines[0]).toBe(long.slice(0, 4000));
    expect(lines.slice(1)).toEqual(given.length === 1 && given[0] === long ? [] : ['short']);
  }
});
