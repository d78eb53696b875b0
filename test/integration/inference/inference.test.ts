import { afterEach, describe, expect, it } from 'vitest';
import { greedy } from '../../support/engine-host-setup.ts';
import { scriptedModel, startScripted, type ScriptedEngine } from '../../support/scripted-engine.ts';
import { createInference, createLocalProvider, type Inference } from '../../../main/inference/inference.ts';

let scripted: ScriptedEngine | undefined;
afterEach(async () => await scripted?.engine.close());

function inferenceOver(findModel = async (id: string) => scriptedModel(id)): Inference {
  scripted = startScripted();
  return createInference(createLocalProvider({ engine: scripted.engine, findModel }));
}
const never = (): Promise<never> => new Promise(() => {});
const request = { modelId: 'a', chatKey: 'c', input: { rawPrompt: 'x' }, sampling: greedy };

describe('a reply that is stopped', () => {
  it('does not wait until the state of another conversation is saved', async () => {
    const inference = inferenceOver();
    const abort = new AbortController();
    const states = { beforeTurn: never, find: () => undefined };
    const seen: string[] = [];
    const reply = (async () => {
      for await (const event of inference.generate({ ...request, states }, abort.signal)) {
        seen.push(event.type);
        if (event.type === 'opened') setImmediate(() => abort.abort());
      }
    })();
    await expect(reply).rejects.toMatchObject({ code: 'cancelled' });
    expect(seen).toEqual(['found', 'opened']);
    expect(inference.loaded()).toMatchObject([{ leases: 0 }]);
  });

  it('does not wait until its model is found', async () => {
    const inference = inferenceOver(never);
    const abort = new AbortController();
    const reply = inference.generate(request, abort.signal).next();
    const counted = inference.count('a', { text: 'x' }, { signal: abort.signal });
    abort.abort();
    await expect(reply).rejects.toMatchObject({ code: 'cancelled' });
    await expect(counted).rejects.toMatchObject({ code: 'cancelled' });
  });
});
