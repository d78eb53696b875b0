/** Files with hostile headers in the shared cache, and imported ones: listed with what is wrong, deleted in the app, and main lives on. */
import { mkdtempSync, rmSync } from 'node:fs';
import { readdir, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { LocalModel, ModelsEvent } from '../../../preload/contract/library.ts';
import { serveFolder, type ServedApp } from '../../support/app-setup.ts';
import { putFile } from '../../support/cache-setup.ts';
import { headerBytes, oddHeaders, soundPlan, u64 } from '../../support/odd-headers.ts';

let folder: string;
let app: ServedApp;

async function put(name: string, bytes: Buffer): Promise<void> {
  await putFile(join(folder, 'cache'), { repoId: `owner/${name}`, path: 'x.gguf', bytes, ref: 'main' });
}
/** A file whose only value claims `claimedBytes`, sparse where the disk can do that. */
async function putSparse(name: string, claimedBytes: number, fileBytes: number): Promise<void> {
  const long = { key: Buffer.from('long'), value: { type: 8, bytes: u64(claimedBytes) } };
  const plan = { ...soundPlan(), entries: [long], tensors: [] };
  await put(name, headerBytes(plan));
  const snapshots = join(folder, 'cache', `models--owner--${name}`, 'snapshots');
  const [commit = ''] = await readdir(snapshots);
  await truncate(join(snapshots, commit, 'x.gguf'), fileBytes);
}
async function listed(name: string): Promise<LocalModel | undefined> {
  const { models } = await app.call<ModelsEvent>('library.rescan');
  return models.find(({ id }) => id === `owner/${name}/x.gguf`);
}
async function importOf(name: string, bytes: Buffer): Promise<{ status: number; body: unknown }> {
  const headers = { authorization: `Bearer ${app.token}` };
  const answer = await fetch(`${app.origin}/import/${name}.gguf`, {
    ...{ method: 'POST', headers, body: new Uint8Array(bytes) },
  });
  return { status: answer.status, body: await answer.json() };
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hearth-hostile-'));
  await putSparse('string-6-gb', 6e9, 7e9);
  await putSparse('string-half-gb', 6e8, 7e8);
  for (const { name, bytes } of oddHeaders) await put(name, bytes);
  app = await serveFolder(folder);
});
afterAll(async () => {
  await app.close();
  rmSync(folder, { recursive: true });
});

it.each(['string-6-gb', 'string-half-gb'])('lists a file with a %s and deletes it', async (name) => {
  expect(await listed(name)).toMatchObject({
    problem: { code: 'model.unsupported', data: { reason: 'header_too_long', field: 'long' } },
  });
  await expect(app.call('engine.load', { modelId: `owner/${name}/x.gguf` })).rejects.toMatchObject({
    code: 'model.unsupported',
  });
  await app.call('library.deleteModel', { modelId: `owner/${name}/x.gguf` });
  expect(await listed(name)).toBeUndefined();
});

it('lists each odd file with its field, or its note', async () => {
  const { models } = await app.call<ModelsEvent>('library.rescan');
  for (const { name, expect: is, field } of oddHeaders) {
    const model = models.find(({ id }) => id === `owner/${name}/x.gguf`);
    const found = { code: model?.problem?.code ?? null, field: model?.problem?.data?.['field'] ?? null };
    const isRefused = is === 'corrupt' || is === 'unsupported';
    expect([name, found]).toEqual([name, isRefused ? { code: `model.${is}`, field } : { code: null, field: null }]);
    expect([name, model?.notes.map((note) => note.field)]).toEqual([name, is === 'note' ? [field] : []]);
  }
});

it('refuses at import what it lists as a problem, and tells of what is odd', async () => {
  for (const { name, expect: is, field, bytes } of oddHeaders) {
    if (name === 'bad-magic') continue; // refused as no GGUF file before its header is read
    const { status, body } = await importOf(name, bytes);
    if (is === 'sound') expect([name, status, body]).toMatchObject([name, 200, { notes: [] }]);
    else if (is === 'note') expect([name, body]).toMatchObject([name, { notes: [{ field }] }]);
    else expect([name, status, body]).toMatchObject([name, 422, { error: { code: `model.${is}`, data: { field } } }]);
  }
});
