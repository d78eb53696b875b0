/**
 * Adapters and projectors in the list of models, and models that are loaded with others, through the app's contract.
 */
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultLoadSettings } from '../../../main/engine/engine.ts';
import type { LoadSettings, LoadedModel } from '../../../preload/contract/engine.ts';
import type { ModelsEvent } from '../../../preload/contract/library.ts';
import { serveFolder, type ServedApp } from '../../support/app-setup.ts';
import { putFile } from '../../support/cache-setup.ts';
import { writeLora } from '../../support/lora-file.ts';
import { writeProjector } from '../../support/projector-file.ts';

const stories = join(import.meta.dirname, '../../fixtures/stories260K/stories260K-F32.gguf');
const ids = {
  model: 'owner/stories/stories260K-F32.gguf',
  draft: 'owner/small/draft.gguf',
  // Its name does not show what it is.
  adapter: 'owner/style/x.gguf',
  projector: 'owner/eyes/mmproj.gguf',
};
let folder: string;
let app: ServedApp;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hearth-auxiliary-'));
  const made = join(folder, 'made');
  await mkdir(made);
  writeLora(join(made, 'x.gguf'), 1);
  writeProjector(join(made, 'mmproj.gguf'));
  await copyFile(stories, join(made, 'stories.gguf'));
  const put = async (modelId: string, file: string): Promise<void> => {
    const [owner = '', name = '', path = ''] = modelId.split('/');
    const bytes = await readFile(join(made, file));
    await putFile(join(folder, 'cache'), { repoId: `${owner}/${name}`, path, bytes, ref: 'main' });
  };
  await put(ids.model, 'stories.gguf');
  await put(ids.draft, 'stories.gguf');
  await put(ids.adapter, 'x.gguf');
  await put(ids.projector, 'mmproj.gguf');
  app = await serveFolder(folder);
});
afterAll(async () => {
  await app.close();
  rmSync(folder, { recursive: true });
});

const call = <T>(route: string, input?: object): Promise<T> => app.call<T>(route, input);
const settings = (more: Partial<LoadSettings>): LoadSettings => ({ ...defaultLoadSettings, ...more });
const load = async (more: Partial<LoadSettings>): Promise<LoadedModel> => {
  await call('engine.saveSettings', { modelId: ids.model, settings: settings(more) });
  try {
    return await call<LoadedModel>('engine.load', { modelId: ids.model });
  } finally {
    await call('engine.unload', { modelId: ids.model });
  }
};

describe('auxiliary files', () => {
  it('are listed by their kind, from their headers', async () => {
    const { models } = await call<ModelsEvent>('library.rescan');
    const kindOf = (modelId: string) => {
      const model = models.find(({ id }) => id === modelId);
      return [model?.kind, model?.architecture, model?.problem];
    };
    expect(kindOf(ids.model)).toEqual(['model', 'llama', null]);
    expect(kindOf(ids.adapter)).toEqual(['adapter', 'llama', null]);
    expect(kindOf(ids.projector)).toEqual(['projector', 'clip', null]);
    // Again, from the stored summaries of the headers.
    await call('library.rescan');
    expect(kindOf(ids.adapter)).toEqual(['adapter', 'llama', null]);
  });

  it('are not loaded by themselves, and the error names their kind', async () => {
    await expect(call('engine.load', { modelId: ids.adapter })).rejects.toMatchObject({
      code: 'model.unsupported',
      message: expect.stringContaining('adapter') as unknown,
    });
    await expect(call('engine.load', { modelId: ids.projector })).rejects.toMatchObject({
      code: 'model.unsupported',
      message: expect.stringContaining('projector') as unknown,
    });
  });

  it('are loaded with a model whose settings name them', async () => {
    const loaded = await load({ loras: [{ modelId: ids.adapter, scale: 0.5 }] });
    expect(loaded).toMatchObject({ status: 'ready', error: null });
    const { models } = await call<ModelsEvent>('library.rescan');
    expect(models.find(({ id }) => id === ids.adapter)?.lastUsedAt).not.toBeNull();
    const withDraft = await load({ speculation: { kind: 'draft', modelId: ids.draft } });
    expect(withDraft.notes.map(({ code }) => code)).not.toContain('draft_model_unused');
  });

  it('count as used when a model was loaded with them, and not when an estimate asks for them', async () => {
    const list = (): Promise<ModelsEvent> => call<ModelsEvent>('library.rescan');
    const used = async () => {
      const { models } = await list();
      return models.flatMap(({ id, lastUsedAt, lastRepliedAt }) =>
        id === ids.draft || id === ids.adapter ? [{ id, lastUsedAt, lastRepliedAt }] : [],
      );
    };
    const before = await used();
    const { revision } = await list();
    const asked = settings({
      speculation: { kind: 'draft', modelId: ids.draft },
      loras: [{ modelId: ids.adapter, scale: 1 }],
    });
    await call('engine.saveSettings', { modelId: ids.model, settings: asked });
    await call('engine.settings', { modelId: ids.model });
    for (let contextSize = 256; contextSize < 276; contextSize++)
      await call('engine.estimate', { modelId: ids.model, settings: { ...asked, contextSize } });
    expect(await used()).toEqual(before);
    // Readings of the disk publish the list too, those of this test and of the watcher; twenty estimates add none.
    expect((await list()).revision).toBeLessThan(revision + 15);

    await load(asked);
    for (const [index, { lastUsedAt, lastRepliedAt }] of (await used()).entries()) {
      expect(lastUsedAt).toBeGreaterThan(before[index]?.lastUsedAt ?? 0);
      expect(lastRepliedAt).toBeNull();
    }
  });

  it('are refused in place of each other', async () => {
    await expect(load({ loras: [{ modelId: ids.draft, scale: 1 }] })).rejects.toMatchObject({
      code: 'model.unsupported',
      message: expect.stringContaining('no adapter') as unknown,
    });
    await expect(load({ speculation: { kind: 'draft', modelId: ids.adapter } })).rejects.toMatchObject({
      code: 'model.unsupported',
    });
    await expect(load({ loras: [{ modelId: 'owner/gone/x.gguf', scale: 1 }] })).rejects.toMatchObject({
      code: 'model.missing',
    });
  });

  it('can be imported like models', async () => {
    const answer = await fetch(`${app.origin}/import/style.gguf`, {
      method: 'POST',
      headers: { authorization: `Bearer ${app.token}` },
      body: await readFile(join(folder, 'made/x.gguf')),
    });
    expect(await answer.json()).toEqual({ modelId: 'imported/files/style.gguf', notes: [] });
    const { models } = await call<ModelsEvent>('library.rescan');
    expect(models.find(({ id }) => id === 'imported/files/style.gguf')?.kind).toBe('adapter');
  });
});
