/** Sizes in the tables of architectures: `heads*headSize`, `2*feedForward+hidden`. */
import type { Size } from '../architectures/architecture.ts';

/** The number that `size` stands for. @throws Error for a name that is not in `sizes`, which is a mistake in a table. */
export function evaluateSize(size: Size, sizes: Readonly<Record<string, number>>): number {
  return size.split('+').reduce((sum, term) => {
    const product = term.split('*').reduce((value, factor) => value * numberOf(factor.trim(), sizes), 1);
    return sum + product;
  }, 0);
}

function numberOf(factor: string, sizes: Readonly<Record<string, number>>): number {
  if (/^\d+$/.test(factor)) return Number(factor);
  const value = sizes[factor];
  if (value === undefined) throw new Error(`The size ${factor} is not described.`);
  return value;
}
