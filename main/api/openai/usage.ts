/** What OpenAI's answers tell of a reply's end, its tokens and its time. */
import type { GenerateResult } from '../../engine/engine.ts';

export function finishReason({ endReason }: GenerateResult, hasCalls: boolean): 'stop' | 'length' | 'tool_calls' {
  switch (endReason) {
    case 'end_of_turn':
    case 'stop_text':
    case 'stopped':
    case 'tool_calls':
      return hasCalls ? 'tool_calls' : 'stop';
    case 'max_tokens':
    case 'context_full':
      return 'length';
    default:
      return endReason satisfies never;
  }
}

/** The end of a choice. As vLLM does, it names the stop text that ended it, which OpenAI has no field for. */
export function endOf(result: GenerateResult, hasCalls: boolean) {
  const { endReason, stopText } = result;
  return {
    finish_reason: finishReason(result, hasCalls),
    ...(endReason === 'stop_text' && stopText !== undefined && { stop_reason: stopText }),
  };
}

/** Tokens of all replies to one prompt. The prompt counts once, as at OpenAI. */
export function usageOf(results: readonly GenerateResult[]) {
  return usageOfPrompts([results]);
}

/** Tokens of the replies to several prompts. */
export function usageOfPrompts(prompts: readonly (readonly GenerateResult[])[]) {
  const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
  const first = prompts.flatMap(([result]) => result ?? []);
  const all = prompts.flat();
  const prompt = sum(first.map(({ promptTokens }) => promptTokens));
  const completion = sum(all.map(({ generatedTokens }) => generatedTokens));
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: sum(first.map(({ reusedTokens }) => reusedTokens)) },
    completion_tokens_details: { reasoning_tokens: sum(all.map(({ reasoningTokens }) => reasoningTokens ?? 0)) },
  };
}

/** As llama-server tells them, which benchmarks read. */
export function timingsOf(result: GenerateResult | undefined) {
  if (!result) return undefined;
  const { promptTokens, reusedTokens, promptMs, generatedTokens, generateMs } = result;
  const rate = (count: number, ms: number): number | null => (ms > 0 ? (count * 1000) / ms : null);
  const each = (count: number, ms: number): number | null => (count > 0 ? ms / count : null);
  const readTokens = promptTokens - reusedTokens;
  return {
    ...{ cache_n: reusedTokens, prompt_n: readTokens, prompt_ms: promptMs },
    prompt_per_token_ms: each(readTokens, promptMs),
    prompt_per_second: rate(readTokens, promptMs),
    ...{ predicted_n: generatedTokens, predicted_ms: generateMs },
    predicted_per_token_ms: each(generatedTokens, generateMs),
    predicted_per_second: rate(generatedTokens, generateMs),
  };
}
