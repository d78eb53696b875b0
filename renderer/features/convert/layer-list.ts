/** Layers as people write them: `4, 8-10`. */

export type LayerList =
  | { readonly layers: readonly number[]; readonly problem: null }
  /** `wrong`: no numbers and ranges. `outside`: a layer that the model has not. `all`: none would stay. */
  | { readonly layers: readonly number[]; readonly problem: 'wrong' | 'outside' | 'all' };

/** The largest number of a layer that is read at all. */
const MAX_LAYER = 9_999;

/** The layers in rising order, each once. An unknown `layerCount` leaves the upper end open. */
export function readLayers(text: string, layerCount: number | null): LayerList {
  const found = new Set<number>();
  const parts = text
    .replaceAll(/\s*[-–]\s*/g, '-')
    .split(/[,;\s]+/)
    .filter((part) => part !== '');
  for (const part of parts) {
    const match = /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(part);
    if (match === null) return { layers: [], problem: 'wrong' };
    const first = Number(match[1]);
    const last = match[2] === undefined ? first : Number(match[2]);
    if (last < first) return { layers: [], problem: 'wrong' };
    if (last > Math.min(MAX_LAYER, (layerCount ?? MAX_LAYER + 1) - 1)) return { layers: [], problem: 'outside' };
    for (let layer = first; layer <= last; layer++) found.add(layer);
  }
  const layers = [...found].toSorted((a, b) => a - b);
  return layerCount !== null && layers.length >= layerCount && layers.length > 0
    ? { layers: [], problem: 'all' }
    : { layers, problem: null };
}
