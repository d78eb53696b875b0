/** What a file's header was refused for, as the database keeps it, so that a file of this kind is not read again while it is unchanged. */
import manifest from '../../../package.json' with { type: 'json' };
import type { ErrorBody } from '../../../preload/wire/errors.ts';

/** Increased with every change of what is refused, so that a header refused by an older version is read again. */
const REFUSAL_FORMAT = 1;
/** What this version of Hearth, with this engine, refuses. */
const refusedBy = `${REFUSAL_FORMAT} ${manifest.version} ${manifest.dependencies['node-llama-cpp']}`;

/** The refusal in the form in which it is kept; null for an error that is not the header's, such as a file that is gone. */
export function keptRefusal(problem: ErrorBody): unknown {
  const isOfHeader = problem.code === 'model.corrupt' || problem.code === 'model.unsupported';
  return isOfHeader ? { refusedBy, problem } : null;
}

/** A kept refusal as `JSON.parse` returns it; undefined for anything else, and for one of another version. */
export function readKeptRefusal(kept: unknown): ErrorBody | undefined {
  if (typeof kept !== 'object' || kept === null || !('refusedBy' in kept) || !('problem' in kept)) return undefined;
  return kept.refusedBy === refusedBy ? (kept.problem as ErrorBody) : undefined;
}
