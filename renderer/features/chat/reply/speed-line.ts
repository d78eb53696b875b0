/** How fast a reply was written, over its course, as far as this window watched. */

export interface SpeedSample {
  /** Milliseconds on any clock. */
  readonly atMs: number;
  /** Characters that were there then. */
  readonly length: number;
}

/** Shorter replies have no course to speak of. */
const LEAST_MS = 1_000;
const LEAST_SAMPLES = 8;

/**
 * Characters per second in each of `slices` equal parts of the time between the first and the last sample, which must be in order.
 * Empty where there is too little to draw.
 */
export function speedCourse(samples: readonly SpeedSample[], slices = 24): readonly number[] {
  const [first] = samples;
  const last = samples.at(-1);
  if (!first || !last || samples.length < LEAST_SAMPLES || last.atMs - first.atMs < LEAST_MS) return [];
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

/** Samples of the replies that were written lately; older ones are forgotten. */
const MAX_REPLIES = 40;
const MAX_SAMPLES = 2_000;
const recorded = new Map<string, SpeedSample[]>();

/** Notes how long a reply is now. */
export function noteLength(messageId: string, length: number, atMs: number): void {
  let samples = recorded.get(messageId);
  if (!samples) {
    samples = [];
    recorded.set(messageId, samples);
    const [oldest] = recorded.keys();
    if (recorded.size > MAX_REPLIES && oldest !== undefined) recorded.delete(oldest);
  }
  if (samples.at(-1)?.length === length) return;
  // A very long reply keeps every second sample: its course stays the same.
  if (samples.length >= MAX_SAMPLES)
    samples.splice(0, samples.length, ...samples.filter((_, index) => index % 2 === 0));
  samples.push({ atMs, length });
}

/** What was noted of a reply, first to last. */
export function samplesOf(messageId: string): readonly SpeedSample[] {
  return recorded.get(messageId) ?? [];
}
