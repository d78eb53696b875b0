/** What a benchmark measures: the sizes that its options name. */
import type { BenchTest } from '../../inference/inference.ts';
import { UsageError, type Values } from '../invocation.ts';

export interface BenchPlan {
  readonly tests: readonly BenchTest[];
  readonly repetitions: number;
  readonly gpuLayers: number | 'auto';
}

const MAX_TOKENS = 1_000_000;
const MAX_REPETITIONS = 1000;
const MAX_THREADS = 512;
const MAX_GPU_LAYERS = 10_000;
/** Rows of one run. */
const MAX_TESTS = 100;

export const nameOf = ({ promptTokens, replyTokens }: BenchTest): string =>
  promptTokens > 0 ? `pp${promptTokens}` : `tg${replyTokens}`;

/** In the order of llama-bench: for each number of threads the prompts, then the replies. @throws UsageError. */
export function planOf(values: Values<'bench'>, cores: number): BenchPlan {
  const prompts = numbersOf('n-prompt', values['n-prompt'], [512], 0, MAX_TOKENS);
  const replies = numbersOf('n-gen', values['n-gen'], [128], 0, MAX_TOKENS);
  const threads = numbersOf('threads', values.threads, [cores], 1, MAX_THREADS);
  const [repetitions = 5] = numbersOf('repetitions', values.repetitions, [5], 1, MAX_REPETITIONS, 1);
  const [gpuLayers = 'auto' as const] = numbersOf('gpu-layers', values['gpu-layers'], [], 0, MAX_GPU_LAYERS, 1);
  const tests = threads.flatMap((count) => [
    ...prompts.map((promptTokens) => ({ promptTokens, replyTokens: 0, threads: count })),
    ...replies.map((replyTokens) => ({ promptTokens: 0, replyTokens, threads: count })),
  ]);
  const wanted = tests.filter(({ promptTokens, replyTokens }) => promptTokens + replyTokens > 0);
  if (wanted.length === 0) throw new UsageError('There is nothing to measure: both --n-prompt and --n-gen are 0.');
  if (wanted.length > MAX_TESTS)
    throw new UsageError(`These are ${wanted.length} measurements. At most ${MAX_TESTS} are made in one run.`);
  return { tests: wanted, repetitions, gpuLayers };
}

function numbersOf(
  name: string,
  text: string | undefined,
  otherwise: readonly number[],
  least: number,
  most: number,
  atMost = MAX_TESTS,
): readonly number[] {
  if (text === undefined) return otherwise;
  const parts = text.split(',').map((part) => part.trim());
  const numbers = parts.map(Number);
  const isRight = parts.every((part, at) => /^\d{1,9}$/.test(part) && numbers[at]! >= least && numbers[at]! <= most);
  if (isRight && numbers.length <= atMost) return [...new Set(numbers)];
  throw new UsageError(
    `--${name} takes ${atMost === 1 ? 'a whole number' : 'whole numbers'} from ${least} to ${most}${atMost === 1 ? '' : ' with commas between them'}, not "${text}".`,
  );
}
