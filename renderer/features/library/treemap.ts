/** Rectangles with areas in proportion: the squarified layout of Bruls, Huizing and van Wijk (2000). */

export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Tile<T> extends Area {
  readonly item: T;
}

/**
 * Fills `area` with one tile per item, largest first, with areas in proportion to `weightOf`. A row is closed when one
 * more item would make its tiles more elongated, which keeps tiles nearly square. Items without weight are left out.
 */
export function squarify<T>(items: readonly T[], weightOf: (item: T) => number, area: Area): readonly Tile<T>[] {
  const weighed = items
    .map((item) => ({ item, weight: weightOf(item) }))
    .filter(({ weight }) => weight > 0)
    .toSorted((a, b) => b.weight - a.weight);
  const total = weighed.reduce((sum, { weight }) => sum + weight, 0);
  if (total === 0 || area.width <= 0 || area.height <= 0) return [];

  const scale = (area.width * area.height) / total;
  const tiles: Tile<T>[] = [];
  let rest: Area = area;
  let from = 0;
  while (from < weighed.length) {
    const side = Math.min(rest.width, rest.height);
    let to = from + 1;
    let sum = (weighed[from]?.weight ?? 0) * scale;
    const largest = sum;
    while (to < weighed.length) {
      const next = (weighed[to]?.weight ?? 0) * scale;
      const last = (weighed[to - 1]?.weight ?? 0) * scale;
      if (worst(largest, next, sum + next, side) > worst(largest, last, sum, side)) break;
      sum += next;
      to++;
    }
    rest = placeRow(weighed.slice(from, to), scale, sum, rest, tiles);
    from = to;
  }
  return tiles;
}

/** The worst aspect ratio in a row, from its largest and its smallest area. */
function worst(largest: number, smallest: number, sum: number, side: number): number {
  return Math.max((side * side * largest) / (sum * sum), (sum * sum) / (side * side * smallest));
}

/** Lays out a row along the shorter side and returns the rest of the area. */
function placeRow<T>(
  row: readonly { readonly item: T; readonly weight: number }[],
  scale: number,
  sum: number,
  area: Area,
  tiles: Tile<T>[],
): Area {
  const upright = area.width >= area.height;
  const thickness = sum / (upright ? area.height : area.width);
  let along = 0;
  for (const { item, weight } of row) {
    const length = (weight * scale) / thickness;
    tiles.push(
      upright
        ? { item, x: area.x, y: area.y + along, width: thickness, height: length }
        : { item, x: area.x + along, y: area.y, width: length, height: thickness },
    );
    along += length;
  }
  return upright
    ? { ...area, x: area.x + thickness, width: Math.max(0, area.width - thickness) }
    : { ...area, y: area.y + thickness, height: Math.max(0, area.height - thickness) };
}

/**
 * The tile next to `from` in the direction of an arrow key: the one with the nearest center. -1 where there is none.
 */
export function neighbor(tiles: readonly Area[], from: number, key: string): number {
  const start = tiles[from];
  if (!start) return -1;
  const middle = (area: Area): readonly [number, number] => [area.x + area.width / 2, area.y + area.height / 2];
  const [startX, startY] = middle(start);
  let best = -1;
  let least = Infinity;
  tiles.forEach((tile, index) => {
    if (index === from) return;
    const [x, y] = middle(tile);
    const [ahead, aside] = offsets(key, x - startX, y - startY);
    if (ahead <= 0.5) return;
    // A tile straight ahead is preferred to a slightly nearer one off to the side.
    const distance = ahead + 2 * Math.abs(aside);
    if (distance < least) [best, least] = [index, distance];
  });
  return best;
}

function offsets(key: string, dx: number, dy: number): readonly [ahead: number, aside: number] {
  switch (key) {
    case 'ArrowRight':
      return [dx, dy];
    case 'ArrowLeft':
      return [-dx, dy];
    case 'ArrowDown':
      return [dy, dx];
    case 'ArrowUp':
      return [-dy, dx];
    default:
      return [-1, 0];
  }
}
