/** Storage, imports and other programs' models through the app's contract. */
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ModelsEvent } from '../../../preload/contract/library.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { serveFolder, type ServedApp } from '../../support/app-setup.ts';
import { commits, exists, putFile, tree } from '../../support/cache-setup.ts';
import { writeScriptedShards } from '../../support/made-models.ts';

const ember = join(import.meta.dirname, '../../../assets/models/ember-3M-Q8_0.gguf');
let folder: string;
let app: ServedApp;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hearth-app-'));
  const home = join(folder, 'home');
  const weights = await readFile(ember);
  const digest = createHash('sha256').update(weights).digest('hex');
  const ollama = join(home, '.ollama/models');
  await mkdir(join(ollama, 'blobs'), { recursive: true });
  await mkdir(join(ollama, 'manifests/registry.ollama.ai/library/ember'), { recursive: true });
  await copyFile(ember, join(ollama, 'blobs', `sha256-${digest}`));
  await writeFile(
    join(ollama, 'manifests/registry.ollama.ai/library/ember/3m'),
    JSON.stringify({ layers: [{ mediaType: 'application/vnd.ollama.image.model', digest: `sha256:${digest}` }] }),
  );
  await putFile(join(folder, 'cache'), { path: 'x.gguf', bytes: weights, ref: 'main' });
  await putFile(join(folder, 'cache'), { repoId: 'o/other', path: 'config.json', bytes: '{}' });
  app = await serveFolder(folder);
});
afterAll(async () => {
  await app.close();
  rmSync(folder, { recursive: true });
});

const call = <T>(route: string, input?: object): Promise<T> => app.call<T>(route, input);
const send = (name: string, body: BodyInit, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${app.origin}/import/${encodeURIComponent(name)}`, {
    method: 'POST',
    body,
    headers: { authorization: `Bearer ${app.token}`, ...headers },
  });

describe('through the contract', () => {
  it('takes a file only from the page', async () => {
    const bytes = await readFile(ember);
    expect((await send('x.gguf', bytes, { authorization: 'Bearer wrong' })).status).toBe(401);
    expect((await send('x.gguf', bytes, { origin: 'https://evil.example' })).status).toBe(401);
    for (const [name, body] of [
      ['../../x.gguf', bytes],
      ['x.exe', bytes],
      ['x.gguf', Buffer.from('no model at all, but long enough')],
    ] as const) {
      const answer = await send(name, body);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(await answer.json()).toMatchObject({
        error: { code: expect.stringMatching(/invalid_input|unsafe_name/) },
      });
    }
    expect(
      await exists(join(folder, 'data/imported')).then((is) => (is ? tree(join(folder, 'data/imported')) : [])),
    ).toEqual([]);
    const answer = await send('dropped.gguf', bytes);
    expect(await answer.json()).toEqual({ modelId: 'imported/files/dropped.gguf', notes: [] });
    const { models } = await call<ModelsEvent>('library.rescan');
    expect(models.map(({ id, origin: of }) => [id, of]).sort()).toEqual([
      ['hearth/ember-3M/ember-3M-Q8_0.gguf', 'built_in'],
      ['imported/files/dropped.gguf', 'imported'],
      ['ollama/ember/3m.gguf', 'ollama'],
      ['owner/name/x.gguf', 'hub'],
    ]);
  });

  it('answers a drop with the model that the file is part of, and deletes that whole', async () => {
    const names = ['Set.part1.gguf', 'Set.part2.gguf'];
    const files = names.map((name) => join(folder, name));
    writeScriptedShards(files, { pieces: ['a'] });
    const told: unknown[] = [];
    for (const [index, name] of names.entries()) {
      const answer = await send(name, await readFile(files[index] ?? ''));
      told.push(((await answer.json()) as { modelId: string }).modelId);
    }
    const modelId = 'imported/files/Set.part1.gguf';
    expect(told).toEqual([modelId, modelId]);
    const ids = async () => (await call<ModelsEvent>('library.rescan')).models.map(({ id }) => id);
    expect((await ids()).filter((id) => id.includes('Set'))).toEqual([modelId]);
    await call('library.deleteModel', { modelId });
    expect((await ids()).filter((id) => id.includes('Set'))).toEqual([]);
  });

  it('loads a model of Ollama in place, and deletes nothing of it', async () => {
    await call('engine.load', { modelId: 'ollama/ember/3m.gguf' });
    await call('engine.unload', { modelId: 'ollama/ember/3m.gguf' });
    await expect(call('library.deleteModel', { modelId: 'ollama/ember/3m.gguf' })).rejects.toMatchObject({
      code: 'unsupported',
    });
  });

  it('pins, deletes and restores', async () => {
    await call('library.pin', { modelId: 'owner/name/x.gguf', pinned: true });
    const pinned = await call<ModelsEvent>('library.rescan');
    expect(pinned.models.find(({ id }) => id === 'owner/name/x.gguf')).toMatchObject({ pinned: true });
    const deletion = await call<{ token: string; freedBytes: number }>('library.delete', { repoId: 'owner/name' });
    expect(deletion.freedBytes).toBe((await readFile(ember)).length);
    const ids = async () => (await call<ModelsEvent>('library.rescan')).models.map(({ id }) => id);
    expect(await ids()).not.toContain('owner/name/x.gguf');
    expect(await call('library.undoDelete', { token: deletion.token })).toEqual({ restored: true });
    expect(await ids()).toContain('owner/name/x.gguf');
    await call('library.deleteModel', { modelId: 'owner/name/x.gguf' });
    expect(await ids()).not.toContain('owner/name/x.gguf');
    expect(await call('library.undoDeleteModel', { modelId: 'owner/name/x.gguf' })).toEqual({ restored: true });
    await expect(call('library.delete', { repoId: 'no/where' })).rejects.toMatchObject({ code: 'not_found' });
    expect(await exists(join(folder, 'cache/models--owner--name/snapshots', commits[0], 'x.gguf'))).toBe(true);
  });

  it('verifies files as a job, and refuses a setting that the environment fixes', async () => {
    const { jobId } = await call<{ jobId: string }>('library.verify');
    await expect
      .poll(async () =>
        (await call<{ lines: { text: string }[] }>('jobs.log', { jobId })).lines.map(({ text }) => text).join(),
      )
      .toContain('2 files checked, 0 damaged.');
    await expect(call('library.move', { choiceId: 'hearth' })).rejects.toMatchObject({ code: 'unsupported' });
    await expect(call('library.pickFiles')).rejects.toMatchObject({ code: 'unsupported' });
    await expect(call('library.checkUpdates')).rejects.toMatchObject({ code: 'hub.offline' });
    expect(await call('library.clean')).toEqual({ freedBytes: 0 });
  });
});
