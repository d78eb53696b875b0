/** The samplers of llama.cpp's servers in OpenAI's endpoints, as another Hearth sends them too. */
import { expect, it } from 'vitest';
import type { Sampling } from '../../../preload/contract/chat.ts';
import { chatSchema } from '../../../main/api/openai/chat-body.ts';
import { readSampling } from '../../../main/api/openai/sampling.ts';
import { samplerFields } from '../../../main/inference/remote/samplers.ts';
import { dialectOf } from '../../../main/inference/remote/server.ts';
import { greedy } from '../../support/remote-setup.ts';

const read = (fields: object): Partial<Sampling> =>
  readSampling(chatSchema.parse({ model: 'ember', messages: [{ role: 'user', content: '?' }], ...fields }));

it('are the same behind a request of another Hearth', () => {
  const sampling: Sampling = {
    ...greedy,
    ...{ topK: 20, minP: 0.1, repeatPenalty: 1.2, penaltyTokens: null, minTokens: 3, presencePenalty: 0.5 },
    ...{ frequencyPenalty: 0.25, stop: ['END'], logitBias: [{ token: 5, bias: -10 }] },
    xtc: { probability: 0.5, threshold: 0.2 },
    dry: { strength: 0.8, base: 1.5, allowedLength: 3, lastTokens: 64, breakers: ['\n'] },
  };
  const { fields, notTaken } = samplerFields(sampling, dialectOf('hearth'), 7);
  const { maxTokens, ...rest } = sampling;
  expect(notTaken).toEqual([]);
  expect(read(fields)).toEqual(rest);
  expect([fields['max_tokens'], maxTokens]).toEqual([32, 32]);
});

it('are off where a request says so, and have the penalty of vLLM under its name', () => {
  expect(read({ dry_multiplier: 0, xtc_probability: 0, repetition_penalty: 1.1 })).toEqual({ repeatPenalty: 1.1 });
  expect(read({ repeat_penalty: 1.3, repetition_penalty: 1.1 })).toEqual({ repeatPenalty: 1.3 });
});
