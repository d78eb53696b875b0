import { expect, it } from 'vitest';
import { placesOf } from './places.ts';

it.each(['as_written', 'words'] as const)('places the tokens of a long run of white space in one pass, %s', (kind) => {
  const count = 200_000;
  const text = `${'\n'.repeat(count)}a`;
  const pieces = Array.from(text, (char) => ({ bytes: new TextEncoder().encode(char), isControl: false }));
  const begun = performance.now();
  const places = placesOf(text, kind === 'words' ? pieces.slice(-1) : pieces, kind);
  expect(places.at(-1)).toEqual({ start: count, end: count + 1 });
  expect(places).toHaveLength(kind === 'words' ? 1 : count + 1);
  // A pass for each token takes a minute.
  expect(performance.now() - begun).toBeLessThan(10_000);
});
