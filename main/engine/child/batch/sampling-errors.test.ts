import type { LlamaContext } from 'node-llama-cpp';
import { expect, it } from 'vitest';
import { watchSampling } from './sampling-errors.ts';

it('times the token that has been chosen for the longest, with or without a grammar, also one that fails', async () => {
  const choices: PromiseWithResolvers<unknown>[] = [];
  const native = {
    sampleToken() {
      const choice = Promise.withResolvers<unknown>();
      choices.push(choice);
      return choice.promise;
    },
  };
  let nowMs = 100;
  const faults: string[] = [];
  const { samplingMs } = watchSampling({ _ctx: native } as unknown as LlamaContext, {
    now: () => nowMs,
    onFault: (text) => faults.push(text),
  });
  const sample = native.sampleToken as (...input: unknown[]) => Promise<unknown>;
  expect(samplingMs()).toBeNull();
  const first = sample(0, {});
  nowMs = 1100;
  const second = sample(1, {}, true);
  nowMs = 31_100;
  expect(samplingMs()).toBe(31_000);
  choices[0]?.resolve(7);
  expect(await first).toBe(7);
  expect(samplingMs()).toBe(30_000);
  choices[1]?.reject(new Error('Unexpected empty grammar stack after accepting piece: secret (7)'));
  expect(await second).toEqual([-1]);
  expect(faults).toEqual(['Error: Unexpected empty grammar stack after accepting piece']);
  expect(samplingMs()).toBeNull();
});
