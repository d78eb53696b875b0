import { mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { headerBytes, soundPlan } from '../../../test/support/odd-headers.ts';
import { openStore } from '../../store/store.ts';
import { createModelHeaders } from './model-headers.ts';
import type { ModelFile } from './model-files.ts';

function setUp(bytes: Buffer) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-headers-'));
  const store = openStore(folder, path.join(import.meta.dirname, '../../store/migrations'));
  onTestFinished(() => {
    store.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const openPath = path.join(folder, 'x.gguf');
  const write = (content: Buffer, atSeconds: number): void => {
    writeFileSync(openPath, content);
    utimesSync(openPath, atSeconds, atSeconds);
  };
  write(bytes, 1000);
  const entry = (): ModelFile => {
    const { size, mtimeMs } = statSync(openPath);
    const file = { repoId: 'o/n', commit: '', path: 'x.gguf', openPath, sizeBytes: size, modifiedAtMs: mtimeMs };
    return { ...file, shards: [file], missingShards: 0 };
  };
  return { store, write, entry };
}

const sound = headerBytes(soundPlan());
const broken = Buffer.from(sound);
broken.write('NOPE');

it('keeps what a header was refused for while the file is unchanged, also at the next start', async () => {
  const { store, write, entry } = setUp(broken);
  const first = createModelHeaders(store);
  const { problem } = await first.read('o/n/x.gguf', entry());
  expect(problem).toMatchObject({ code: 'model.corrupt', data: { field: 'the magic number' } });
  first.keep();
  // A sound file of the same size and time: what is answered is what was kept, without a reading.
  write(sound, 1000);
  const next = createModelHeaders(store);
  expect(await next.read('o/n/x.gguf', entry())).toEqual({ summary: null, auxiliary: null, problem });
  write(sound, 2000);
  expect((await next.read('o/n/x.gguf', entry())).problem).not.toEqual(problem);
});

it('keeps no refusal of another version, and none of a file that is gone or lacks shards', async () => {
  const { store, write, entry } = setUp(broken);
  const headers = createModelHeaders(store);
  await headers.read('o/n/x.gguf', entry());
  headers.keep();
  store.prepare(`UPDATE model_headers SET header = json_set(header, '$.refusedBy', 'of before')`).run();
  write(sound, 1000);
  expect((await headers.read('o/n/x.gguf', entry())).problem).not.toMatchObject({
    data: { field: 'the magic number' },
  });
  const gone = { ...entry(), openPath: '/nowhere' };
  for (const file of [
    { ...gone, shards: [gone] },
    { ...entry(), missingShards: 1 },
  ]) {
    const id = file.missingShards === 0 ? 'o/n/gone.gguf' : 'o/n/part.gguf';
    expect((await headers.read(id, file)).problem?.code).toMatch(/^model[.](missing|corrupt)$/);
    headers.keep();
    expect(store.prepare('SELECT count(*) FROM model_headers WHERE model_id = ?').pluck().get(id)).toBe(0);
  }
});

it('keeps the header of joined files beside that of the first one alone', async () => {
  const { store, entry } = setUp(sound);
  const headers = createModelHeaders(store);
  const alone = entry();
  const joined = { ...alone, sizeBytes: alone.sizeBytes * 2, shards: [alone, alone] };
  for (const file of [alone, joined]) await headers.read('o/n/x.gguf', file);
  headers.keep();
  const kept = () => store.prepare('SELECT size_bytes FROM model_headers ORDER BY 1').pluck().all();
  expect(kept()).toEqual([alone.sizeBytes, alone.sizeBytes * 2]);
});
