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

/** Shortest window of a speed. A shared processor's stalls, and the burst after one, are shorter. */
const WINDOW_MS = 1_000;
/** A window is at least this part of the reply, so that a long reply has a calm line. */
const WINDOW_SHARE = 1 / 8;

/**
 * Characters per second at `points` times between the first and the last sample. Each is the mean of a window around its
 * time, which is moved inward at the ends. Samples must be in order. Empty for too few samples.
 */
export function speedCourse(samples: readonly SpeedSample[], points = 24): readonly number[] {
  const [first] = samples;
  const last = samples.at(-1);
  if (!first || !last || samples.length < MIN_SAMPLES || last.atMs - first.atMs < MIN_MS) return [];
  const spanMs = last.atMs - first.atMs;
  const windowMs = Math.max(WINDOW_MS, spanMs * WINDOW_SHARE);
  const starts = Array.from({ length: points }, (_, point) => {
    const middleMs = first.atMs + ((point + 0.5) * spanMs) / points;
    return Math.min(last.atMs - windowMs, Math.max(first.atMs, middleMs - windowMs / 2));
  });
  const before = lengthsAt(samples, starts);
  const after = lengthsAt(
    samples,
    starts.map((atMs) => atMs + windowMs),
  );
  return after.map((length, point) => (Math.max(0, length - (before[point] ?? 0)) / windowMs) * 1000);
}

/** The lengths at `times`, which are in order; between two samples the length grows evenly. */
function lengthsAt(samples: readonly SpeedSample[], times: readonly number[]): readonly number[] {
  let next = 1;
  return times.map((atMs) => {
    while (next < samples.length - 1 && (samples[next]?.atMs ?? Infinity) < atMs) next++;
    const before = samples[next - 1];
    const after = samples[next];
    if (!before || !after) return 0;
    const spanMs = after.atMs - before.atMs;
    const share = spanMs <= 0 ? 1 : Math.min(1, Math.max(0, (atMs - before.atMs) / spanMs));
    return before.length + (after.length - before.length) * share;
  });
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
