/** Errors while a token is chosen. Left to node-llama-cpp, such an error is caught by nobody and ends the process with all its replies. */
import type { LlamaContext } from 'node-llama-cpp';
import { AppError } from '../../../../preload/wire/errors.ts';

/** What the library takes for a token that could not be chosen: the reply that asked for it then ends with `NOT_CHOSEN`. */
const NO_TOKEN = -1;
/** The message of the library's error. */
const NOT_CHOSEN = 'Failed to sample next token';

type SampleToken = (index: number, sampler: unknown, ...asArray: boolean[]) => Promise<unknown>;

/** Makes errors of `context` while it chooses a token end the one reply that asked for it. */
export function keepSamplingErrors(context: LlamaContext): void {
  const native = Reflect.get(context, '_ctx') as { sampleToken: SampleToken };
  const sample = native.sampleToken.bind(native);
  const kept: SampleToken = async (index, sampler, ...asArray) => {
    try {
      return await sample(index, sampler, ...asArray);
    } catch {
      return asArray.length > 0 ? [NO_TOKEN] : NO_TOKEN;
    }
  };
  Object.defineProperty(native, 'sampleToken', { value: kept });
}

/** The error of a reply whose next token could not be chosen; any other error as it is. */
export function samplingError(error: unknown, hasGrammar: boolean): unknown {
  if (!(error instanceof Error) || error.message !== NOT_CHOSEN) return error;
  return hasGrammar
    ? new AppError('invalid_input', 'The grammar allows no text here that this model can write.', {
        ...{ reason: 'grammar_no_token', field: 'grammar' },
      })
    : new AppError('unsupported', 'This model gave no token that could be chosen.');
}
