/** States of sequences (KV cache) in files, with the check that a file really holds the state it is taken for. */
import { existsSync, mkdirSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import type { LlamaContextSequence, Token } from 'node-llama-cpp';
import type { StateFile } from '../protocol.ts';
import { hashTokens } from './token-hash.ts';

/** Identifies a file without reading it: path, size and modification time. A link is the file that it leads to. */
export function fileKey(file: string): string {
  const { size, mtimeMs } = statSync(file);
  return `${realpathSync(file)}:${size}:${mtimeMs}`;
}

/** Writes the state of a sequence to a file, which appears whole or not at all. */
export async function saveState(sequence: LlamaContextSequence, file: string, stateKey: string): Promise<StateFile> {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const unfinished = `${file}.part`;
  try {
    const { fileSize } = await sequence.saveStateToFile(unfinished);
    const tokens = sequence.contextTokens;
    renameSync(unfinished, file);
    return { path: file, stateKey, tokenCount: tokens.length, tokenHash: hashTokens(tokens), sizeBytes: fileSize };
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
}

/**
 * Loads a saved state into a sequence. `refused` leaves the sequence as it was. `broken` means that the file did not contain that state,
 * and that the sequence is unusable and must be replaced.
 */
export async function loadState(
  sequence: LlamaContextSequence,
  state: StateFile,
  stateKey: string,
): Promise<'loaded' | 'refused' | 'broken'> {
  if (state.stateKey !== stateKey || state.tokenCount >= sequence.contextSize || !existsSync(state.path))
    return 'refused';
  if (state.sizeBytes !== statSync(state.path).size) return 'refused';
  try {
    await sequence.loadStateFromFile(state.path, { acceptRisk: true });
    const tokens = sequence.contextTokens;
    return tokens.length === state.tokenCount && hashTokens(tokens) === state.tokenHash ? 'loaded' : 'broken';
  } catch {
    return 'broken';
  }
}

/** States of prefixes that several chats share (system prompts), for as long as the child lives. */
export interface PrefixStore {
  /** The longest kept prefix of `tokens` with more tokens than `atLeast`. */
  find(tokens: readonly Token[], atLeast: number): StateFile | undefined;
  /** Whether a prefix of exactly these tokens is kept. */
  has(tokens: readonly Token[]): boolean;
  /** Keeps the state of the sequence. Failures are ignored, because they only cost time later. */
  keep(sequence: LlamaContextSequence): Promise<void>;
}

/** Limit for kept prefixes. The least recently used ones are evicted. */
const KEPT_PREFIXES = 4;

/** A store in `folder`, which is made when needed. */
export function createPrefixStore(folder: string, stateKey: string): PrefixStore {
  const kept = new Map<string, StateFile & { readonly tokens: readonly Token[] }>();
  let counter = 0;
  return {
    find(tokens, atLeast) {
      let best: (StateFile & { readonly tokens: readonly Token[] }) | undefined;
      for (const state of kept.values())
        if (
          state.tokenCount > Math.max(atLeast, best?.tokenCount ?? 0) &&
          state.tokenCount < tokens.length &&
          state.tokens.every((token, index) => token === tokens[index])
        )
          best = state;
      if (best) {
        // Most recently used: last in the order of eviction.
        kept.delete(best.tokenHash);
        kept.set(best.tokenHash, best);
      }
      return best;
    },
    has: (tokens) => kept.has(hashTokens(tokens)),
    async keep(sequence) {
      try {
        const file = path.join(folder, `prefix-${++counter}.state`);
        const tokens = sequence.contextTokens;
        const state = await saveState(sequence, file, stateKey);
        kept.set(state.tokenHash, { ...state, tokens });
        for (const old of [...kept.values()].slice(0, -KEPT_PREFIXES)) {
          kept.delete(old.tokenHash);
          rmSync(old.path, { force: true });
        }
      } catch {
        // The disk is full, or the folder is not writable.
      }
    },
  };
}
