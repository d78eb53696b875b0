import { describe, expect, it } from 'vitest';
import { neighbor, squarify, type Area } from './treemap.ts';

const area: Area = { x: 10, y: 20, width: 600, height: 400 };
const layout = (weights: readonly number[], into: Area = area) => squarify(weights, (weight) => weight, into);

describe('squarify', () => {
  it('lays out the example of the paper as the paper does', () => {
    const tiles = layout([6, 6, 4, 3, 2, 2, 1], { x: 0, y: 0, width: 6, height: 4 });
    const round = (value: number): number => Math.round(value * 100) / 100;
    expect(tiles.map(({ x, y, width, height }) => [x, y, width, height].map(round))).toEqual([
      [0, 0, 3, 2],
      [0, 2, 3, 2],
      [3, 0, 1.71, 2.33],
      [4.71, 0, 1.29, 2.33],
      [3, 2.33, 1.2, 1.67],
      [4.2, 2.33, 1.2, 1.67],
      [5.4, 2.33, 0.6, 1.67],
    ]);
  });

  it('fills the whole area in proportion, without an overlap', () => {
    const weights = Array.from({ length: 60 }, (_, index) => 1 + ((index * 37) % 53) ** 2);
    const tiles = layout(weights);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    for (const tile of tiles) {
      expect(tile.width * tile.height).toBeCloseTo((tile.item / total) * 240_000, 3);
      expect(tile.x).toBeGreaterThanOrEqual(area.x - 1e-6);
      expect(tile.y + tile.height).toBeLessThanOrEqual(area.y + area.height + 1e-6);
      expect(tile.x + tile.width).toBeLessThanOrEqual(area.x + area.width + 1e-6);
    }
    for (const [index, a] of tiles.entries())
      for (const b of tiles.slice(index + 1)) {
        const [w, h] = [
          Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x),
          Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y),
        ];
        expect(Math.min(w, h)).toBeLessThan(1e-6);
      }
  });

  it('leaves out items without size, and draws nothing into an empty area', () => {
    expect(layout([5, 0, -3, 2]).map((tile) => tile.item)).toEqual([5, 2]);
    expect(layout([])).toEqual([]);
    expect(layout([0])).toEqual([]);
    expect(layout([1], { ...area, width: 0 })).toEqual([]);
  });
});

describe('neighbor', () => {
  const grid: Area[] = [
    { x: 0, y: 0, width: 10, height: 10 },
    { x: 10, y: 0, width: 10, height: 10 },
    { x: 0, y: 10, width: 10, height: 10 },
    { x: 10, y: 10, width: 10, height: 10 },
  ];
  it.each([
    [0, 'ArrowRight', 1],
    [0, 'ArrowDown', 2],
    [3, 'ArrowUp', 1],
    [3, 'ArrowLeft', 2],
    [0, 'ArrowLeft', -1],
    [0, 'Enter', -1],
    [9, 'ArrowUp', -1],
  ])('from %i with %s: %i', (from, key, to) => expect(neighbor(grid, from, key)).toBe(to));
});
