import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { readLines } from './stderr-lines.ts';

async function linesOf(pieces: readonly string[], maxLines?: number): Promise<string[]> {
  const stream = new PassThrough();
  const lines: string[] = [];
  readLines(stream, (line) => lines.push(line), maxLines);
  for (const piece of pieces) stream.write(piece);
  stream.end();
  await new Promise((resolve) => stream.once('close', resolve));
  return lines;
}

it('puts lines together from pieces, and gives the last one without its end', async () => {
  expect(await linesOf(['one\r\ntw', 'o\n\n  \nthr', 'ee'])).toEqual(['one', 'two', 'three']);
});

it('says that there is more after so many lines, once', async () => {
  expect(await linesOf(['1\n2\n3\n4\n5\n'], 3)).toEqual(['1', '2', '3', '… It printed more, which is left out.']);
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
