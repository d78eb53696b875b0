/** Layers as people write them: `4, 8-10`. */
import { quantizeLimits } from '../../../preload/contract/convert.ts';

export type LayerList =
  | { readonly layers: readonly number[]; readonly problem: null }
  /** `wrong`: no numbers and ranges. `outside`: a layer that the model has not. `all`: none would stay. */
  | { readonly layers: readonly number[]; readonly problem: 'wrong' | 'outside' | 'all' };

/** The layers in rising order, each once. An unknown `layerCount` leaves the upper end open. */
export function readLayers(text: string, layerCount: number | null): LayerList {
  const found = new Set<number>();
  // A separator at the end is one after which the next number is still to come.
  const written = text
    .replaceAll(/\s*[-–]\s*/g, '-')
    .trim()
    .replace(/(?<=\d)\s*[,;]$/, '');
  const parts = written === '' ? [] : written.split(/\s*[,;]\s*|\s+/);
  const lastLayer = Math.min((layerCount ?? Infinity) - 1, quantizeLimits.lastLayer);
  for (const part of parts) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part);
    if (match === null) return { layers: [], problem: 'wrong' };
    const first = Number(match[1]);
    const last = match[2] === undefined ? first : Number(match[2]);
    if (last < first) return { layers: [], problem: 'wrong' };
    if (last > lastLayer) return { layers: [], problem: 'outside' };
    for (let layer = first; layer <= last; layer++) found.add(layer);
  }
  const layers = [...found].toSorted((a, b) => a - b);
  return layerCount !== null && layers.length >= layerCount && layers.length > 0
    ? { layers: [], problem: 'all' }
    : { layers, problem: null };
}
