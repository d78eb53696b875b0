/** Several replies to one request: its choices, and those of its prompts. */
import type { GenerationOrder, WantedSampling } from './generation.ts';
import { isGiven } from './given.ts';
import type { Exchange } from '../http/exchange.ts';

/** The orders of so many choices. They differ by their seeds where one is given, so that the same request has the same answers. */
export function ordersOf(order: GenerationOrder, count: number): readonly GenerationOrder[] {
  const { seed } = order.sampling;
  return Array.from({ length: count }, (_, index) => {
    const sampling: WantedSampling = isGiven(seed)
      ? { ...order.sampling, seed: (seed + index) % 2 ** 32 }
      : order.sampling;
    return { ...order, sampling };
  });
}

/**
 * Runs the work for each item, at most so many at once, in order. The first that fails ends the others, and its error is thrown when all
 * have ended.
 */
export async function sideBySide<Body, Item, Result>(
  exchange: Exchange<Body>,
  items: readonly Item[],
  most: number,
  work: (exchange: Exchange<Body>, item: Item, index: number) => Promise<Result>,
): Promise<readonly Result[]> {
  const stop = new AbortController();
  const own = { ...exchange, signal: AbortSignal.any([exchange.signal, stop.signal]) };
  const results: Result[] = [];
  let next = 0;
  let failure: { readonly error: unknown } | null = null;
  async function worker(): Promise<void> {
    while (next < items.length && !failure) {
      const index = next++;
      try {
        results[index] = await work(own, items[index] as Item, index);
      } catch (error) {
        failure ??= { error };
        stop.abort();
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, worker));
  if (failure) throw (failure as { readonly error: unknown }).error;
  return results;
}
