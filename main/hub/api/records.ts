/** What the catalogue remembers between requests and between runs, and when it answers from there. */
import { isAppError } from '../../../preload/wire/errors.ts';
import type { ModelSummary } from '../../model-file/model-summary.ts';

/** A memory, given to `createHub`. Nothing in it is secret; losing it costs requests and nothing else. */
export interface HubRecords {
  /** What was last answered to `key`, as it was written, and when (milliseconds since the epoch). */
  readAnswer(key: string): { readonly answer: unknown; readonly fetchedAt: number } | undefined;
  writeAnswer(key: string, answer: unknown, fetchedAt: number): void;
  /** Headers of one version of a repository, by path. */
  readHeaders(repoId: string, commit: string): ReadonlyMap<string, ModelSummary>;
  writeHeader(repoId: string, commit: string, path: string, summary: ModelSummary): void;
  /** The commits that `main` of these repositories was at. */
  writeHeads(heads: ReadonlyMap<string, string>, at: number): void;
  /** What files of a commit hash to, by path: where the cache holds copies, nothing else says it later. */
  writeHashes(repoId: string, commit: string, hashes: ReadonlyMap<string, string>): void;
}

/** For a program that asks once and ends: remembers nothing. */
export const noRecords: HubRecords = {
  readAnswer: () => undefined,
  writeAnswer: () => {},
  readHeaders: () => new Map(),
  writeHeader: () => {},
  writeHeads: () => {},
  writeHashes: () => {},
};

/** An answer that is younger is given again without a request. */
const FRESH_MS = 60_000;
/** Rises when what is kept under a key changes its form. */
const FORM = 1;

export interface Memory {
  readonly records: HubRecords;
  readonly now: () => number;
  /** No request may be made: then even a fresh answer is an old one, and is dated. */
  readonly offline: boolean;
}

export function answerKey(kind: 'search' | 'model', endpoint: string, input: string): string {
  return `${kind} ${String(FORM)} ${endpoint} ${input}`;
}

/**
 * What `ask` answers, or what it answered less than a minute ago, or, when the Hub is out of reach, whenever it last did: then
 * `cachedAt` says when. Throws what `ask` throws.
 */
export async function remembered<T>(
  memory: Memory,
  key: string,
  ask: () => Promise<T>,
): Promise<{ readonly answer: T; readonly cachedAt: number | null }> {
  const kept = memory.records.readAnswer(key) as { answer: T; fetchedAt: number } | undefined;
  if (kept !== undefined && isFresh(memory, kept)) return { answer: kept.answer, cachedAt: null };
  try {
    const answer = await ask();
    memory.records.writeAnswer(key, answer, memory.now());
    return { answer, cachedAt: null };
  } catch (error) {
    if (kept === undefined || !isOutOfReach(error)) throw error;
    return { answer: kept.answer, cachedAt: kept.fetchedAt };
  }
}

export function isFresh(memory: Memory, kept: { readonly fetchedAt: number }): boolean {
  const age = memory.now() - kept.fetchedAt;
  return !memory.offline && age >= 0 && age < FRESH_MS;
}

/** No answer came, or the Hub said that it cannot give one now. */
export function isOutOfReach(error: unknown): boolean {
  if (isAppError(error, 'hub.offline')) return true;
  const status = isAppError(error, 'hub.bad_response') ? error.data['status'] : null;
  return typeof status === 'number' && status >= 500;
}
