/** Memory for the contexts of vectors is made before the child makes them. Over scripted children. */
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isAppError } from '../../../preload/wire/errors.ts';
import type { EngineModel } from '../../../main/engine/engine.ts';
import { summarizeShards } from '../../../main/library/models/model-files.ts';
import { ember } from '../../support/engine-host-setup.ts';
import { scriptedModel, startScripted, type ScriptedEngine } from '../../support/scripted-engine.ts';

let embedder: EngineModel;
const other = scriptedModel('other', 1000);
const RSS_BYTES = 1e6;

let scripted: ScriptedEngine | undefined;
beforeAll(async () => {
  const entry = { repoId: 'a/b', commit: '', path: 'c.gguf', openPath: ember.path, sizeBytes: ember.weightsBytes };
  const file = { ...entry, modifiedAtMs: 0 };
  const summary = await summarizeShards({ ...file, shards: [file], missingShards: 0 } as Parameters<
    typeof summarizeShards
  >[0]);
  embedder = { ...scriptedModel('embedder', 1000), summary };
});
afterEach(async () => {
  await scripted?.engine.close();
  scripted = undefined;
});

/** Both models in memory, with this much memory for more. */
async function bothIn(freeBytes: number): Promise<{ engine: ScriptedEngine['engine']; asked: string[] }> {
  let budgetBytes: number | null = null;
  const asked: string[] = [];
  scripted = startScripted(
    {
      rssBytes: RSS_BYTES,
      onKill: (child) => asked.push(`end ${child.modelPath}`),
      onEmbed: () => asked.push('embed'),
    },
    { limits: () => ({ memoryBudgetBytes: budgetBytes, idleUnloadMinutes: null }) },
  );
  const { engine } = scripted;
  await engine.load(other);
  await engine.load(embedder);
  budgetBytes = 2 * RSS_BYTES + freeBytes;
  return { engine, asked };
}

describe('a context for vectors', () => {
  it('ends an idle model that would leave too little memory for it, before it is made', async () => {
    const { engine, asked } = await bothIn(1000);
    using lease = await engine.openLoaded('embedder');
    await lease.embed({ texts: ['word '.repeat(40)] });
    expect(asked).toEqual(['end other', 'embed']);
    // It is there now, and asks for no more.
    await engine.load(other).catch(() => {});
    const before = asked.length;
    await lease.embed({ texts: ['word'] });
    expect(asked.slice(before)).toEqual(['embed']);
  });

  it('leaves the other where there is room for both', async () => {
    const { engine, asked } = await bothIn(1e9);
    using lease = await engine.openLoaded('embedder');
    await lease.embed({ texts: ['word'] });
    await lease.rerank({ query: 'word', documents: ['word'] });
    expect(asked).toEqual(['embed']);
  });

  it('is refused while the other is in use, and the child is not asked', async () => {
    const { engine, asked } = await bothIn(1000);
    using used = await engine.openLoaded('other');
    using lease = await engine.openLoaded('embedder');
    for (const refused of [lease.embed({ texts: ['word'] }), lease.rerank({ query: 'word', documents: ['word'] })])
      await expect(refused).rejects.toSatisfy(
        (error) => isAppError(error, 'busy') && error.data['reason'] === 'memory_in_use',
      );
    expect(asked).toEqual([]);
    expect(used.modelId).toBe('other');
  });
});
