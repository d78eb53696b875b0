import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { addToHistory, MAX_ENTRIES, readHistory } from './history.ts';

function folder(): string {
  const made = mkdtempSync(path.join(os.tmpdir(), 'hearth-history-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

it('keeps what was typed for the user alone, the newest first and each once', () => {
  const data = path.join(folder(), 'data');
  expect(readHistory(data)).toEqual([]);
  addToHistory(data, ['b', 'a']);
  addToHistory(data, ['c', 'a', ' ', 'x'.repeat(5000)]);
  expect(readHistory(data)).toEqual(['c', 'a', 'b']);
  expect(readdirSync(data)).toEqual(['chat-history.json']);
  if (process.platform !== 'win32') expect(statSync(path.join(data, 'chat-history.json')).mode & 0o777).toBe(0o600);
  addToHistory(
    data,
    Array.from({ length: 2 * MAX_ENTRIES }, (_, at) => `line ${at}`),
  );
  expect(readHistory(data)).toHaveLength(MAX_ENTRIES);
});

it.each(['', '{', '{}', '[1, null, {"a": 1}]', '[['])('takes no harm from a file of %j', (content) => {
  const data = folder();
  writeFileSync(path.join(data, 'chat-history.json'), content);
  expect(readHistory(data)).toEqual([]);
  addToHistory(data, ['a']);
  expect(readHistory(data)).toEqual(['a']);
});
