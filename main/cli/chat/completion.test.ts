import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { completeLine } from './completion.ts';

const models = (): Promise<readonly string[]> => Promise.resolve(['ember', 'o/n/a.gguf', 'bad\u001b[2J']);

it.each([
  ['/mo', [['/model '], '/mo']],
  ['/re', [['/retry'], '/re']],
  ['/s', [['/save ', '/set ', '/system '], '/s']],
  ['/model ', [['ember', 'o/n/a.gguf'], '']],
  ['/model o/', [['o/n/a.gguf'], 'o/']],
  ['/set top', [['top-k ', 'top-p '], 'top']],
  ['/system You', [[], 'You']],
  ['/nothing x', [[], 'x']],
  ['a question about /mo', [[], 'a question about /mo']],
  ['/home/me/fi', [[], '/home/me/fi']],
  ['', [[], '']],
])('completes %j', async (line, expected) => {
  expect(await completeLine(line, models)).toEqual(expected);
});

it('offers the files of a folder behind /load and /save, hidden ones only once their dot is there', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-complete-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const name of ['chat.json', 'chat.md', '.hidden']) writeFileSync(path.join(folder, name), '');
  mkdirSync(path.join(folder, 'chats'));
  const at = async (typed: string): Promise<readonly string[]> =>
    (await completeLine(`/load ${folder}/${typed}`, models))[0].map((one) => one.slice(folder.length + 1));
  expect(await at('')).toEqual(['chat.json', 'chat.md', 'chats/']);
  expect(await at('chat.')).toEqual(['chat.json', 'chat.md']);
  expect(await at('.h')).toEqual(['.hidden']);
  expect(await at('missing/x')).toEqual([]);
});

it('offers nothing where the models cannot be asked', async () => {
  const gone = (): Promise<readonly string[]> => Promise.reject(new Error('gone'));
  expect(await completeLine('/model e', gone)).toEqual([[], 'e']);
});
