import { mkdtempSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { originIn } from './verify-file.ts';

let folder = '';
beforeEach(() => (folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-verify-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('takes a changed tokenizer.json of the same length for another one', async () => {
  const file = path.join(folder, 'tokenizer.json');
  writeFileSync(file, '{"a":1}');
  const first = await originIn(folder);
  writeFileSync(file, '{"b":1}');
  // A clock of the file system may be coarse.
  utimesSync(file, 1_900_000_000, 1_900_000_000);
  const second = await originIn(folder);
  expect(new TextDecoder().decode((await second?.readFiles())?.get('tokenizer.json'))).toBe('{"b":1}');
  expect(second?.key).not.toBe(first?.key);
});

it('reads no tokenizer.json beyond its limit', async () => {
  const file = path.join(folder, 'tokenizer.json');
  writeFileSync(file, '{}');
  truncateSync(file, 1_000_000_000);
  await expect(originIn(folder)).rejects.toMatchObject({
    code: expect.stringMatching(/^(?:convert|tokenizer)\./) as string,
  });
});
