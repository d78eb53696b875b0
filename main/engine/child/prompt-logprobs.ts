/** The probabilities of a prompt's own tokens. All of them are evaluated for it, whatever the sequence had. */
import type { ControlledEvaluateInputItem, LlamaModel } from 'node-llama-cpp';
import type { PromptToken } from '../protocol.ts';
import { vocabularySize } from './prompt/token-texts.ts';
import type { EvaluatedPrompt } from './prompt-evaluation.ts';
import { priorityOf } from './batch/batching.ts';
import { logprobOf } from './reply/reply-text.ts';

/** Probabilities of all steps together. Each is a number of the whole vocabulary, of which few are kept. */
const STEP_PROBABILITIES = 1_000_000;
const MOST_STEP_TOKENS = 64;

/** Unsampled: the chain of samplers is empty, so the probabilities are those of the model. */
const generateNext = { probabilities: true, options: { temperature: 0 } } as const;

/**
 * Evaluates all but the last token of the prompt, and tells the tokens of each step with `count` alternatives to each. Other replies have
 * their turns between steps. Ends early when `signal` fires.
 */
export async function* evaluateWithLogprobs(
  model: LlamaModel,
  work: EvaluatedPrompt,
  count: number,
): AsyncGenerator<readonly PromptToken[]> {
  const { prompt, slot, member, pause, signal } = work;
  const { tokens } = prompt;
  const stepTokens = Math.max(1, Math.min(MOST_STEP_TOKENS, Math.floor(STEP_PROBABILITIES / vocabularySize(model))));
  await member().withRepliesPaused(() => slot.sequence.clearHistory());
  const textOf = (at: number): string =>
    tokens[at] === undefined ? '' : model.detokenize([tokens[at]], true, tokens.slice(Math.max(0, at - 4), at));
  const [first] = tokens;
  if (first !== undefined) yield [{ id: first, text: textOf(0), logprob: null }];
  for (let at = 0; at < tokens.length - 1 && !signal.aborted; at += stepTokens) {
    const end = Math.min(tokens.length - 1, at + stepTokens);
    const input = tokens.slice(at, end).map((token): ControlledEvaluateInputItem => [token, { generateNext }]);
    const results = await slot.sequence.controlledEvaluate(input, {
      evaluationPriority: priorityOf(work.priority, slot.index),
    });
    const told = results.flatMap((result, index): PromptToken[] => {
      const position = at + index + 1;
      const token = tokens[position];
      if (token === undefined) return [];
      const before = tokens.slice(Math.max(0, position - 4), position);
      return [logprobOf(model, token, result?.next.probabilities, count, before)];
    });
    await member().betweenSteps();
    await pause();
    yield told;
  }
}
