/** The chart of a comparison as numbers: where its points, its ticks and its labels are. */
import type { MeasuredModel } from '../../../preload/contract/convert.ts';

export type Against = 'size' | 'speed';
/** What stands for quality: agreement with the reference where it was measured, else perplexity, whose axis is upside down. */
export type Quality = 'agreement' | 'perplexity';

export interface ChartPoint {
  readonly model: MeasuredModel;
  /** As in the table. */
  readonly name: string;
  readonly xValue: number;
  readonly yValue: number;
  /** From the left and from the top, 0 to 1. */
  readonly x: number;
  readonly y: number;
}

export interface Tick {
  readonly value: number;
  /** From the left or from the top, 0 to 1. */
  readonly at: number;
}

export interface Chart {
  readonly quality: Quality;
  readonly points: readonly ChartPoint[];
  readonly xTicks: readonly Tick[];
  readonly yTicks: readonly Tick[];
}

/** Null while fewer than two models are measured: one point shows nothing. */
export function chartOf(models: readonly MeasuredModel[], against: Against): Chart | null {
  const xOf = (model: MeasuredModel): number | null =>
    against === 'size' ? model.sizeBytes : model.decodeTokensPerSecond;
  const withX = models.filter((model) => xOf(model) !== null);
  const quality: Quality =
    withX.filter(({ topAgreement }) => topAgreement !== null).length >= 2 ? 'agreement' : 'perplexity';
  const yOf = (model: MeasuredModel): number | null =>
    quality === 'agreement' ? model.topAgreement : model.perplexity;
  const names = shortNames(models);
  const shown = withX.flatMap((model) => {
    const [xValue, yValue] = [xOf(model), yOf(model)];
    const name = names.get(model.modelId) ?? model.name;
    return xValue === null || yValue === null ? [] : [{ model, name, xValue, yValue }];
  });
  if (shown.length < 2) return null;
  const xScale = scaleOf(
    shown.map(({ xValue }) => xValue),
    { from: 0, to: Infinity },
  );
  const yScale = scaleOf(
    shown.map(({ yValue }) => yValue),
    { from: 0, to: quality === 'agreement' ? 1 : Infinity },
  );
  const xAt = (value: number): number => shareOf(value, xScale);
  const yAt = (value: number): number =>
    quality === 'agreement' ? 1 - shareOf(value, yScale) : shareOf(value, yScale);
  return {
    quality,
    points: shown.map((point) => ({ ...point, x: xAt(point.xValue), y: yAt(point.yValue) })),
    xTicks: xScale.ticks.map((value) => ({ value, at: xAt(value) })),
    yTicks: yScale.ticks.map((value) => ({ value, at: yAt(value) })),
  };
}

/** What each model is called in its table, by id: its quantization, or its whole name where another one has the same quantization. */
export function shortNames(models: readonly MeasuredModel[]): ReadonlyMap<string, string> {
  const counts = Map.groupBy(models, ({ quantization }) => quantization);
  return new Map(
    models.map(({ modelId, name, quantization }) => [
      modelId,
      quantization === null || (counts.get(quantization)?.length ?? 0) > 1 ? name : quantization,
    ]),
  );
}

export interface Scale {
  readonly least: number;
  readonly most: number;
  readonly ticks: readonly number[];
}

/** A scale with some air around the values, within the bounds, and three to six ticks at round numbers. */
export function scaleOf(values: readonly number[], bounds: { readonly from: number; readonly to: number }): Scale {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  // Equal values stand in the middle of a scale of some width.
  const air = (high > low ? high - low : Math.abs(high) || 1) * 0.12;
  const least = Math.max(bounds.from, low - air);
  const most = Math.max(Math.min(bounds.to, high + air), least + air);
  const step = roundStep((most - least) / 4);
  const ticks: number[] = [];
  for (let index = Math.ceil(least / step - 1e-9); index * step <= most + step * 1e-9; index++)
    ticks.push(Number((index * step).toPrecision(12)));
  return { least, most, ticks };
}

/** 1, 2 or 5 times a power of ten, the largest that is not above the rough step by much. */
function roundStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = rough / power;
  return (factor < 1.5 ? 1 : factor < 3.5 ? 2 : factor < 7.5 ? 5 : 10) * power;
}

const shareOf = (value: number, { least, most }: Scale): number => (value - least) / (most - least);

export interface LabelBox {
  /** The middle of the label's line. */
  readonly y: number;
  readonly side: 'start' | 'end';
}

/**
 * Places for labels beside their points, so that none covers another: `x` and `y` in px, labels of one side are moved apart vertically. A
 * label stands on the end side while there is `room` px of width, else before the point.
 */
export function placeLabels(
  points: readonly { readonly x: number; readonly y: number; readonly width: number }[],
  area: { readonly width: number; readonly height: number; readonly line: number },
): readonly LabelBox[] {
  const placed: { x0: number; x1: number; y: number }[] = [];
  const order = points.map((_, index) => index).toSorted((a, b) => (points[a]?.y ?? 0) - (points[b]?.y ?? 0));
  const boxes = new Map<number, LabelBox>();
  for (const index of order) {
    const point = points[index];
    if (point === undefined) continue;
    const side = point.x + 10 + point.width <= area.width ? 'end' : 'start';
    const x0 = side === 'end' ? point.x + 10 : point.x - 10 - point.width;
    const x1 = x0 + point.width;
    const meets = (y: number): boolean =>
      placed.some((other) => x0 < other.x1 && x1 > other.x0 && Math.abs(other.y - y) < area.line);
    let y = point.y;
    for (let tries = 0; meets(y) && tries < 40; tries++) y += area.line / 4;
    if (y > area.height) y = point.y;
    placed.push({ x0, x1, y });
    boxes.set(index, { y, side });
  }
  return points.map((point, index) => boxes.get(index) ?? { y: point.y, side: 'end' });
}
