/** The stops of every slider for a context size. */

/** The end of the slider for a model without a known context size. */
const MAX_TOKENS = 131_072;
const MIN_TOKENS = 512;

/**
 * Ascending: powers of two and the sizes halfway between them, because each step costs about as much more as the one
 * before. The last one is the size that the model was trained for.
 */
export function contextSizes(trainedContextSize: number | null): readonly number[] {
  const end = trainedContextSize ?? MAX_TOKENS;
  const sizes: number[] = [];
  for (let size = MIN_TOKENS; size < end; size *= 2) {
    sizes.push(size);
    if (size >= 1024 && size * 1.5 < end) sizes.push(size * 1.5);
  }
  return [...sizes, end];
}

/** The index of the size that is nearest to `tokens`. */
export function nearestSize(sizes: readonly number[], tokens: number): number {
  let best = 0;
  sizes.forEach((size, index) => {
    if (Math.abs(size - tokens) < Math.abs((sizes[best] ?? 0) - tokens)) best = index;
  });
  return best;
}
