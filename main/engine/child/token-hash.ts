import { createHash } from 'node:crypto';
import type { Token } from 'node-llama-cpp';

/** A hash of tokens: equal for the same ids in the same order. */
export function hashTokens(tokens: readonly Token[]): string {
  return createHash('sha256')
    .update(Buffer.from(Uint32Array.from(tokens).buffer))
    .digest('hex');
}
