/** How probable the tokens of a text are for a model, and its perplexity. */
import type { Sampling } from '../../preload/contract/chat.ts';
import type { ScoreStep } from '../../preload/contract/notebook.ts';
import { defaultSampling } from '../../preload/contract/defaults.ts';
import { contextSizeOf, type Inference } from '../inference/inference.ts';
import { createTokenPlaces } from './token-places.ts';

/** Alternatives that are told of each token: as many as can be read at a glance. */
const ALTERNATIVES = 5;
/** A longer window costs more for each token and changes little. */
const MOST_WINDOW_TOKENS = 4096;
/** Only the prompt is evaluated. */
const nothingMore: Sampling = { ...defaultSampling, maxTokens: 0 };

/**
 * The tokens with their probabilities. A text that is longer than the window is read in windows that overlap by half, so that each token
 * but the first looks back on half a window at least. Throws as `notebook.score`.
 */
export async function* score(
  inference: Inference,
  modelId: string,
  text: string,
  signal: AbortSignal,
): AsyncGenerator<ScoreStep> {
  const opening = { signal, retry: true };
  const isLoaded = inference.loaded().some((one) => one.modelId === modelId && one.status !== 'loading');
  if (!isLoaded) yield { type: 'loading', modelName: (await inference.find(modelId)).name };
  const contextSize = await contextSizeOf({ inference, modelId, opening });
  const { tokens } = await inference.tokenize(modelId, text, { special: true, order: opening });
  const start = await startTokens(inference, modelId, signal);
  // One token of the context is left for a reply.
  const window = Math.min(MOST_WINDOW_TOKENS, contextSize - 2) - start.length;
  yield { type: 'begin', tokens: tokens.length, windowTokens: Math.min(window, tokens.length) };
  const places = createTokenPlaces();
  let isFirstText = true;
  let sum = 0;
  let scoredTokens = 0;
  for (let from = 0, done = 0; done < tokens.length && !signal.aborted; from = done - Math.floor(window / 2)) {
    const end = Math.min(tokens.length, from + window);
    const rawPrompt = [...start, ...tokens.slice(from, end).map(({ id }) => id)];
    let skipped = start.length + done - from;
    const request = { modelId, input: { rawPrompt }, sampling: nothingMore, promptLogprobs: ALTERNATIVES, retry: true };
    for await (const event of inference.generate(request, signal)) {
      if (event.type !== 'prompt_tokens') continue;
      const told = event.tokens.slice(skipped);
      skipped = Math.max(0, skipped - event.tokens.length);
      if (told.length === 0) continue;
      for (const { logprob } of told)
        if (logprob !== null) {
          sum += logprob;
          scoredTokens++;
        }
      const placed = places.add(isFirstText ? text : '', told);
      isFirstText = false;
      yield { type: 'tokens', tokens: placed };
    }
    done = end;
  }
  if (signal.aborted) return;
  yield { type: 'end', perplexity: scoredTokens === 0 ? null : Math.exp(-sum / scoredTokens), scoredTokens };
}

/** The tokens that the vocabulary puts before a text. */
async function startTokens(inference: Inference, modelId: string, signal: AbortSignal): Promise<readonly number[]> {
  const order = { signal };
  const idsOf = async (withEnds: boolean): Promise<number[]> =>
    (await inference.tokenize(modelId, 'a', { special: true, withEnds, order })).tokens.map(({ id }) => id);
  const [plain, withEnds] = [await idsOf(false), await idsOf(true)];
  const first = plain[0];
  return first === undefined ? [] : withEnds.slice(0, Math.max(0, withEnds.indexOf(first)));
}
