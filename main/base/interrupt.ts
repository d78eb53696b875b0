/**
 * npm forwards Ctrl+C to its child, which the terminal has told already: where npm's shell became that child, one Ctrl+C comes as two
 * signals, some milliseconds apart. No one presses twice so fast.
 */
const SAME_INTERRUPT_MS = 500;

/** A listener of signals: the first one calls `end`, a deliberate second one `endAtOnce`. */
export function createInterrupt(
  end: () => void,
  endAtOnce: () => void,
  now: () => number = () => performance.now(),
): () => void {
  let firstAt: number | null = null;
  return () => {
    if (firstAt === null) {
      firstAt = now();
      end();
    } else if (now() - firstAt >= SAME_INTERRUPT_MS) endAtOnce();
  };
}
