import { expect, it } from 'vitest';
import { candidatesFor } from './candidates.ts';

const models = async () => [
  { text: 'ember', help: 'the built-in model' },
  { text: 'anna/Story-GGUF', help: '' },
];
const of = async (...words: string[]): Promise<[string[], string | null]> => {
  const { words: found, also } = await candidatesFor(words, models);
  return [found.map(({ text }) => text), also];
};

it('offers commands, and options that stand before one', async () => {
  expect(await of('qu')).toEqual([['quantize'], null]);
  expect(await of('--v')).toEqual([['--version'], null]);
  expect(await of('help', 'bench')).toEqual([['bench'], null]);
  expect((await of(''))[0]).toContain('doctor');
  expect(await of('nonsense', '')).toEqual([[], null]);
});

it('offers models and files where a model stands', async () => {
  expect(await of('info', '')).toEqual([['ember', 'anna/Story-GGUF'], 'files']);
  expect(await of('--json', 'info', 'an')).toEqual([['anna/Story-GGUF'], 'files']);
  expect(await of('info', 'ember', '')).toEqual([[], null]);
  expect(await of('measure', 'ember', 'ember', 'em')).toEqual([['ember'], 'files']);
});

it('offers the options of the command, each once', async () => {
  expect(await of('info', '--te')).toEqual([['--tensors', '--template'].sort().reverse(), null]);
  expect(await of('info', '--template', 'ember', '--te')).toEqual([['--tensors'], null]);
  expect((await of('info', '-'))[0]).toContain('--json');
  expect(await of('info', '--', '-')).toEqual([[], 'files']);
});

it('offers the values of an option, in both spellings', async () => {
  expect(await of('search', '--sort', 'd')).toEqual([['downloads'], null]);
  expect(await of('search', '--sort=d')).toEqual([['--sort=downloads'], null]);
  expect(await of('convert', '-o', '')).toEqual([[], 'files']);
  expect(await of('search', '--limit', '3', 'x')).toEqual([[], null]);
  expect(await of('cache', 'v')).toEqual([['verify'], null]);
  expect(await of('completion', 'f')).toEqual([['fish'], null]);
});
