/** States of sequences (KV cache) in files, and the proof that a file is the state it is taken for. Runs in the child. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import type { LlamaContextSequence, Token } from 'node-llama-cpp';
import type { StateFile } from '../protocol.ts';

/** SHA-256 of token ids, as 32-bit little-endian numbers. */
export function hashTokens(tokens: readonly Token[]): string {
  return createHash('sha256')
    .update(Buffer.from(Uint32Array.from(tokens).buffer))
    .digest('hex');
}

/** Identity of a file without reading it: path, size and time of change. */
export function fileKey(file: string): string {
  const { size, mtimeMs } = statSync(file);
  return `${file}:${size}:${mtimeMs}`;
}

/** Writes what a sequence holds. The file appears whole or not at all. */
export async function saveState(sequence: LlamaContextSequence, file: string, stateKey: string): Promise<StateFile> {
  mkdirSync(path.dirname(file), { recursive: true });
  const part = `${file}.part`;
  try {
    const { fileSize } = await sequence.saveStateToFile(part);
    const tokens = sequence.contextTokens;
    renameSync(part, file);
    return { path: file, stateKey, tokenCount: tokens.length, tokenHash: hashTokens(tokens), sizeBytes: fileSize };
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
}

/**
 * Brings a saved state into a sequence. `refused` leaves the sequence as it was; `broken` (a file that is not what it should be)
 * leaves it in no state at all, and it must be thrown away.
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

/** Beginnings that several chats share (system prompts), for as long as the child lives. */
export interface PrefixStore {
  /** The longest kept beginning of `tokens` that is longer than `atLeast`. */
  find(tokens: readonly Token[], atLeast: number): StateFile | undefined;
  /** Whether the beginning of this length is kept. */
  has(tokens: readonly Token[]): boolean;
  /** Keeps what the sequence holds now. Failing to is no error: it only costs time later. */
  keep(sequence: LlamaContextSequence): Promise<void>;
}

const KEPT_PREFIXES = 4;

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
        // Used last: goes last.
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
        // No room, or no right to write there.
      }
    },
  };
}
