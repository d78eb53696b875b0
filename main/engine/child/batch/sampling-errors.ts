/** Errors while a token is chosen, and its time. Left to node-llama-cpp, such an error is caught by nobody and ends the process with all its replies. */
import type { LlamaContext } from 'node-llama-cpp';
import { AppError } from '../../../../preload/wire/errors.ts';

/** What the library takes for a token that could not be chosen: the reply that asked for it then ends with `NOT_CHOSEN`. */
const NO_TOKEN = -1;
/** The message of the library's error. */
const NOT_CHOSEN = 'Failed to sample next token';

type SampleToken = (index: number, sampler: unknown, ...asArray: boolean[]) => Promise<unknown>;

export interface SamplingWatch {
  /** The longest time for which a token is being chosen now, in milliseconds; null while none is. */
  samplingMs(): number | null;
}

interface SamplingWatchOptions {
  readonly now?: () => number;
  /** Gets what llama.cpp said of a choice that failed. Default: standard error, which is the app's log. */
  readonly onFault?: (text: string) => void;
  /** What a choice that failed gives: a token, its probabilities and its confidence. Default: no token. */
  readonly failed?: readonly [token: number, probabilities?: undefined, confidence?: number];
}

/** Makes errors of `context` while it chooses a token end the one reply that asked for it, and times each choice. */
export function watchSampling(
  context: LlamaContext,
  { now = () => performance.now(), onFault = toStderr, failed = [NO_TOKEN] }: SamplingWatchOptions = {},
): SamplingWatch {
  const begun = new Set<{ readonly atMs: number }>();
  const native = Reflect.get(context, '_ctx') as { sampleToken: SampleToken };
  const sample = native.sampleToken.bind(native);
  const kept: SampleToken = async (index, sampler, ...asArray) => {
    const choice = { atMs: now() };
    begun.add(choice);
    try {
      return await sample(index, sampler, ...asArray);
    } catch (error) {
      // The piece that a grammar refused is text of the reply, which no log gets.
      onFault(String(error).replace(/(?<=\bpiece\b)[^]*/, ''));
      return asArray.length > 0 ? failed : failed[0];
    } finally {
      begun.delete(choice);
    }
  };
  Object.defineProperty(native, 'sampleToken', { value: kept });
  return {
    samplingMs() {
      // In the order of their beginnings.
      const [first] = begun;
      return first === undefined ? null : now() - first.atMs;
    },
  };
}

const toStderr = (text: string): void => void process.stderr.write(`A token could not be chosen: ${text}\n`);

/** The error of a reply whose next token could not be chosen; any other error as it is. */
export function samplingError(error: unknown, hasGrammar: boolean): unknown {
  if (!(error instanceof Error) || error.message !== NOT_CHOSEN) return error;
  return hasGrammar
    ? grammarHasNoToken()
    : new AppError('unsupported', 'This model gave no token that could be chosen.');
}

/** The error of a reply whose grammar allows neither a next token nor the end. */
export const grammarHasNoToken = (): AppError =>
  new AppError('invalid_input', 'The grammar allows no text here that this model can write.', {
    ...{ reason: 'grammar_no_token', field: 'grammar' },
  });
