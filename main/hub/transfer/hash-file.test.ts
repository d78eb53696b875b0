import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sha256OfFile } from './hash-file.ts';

const bytes = randomBytes(2_500_001);
const never = new AbortController().signal;
let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-hash-file-'));
  file = path.join(folder, 'file');
  writeFileSync(file, bytes);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('hashes a file, the end of one, and nothing', async () => {
  for (const start of [0, 1_000_003, bytes.length]) {
    const expected = createHash('sha256').update(bytes.subarray(start)).digest('hex');
    expect(await sha256OfFile(file, never, start)).toBe(expected);
  }
});

it('ends with the signal’s reason, and with the system’s error', async () => {
  const stop = new AbortController();
  const hash = sha256OfFile(file, stop.signal);
  stop.abort(new Error('Stopped.'));
  await expect(hash).rejects.toThrow('Stopped.');
  await expect(sha256OfFile(path.join(folder, 'missing'), never)).rejects.toMatchObject({ code: 'ENOENT' });
});
