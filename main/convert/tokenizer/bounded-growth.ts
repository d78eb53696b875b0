/** Limits on what the steps of a tokenizer.json make of a text: sixty steps that double one letter would take all memory. */
import { invalidTokenizer } from '../vocabulary/refusals.ts';
import type { PackageTokenizer } from './tokenizers-package.ts';

export interface GrowthBounds {
  /** Runs `work` on a text of `length` units. @throws AppError `tokenizer.invalid` (`reason: 'growth'`) where a step makes far more of it. */
  within<T>(length: number, work: () => T): T;
}

/** The compatibility form of one character has at most 18; what is put before a text has some. */
const MAX_GROWTH = 64;
const ALWAYS_ALLOWED = 4096;

/** Puts limits around each normalizer and decoder of the package's tokenizer. */
export function boundGrowth(tokenizer: PackageTokenizer): GrowthBounds {
  let most = Infinity;
  const check = (step: string, length: number): void => {
    if (length > most)
      throw invalidTokenizer('tokenizer.json', 'growth', `Its ${step} makes a text many times as long as it was.`);
  };
  for (const step of leaves(tokenizer.normalizer, 'normalizers')) {
    const { normalize } = step;
    if (typeof normalize !== 'function') continue;
    Object.assign(step, {
      normalize(text: string): unknown {
        const result: unknown = Reflect.apply(normalize, step, [text]);
        if (typeof result === 'string') check('normalizer', result.length);
        return result;
      },
    });
  }
  for (const step of leaves(tokenizer.decoder, 'decoders')) {
    const { decode_chain: decodeChain } = step;
    if (typeof decodeChain !== 'function') continue;
    Object.assign(step, {
      decode_chain(tokens: readonly string[]): unknown {
        const result: unknown = Reflect.apply(decodeChain, step, [tokens]);
        if (Array.isArray(result))
          check(
            'decoder',
            (result as readonly string[]).reduce((sum, { length }) => sum + length, 0),
          );
        return result;
      },
    });
  }
  return {
    within(length, work) {
      most = length * MAX_GROWTH + ALWAYS_ALLOWED;
      try {
        return work();
      } finally {
        most = Infinity;
      }
    },
  };
}

type Leaf = Readonly<Record<string, unknown>>;

/** The steps that have none in them. */
function leaves(step: unknown, inner: 'normalizers' | 'decoders'): Leaf[] {
  if ((typeof step !== 'object' && typeof step !== 'function') || step === null) return [];
  const leaf = step as Leaf;
  const steps = leaf[inner];
  return Array.isArray(steps) ? (steps as readonly unknown[]).flatMap((one) => leaves(one, inner)) : [leaf];
}
