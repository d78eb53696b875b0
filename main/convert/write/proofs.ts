/**
 * Notes of how far a file is, for sources whose files are proven at their ends. A note is written only where everything that was read so
 * far is proven, so that no byte that an earlier process took from half a file stays in the output.
 */
import type { CheckpointSource } from '../checkpoint/checkpoint-source.ts';
import type { Notes } from './notes.ts';
import type { OutputFile, WrittenSteps } from './output-file.ts';
import type { Step } from './steps.ts';

/** Notes that are written behind the last step of each file, once the file is proven. */
export function createProofs(
  steps: readonly Step[],
  source: Pick<CheckpointSource, 'assertUnchanged'>,
  file: Pick<OutputFile, 'note'>,
  state: () => WrittenSteps,
): Notes {
  const ends = endsOf(steps);
  let work = Promise.resolve();
  async function prove(files: readonly string[], written: WrittenSteps): Promise<void> {
    for (const name of files) await source.assertUnchanged(name);
    await file.note(written);
  }
  return {
    consider(step) {
      const files = ends.get(step);
      if (files === undefined) return;
      const written = state();
      work = work.then(() => prove(files, written));
      work.catch(() => {}); // awaited by `settled`
    },
    settled: () => work,
    last: () => work.catch(() => {}),
  };
}

/** The steps behind which no file that was read before is read again, with the files that were read since the step before. */
function endsOf(steps: readonly Step[]): ReadonlyMap<number, readonly string[]> {
  const lastStep = new Map<string, number>();
  steps.forEach((step, index) => {
    for (const file of filesOf(step)) lastStep.set(file, index);
  });
  const ends = new Map<number, readonly string[]>();
  let open = new Set<string>();
  let end = -1;
  steps.forEach((step, index) => {
    for (const file of filesOf(step)) {
      open.add(file);
      end = Math.max(end, lastStep.get(file) ?? index);
    }
    if (index < end || open.size === 0) return;
    ends.set(index, [...open].sort());
    open = new Set();
  });
  return ends;
}

const filesOf = (step: Step): readonly string[] =>
  step.kind === 'values' ? [] : step.source.stored.map(({ file }) => file);
