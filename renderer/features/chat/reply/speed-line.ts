/** The speed of a reply over its course, from samples of this window. */

export interface SpeedSample {
  /** Milliseconds on any clock. */
  readonly atMs: number;
  /** Characters at that time. */
  readonly length: number;
}

/** Shorter replies have no meaningful course. */
const MIN_MS = 1_000;
const MIN_SAMPLES = 8;

/**
 * Characters per second in each of `slices` equal parts of the time between the first and the last sample. Samples must
 * be in order. Empty for too few samples.
 */
export function speedCourse(samples: readonly SpeedSample[], slices = 24): readonly number[] {
  const [first] = samples;
  const last = samples.at(-1);
  if (!first || !last || samples.length < MIN_SAMPLES || last.atMs - first.atMs < MIN_MS) return [];
  const sliceMs = (last.atMs - first.atMs) / slices;
  let next = 1;
  const lengthAt = (atMs: number): number => {
    while (next < samples.length - 1 && (samples[next]?.atMs ?? Infinity) < atMs) next++;
    const [before, after] = [samples[next - 1] ?? first, samples[next] ?? last];
    const spanMs = after.atMs - before.atMs;
    const share = spanMs <= 0 ? 1 : Math.min(1, Math.max(0, (atMs - before.atMs) / spanMs));
    return before.length + (after.length - before.length) * share;
  };
  const lengths = Array.from({ length: slices + 1 }, (_, slice) => lengthAt(first.atMs + slice * sliceMs));
  return lengths.slice(1).map((length, slice) => (Math.max(0, length - (lengths[slice] ?? 0)) / sliceMs) * 1000);
}

/** Samples of the most recent replies; older ones are dropped. */
const MAX_REPLIES = 40;
const MAX_SAMPLES = 2_000;
const recorded = new Map<string, SpeedSample[]>();

/** Adds a sample of a reply's length. */
export function noteLength(messageId: string, length: number, atMs: number): void {
  let samples = recorded.get(messageId);
  if (!samples) {
    samples = [];
    recorded.set(messageId, samples);
    const [oldest] = recorded.keys();
    if (recorded.size > MAX_REPLIES && oldest !== undefined) recorded.delete(oldest);
  }
  if (samples.at(-1)?.length === length) return;
  // A very long reply keeps every second sample: the line keeps its shape.
  if (samples.length >= MAX_SAMPLES)
    samples.splice(0, samples.length, ...samples.filter((_, index) => index % 2 === 0));
  samples.push({ atMs, length });
}

/** The samples of a reply, oldest first. */
export function samplesOf(messageId: string): readonly SpeedSample[] {
  return recorded.get(messageId) ?? [];
}
