/** What a file's header was refused for, as the database keeps it, so that a file of this kind is not read again while it is unchanged. */
import manifest from '../../../package.json' with { type: 'json' };
import type { ErrorBody } from '../../../preload/wire/errors.ts';

/** Increased with every change of what is refused, so that a header refused by an older version is read again. */
const REFUSAL_FORMAT = 2;
/** What this version of Hearth, with this engine, refuses. */
const refusedBy = `${REFUSAL_FORMAT} ${manifest.version} ${manifest.dependencies['node-llama-cpp']}`;

/** Whether what a reading found holds while the file is unchanged. A file that is gone or could not be read may be back. */
export function isLasting(problem: ErrorBody | null): boolean {
  return problem === null || problem.code === 'model.corrupt' || problem.code === 'model.unsupported';
}

/** The refusal in the form in which it is kept; null for an error that is not the header's. */
export function keptRefusal(problem: ErrorBody): unknown {
  return isLasting(problem) ? { refusedBy, problem } : null;
}

/** A kept refusal as `JSON.parse` returns it; undefined for anything else, and for one of another version. */
export function readKeptRefusal(kept: unknown): ErrorBody | undefined {
  if (typeof kept !== 'object' || kept === null || !('refusedBy' in kept) || !('problem' in kept)) return undefined;
  return kept.refusedBy === refusedBy ? (kept.problem as ErrorBody) : undefined;
}
