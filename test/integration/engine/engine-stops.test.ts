/** What a caller may stop is over for the caller at once, whatever the child does. Over scripted children. */
import { afterEach, describe, expect, it } from 'vitest';
import { isAppError } from '../../../preload/wire/errors.ts';
import { createLocalProvider } from '../../../main/inference/inference.ts';
import { scriptedModel, startScripted, type ScriptedEngine } from '../../support/scripted-engine.ts';

const model = scriptedModel('a');

let scripted: ScriptedEngine | undefined;
afterEach(async () => {
  await scripted?.engine.close();
  scripted = undefined;
});

describe('tokens that are counted', () => {
  it('are no longer waited for once the caller has gone, and the child works on for others', async () => {
    const asked = Promise.withResolvers<void>();
    const counted = Promise.withResolvers<void>();
    scripted = startScripted({
      async pause(step) {
        if (step !== 'tokens') return;
        asked.resolve();
        await counted.promise;
      },
    });
    const { engine } = scripted;
    await engine.load(model);
    const abort = new AbortController();
    const left = engine.countTokens('a', 'abc', abort.signal);
    const stays = engine.countTokens('a', 'abcd');
    await asked.promise;
    abort.abort();
    await expect(left).rejects.toSatisfy((error) => isAppError(error, 'cancelled'));
    counted.resolve();
    expect(await stays).toBe(4);
    await expect(engine.countTokens('a', 'abc', AbortSignal.abort())).rejects.toSatisfy((error) =>
      isAppError(error, 'cancelled'),
    );
    expect(engine.loaded()).toMatchObject([{ modelId: 'a', leases: 0 }]);
  });
});

describe('the prompt of a chat', () => {
  it('is not waited for once the caller has gone, while its model loads', async () => {
    const loading = Promise.withResolvers<void>();
    const loaded = Promise.withResolvers<void>();
    scripted = startScripted({
      async pause(step) {
        if (step !== 'load') return;
        loading.resolve();
        await loaded.promise;
      },
    });
    const { engine } = scripted;
    const load = engine.load(model);
    await loading.promise;
    const local = createLocalProvider({ engine, findModel: () => Promise.resolve(model) });
    const abort = new AbortController();
    const left = local.prompt('a', { input: { rawPrompt: 'Once' } }, abort.signal);
    abort.abort();
    await expect(left).rejects.toSatisfy((error) => isAppError(error, 'cancelled'));
    loaded.resolve();
    expect(await load).toMatchObject({ status: 'ready' });
  });
});
