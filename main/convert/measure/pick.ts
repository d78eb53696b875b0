/** Which of several quantizations is the one to take. */

export interface Candidate {
  readonly sizeBytes: number;
  /** Mean divergence from the reference, in nats. */
  readonly klDivergence: number;
  readonly decodeTokensPerSecond: number;
}

/** Divergences up to this are those of the usual Q4_K_M of a model with some billion parameters: its answers are hardly told apart. */
const CLOSE = 0.05;
/** Sizes within this share of each other count as the same. */
const SAME_SIZE = 1.03;

/**
 * The index of the smallest candidate whose answers stay close to the reference, and of those of its size the fastest; without a close
 * one, the closest. Null for no candidates.
 */
export function pickOf(candidates: readonly Candidate[]): number | null {
  const indexes = candidates.map((_, index) => index);
  const by = (fact: (candidate: Candidate) => number) => (a: number, b: number) => {
    const [left, right] = [candidates[a], candidates[b]];
    return left && right ? fact(left) - fact(right) : 0;
  };
  const close = indexes.filter((index) => (candidates[index]?.klDivergence ?? Infinity) <= CLOSE);
  if (close.length === 0) return indexes.sort(by(({ klDivergence }) => klDivergence))[0] ?? null;
  const smallest = Math.min(...close.map((index) => candidates[index]?.sizeBytes ?? Infinity));
  return (
    close
      .filter((index) => (candidates[index]?.sizeBytes ?? Infinity) <= smallest * SAME_SIZE)
      .sort(by(({ decodeTokensPerSecond }) => -decodeTokensPerSecond))[0] ?? null
  );
}
