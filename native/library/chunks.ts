/** A text cut into pieces of the same length. */
import { AppError } from '../../preload/wire/errors.ts';

/** As llama-imatrix and llama-perplexity: fewer chunks say nothing. */
const LEAST_CHUNKS = 2;

/**
 * Whole chunks of `size` tokens, at most `limit` of them; what is left at the end is not used.
 * @throws AppError `convert.unsupported` (`reason: 'text_short'`) when the text has not enough tokens for two.
 */
export function chunksOf(tokens: Int32Array, size: number, limit: number | null): Int32Array[] {
  const neededTokens = size * LEAST_CHUNKS;
  if (tokens.length < neededTokens) {
    const detail = `The text is too short: it has ${tokens.length} tokens for this model, and ${neededTokens} are needed.`;
    throw new AppError('convert.unsupported', detail, {
      reason: 'text_short',
      detail,
      tokenCount: tokens.length,
      neededTokens,
    });
  }
  const count = Math.min(Math.floor(tokens.length / size), limit ?? Infinity);
  return Array.from({ length: count }, (_, index) => tokens.slice(index * size, (index + 1) * size));
}
