/** The cache of the Hub's answers between requests and between runs, and the rules for using it. */
import { isAppError } from '../../../preload/wire/errors.ts';
import type { ModelSummary } from '../../model-file/model-summary.ts';

/** The storage behind the cache, given to `createHub`. It holds no secrets, and losing it only costs requests. */
export interface HubRecords {
  /** The last answer written for `key`, and its time in milliseconds since the epoch. */
  readAnswer(key: string): { readonly answer: unknown; readonly fetchedAt: number } | undefined;
  writeAnswer(key: string, answer: unknown, fetchedAt: number): void;
  /** The summaries of headers of one commit, by path. */
  readHeaders(repoId: string, commit: string): ReadonlyMap<string, ModelSummary>;
  writeHeader(repoId: string, commit: string, path: string, summary: ModelSummary): void;
  /** Keeps the commits of `main` by repository; `at` in milliseconds since the epoch. */
  writeHeads(heads: ReadonlyMap<string, string>, at: number): void;
  /** Keeps the hashes of a commit's files by path: where the cache has copies in place of links, no file name tells them. */
  writeHashes(repoId: string, commit: string, hashes: ReadonlyMap<string, string>): void;
}

/** Keeps nothing: for a program that makes one request and ends. */
export const noRecords: HubRecords = {
  readAnswer: () => undefined,
  writeAnswer: () => {},
  readHeaders: () => new Map(),
  writeHeader: () => {},
  writeHeads: () => {},
  writeHashes: () => {},
};

/** A younger cached answer is returned without a new request. */
const FRESH_MS = 60_000;
/** Increased when the form of cached answers changes. */
const FORMAT = 1;

export interface Memory {
  readonly records: HubRecords;
  readonly now: () => number;
  /** No requests may be made: then even a fresh answer is returned with its date. */
  readonly offline: boolean;
}

export function answerKey(kind: 'search' | 'model', endpoint: string, input: string): string {
  return `${kind} ${String(FORMAT)} ${endpoint} ${input}`;
}

/**
 * The answer of `ask`, or its cached answer when that is less than a minute old. While the Hub is out of reach, the cached answer is
 * returned at any age, with its time in `cachedAt`. Throws what `ask` throws.
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

/** True when no response of the Hub came, or it answered with a server error (5xx). */
export function isOutOfReach(error: unknown): boolean {
  if (isAppError(error) && ['hub.offline', 'network.proxy', 'network.portal'].includes(error.code)) return true;
  const status = isAppError(error, 'hub.bad_response') ? error.data['status'] : null;
  return typeof status === 'number' && status >= 500;
}
