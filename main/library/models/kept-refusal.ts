/** What a file's header was refused for, as the database keeps it, so that a file of this kind is not read again while it is unchanged. */
import manifest from '../../../package.json' with { type: 'json' };
import type { ErrorBody } from '../../../preload/wire/errors.ts';

/** Increased with every change of what is refused, so that a header refused by an older version is read again. */
const REFUSAL_FORMAT = 2;
/** What this version of Hearth, with this engine, refuses. */
const refusedBy = `${REFUSAL_FORMAT} ${manifest.version} ${manifest.dependencies['node-llama-cpp']}`;

/** Whether a problem is the header's, and stays while the file is unchanged. A file that is gone or cannot be read now may be back. */
export function isOfHeader({ code }: ErrorBody): boolean {
  return code === 'model.corrupt' || code === 'model.unsupported';
}

/** The refusal in the form in which it is kept; null for an error that is not the header's. */
export function keptRefusal(problem: ErrorBody): unknown {
  return isOfHeader(problem) ? { refusedBy, problem } : null;
}

/** A kept refusal as `JSON.parse` returns it; undefined for anything else, and for one of another version. */
export function readKeptRefusal(kept: unknown): ErrorBody | undefined {
  if (typeof kept !== 'object' || kept === null || !('refusedBy' in kept) || !('problem' in kept)) return undefined;
  return kept.refusedBy === refusedBy ? (kept.problem as ErrorBody) : undefined;
}
