/** Why a load failed, as a typed error. llama.cpp gives its reasons only in its log. */
import { AppError } from '../../../preload/wire/errors.ts';

/** `complaints` are the errors that llama.cpp logged during the load, `error` is what the library threw. */
export function loadError(complaints: readonly string[], error: unknown): AppError {
  const message = error instanceof Error ? error.message : String(error);
  const all = [...complaints, message].join('\n');
  const reason = (complaints.find((line) => /error|fail|unknown|invalid/i.test(line)) ?? message).slice(0, 300);
  if (/unknown model architecture|unsupported model|unknown pre-tokenizer/i.test(all))
    return new AppError('model.unsupported', `This version of llama.cpp cannot run the model: ${reason}`, { reason });
  // A quantized cache is kept in blocks, and an attention head must be a whole number of them.
  const refused = complaints.find((line) => /cache type .* does not divide/.test(line));
  if (refused !== undefined)
    return new AppError('unsupported', "This model's context cannot be kept in that precision.", {
      ...{ setting: 'kvCacheType', reason: refused.slice(0, 300) },
    });
  if (/alloc|out of memory|insufficient memory|cannot allocate|too large for|failed to create context/i.test(all))
    return new AppError('engine.out_of_memory', 'There was not enough memory to load the model.', { reason });
  return new AppError('model.corrupt', `The model could not be loaded: ${reason}`, { reason });
}
