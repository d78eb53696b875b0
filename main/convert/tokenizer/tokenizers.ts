/**
 * Tokenizers of checkpoints: text to ids with places, and ids to text, from their tokenizer.json without any weights. Each is kept in a
 * child process of its own, which bounds the time and the memory that a file can take.
 */
import type { ChildProcess } from 'node:child_process';
import { AppError } from '../../../preload/wire/errors.ts';
import type { EndErrors } from '../../process/supervise.ts';
import { endedError } from '../child-work.ts';
import { createKeptChildren, type KeptKind, type KeptLimits } from '../kept-children.ts';
import type { TokenizerStructure } from '../vocabulary/tokenizer-structure.ts';
import type { TokenizerFiles } from '../vocabulary/vocabulary-model.ts';
import type { EncodedTexts, TokenizerContract } from './tokenizer-protocol.ts';

/** Whose tokenizer. */
export interface TokenizerOrigin {
  /** Names the contents, such as `OWNER/NAME@COMMIT`: with another key the files are read again. */
  readonly key: string;
  /** The tokenizer's files, of which tokenizer.json alone is needed. It is called when the tokenizer is not kept. */
  readonly readFiles: (signal?: AbortSignal) => Promise<TokenizerFiles>;
}

export interface Tokenizers {
  /**
   * Tokens of texts; with `addSpecialTokens` with those that the tokenizer puts around a text. Special tokens in a text are read as such.
   * @throws AppError `tokenizer.invalid` (data `reason`, `detail`), `cancelled`, and what `readFiles` throws.
   */
  encode(
    origin: TokenizerOrigin,
    texts: readonly string[],
    options: { readonly addSpecialTokens: boolean },
    signal?: AbortSignal,
  ): Promise<EncodedTexts>;
  /** Texts of ids, in order. @throws as `encode`; `tokenizer.invalid` (`reason: 'no_such_id'`) for an id without a token. */
  decode(
    origin: TokenizerOrigin,
    batch: readonly (readonly number[])[],
    options: { readonly skipSpecialTokens: boolean },
    signal?: AbortSignal,
  ): Promise<readonly string[]>;
  /** The steps of a tokenizer and its added tokens, without the vocabulary. @throws as `encode`. */
  structure(origin: TokenizerOrigin, signal?: AbortSignal): Promise<TokenizerStructure>;
  /** Gives back the memory that a tokenizer takes while it is kept, unless a question waits for it. */
  release(origin: TokenizerOrigin): Promise<void>;
  /** Ends the children. */
  close(): Promise<void>;
}

export interface TokenizersOptions {
  /** Starts a tokenizer child whose heap has at most `heapMb`, with a channel that carries bytes. */
  readonly startChild: (heapMb: number) => ChildProcess;
  readonly onStderr?: (line: string, pid: number | undefined) => void;
  readonly limits?: TokenizerLimits;
}

export interface TokenizerLimits extends KeptLimits {
  readonly heapMb: number;
}

/** Two million characters take some seconds; a vocabulary of 256 thousand tokens as well, in some 500 MB. */
const limitsOfTheApp: TokenizerLimits = {
  ...{ questionMs: 60_000, droppedMs: 10_000, idleMs: 5 * 60_000, maxChildren: 3, heapMb: 1024 },
};

export function createTokenizers({ startChild, limits = limitsOfTheApp, onStderr }: TokenizersOptions): Tokenizers {
  const children = createKeptChildren<TokenizerContract>({
    ...{ onStderr, kind, limits },
    startChild: () => startChild(limits.heapMb),
  });

  const question = <T>(
    origin: TokenizerOrigin,
    signal: AbortSignal | undefined,
    work: Parameters<typeof children.ask<TokenizerFiles, T>>[1]['work'],
  ): Promise<T> =>
    children.ask<TokenizerFiles, T>(
      origin.key,
      {
        prepare: () => origin.readFiles(signal),
        open: (client, files) => client.call('open', { files }),
        work,
      },
      signal,
    );

  return {
    encode: async (origin, texts, { addSpecialTokens }, signal) =>
      await question(origin, signal, (client) => client.call('encode', { texts, addSpecialTokens })),
    decode: async (origin, batch, { skipSpecialTokens }, signal) =>
      await question(origin, signal, (client) => client.call('decode', { batch, skipSpecialTokens })),
    structure: async (origin, signal) => await question(origin, signal, (client) => client.call('structure', {})),
    release: async ({ key }) => await children.release(key),
    close: children.close,
  };
}

function invalid(reason: string, detail: string, facts: object = {}): AppError {
  return new AppError('tokenizer.invalid', detail, { reason, detail, ...facts });
}

const errors: EndErrors = {
  notStarted: (reason) =>
    new AppError('engine.start_failed', 'The process for tokenizers could not be started.', { reason }),
  ended(end) {
    const error = endedError(end, {
      stopped: 'The tokenizer stopped unexpectedly',
      outOfMemory: 'It needs more memory than a tokenizer may take.',
      outOfMemoryLine: /out of memory|allocation failed/i,
      tellingLine: (lines) => lines.findLast((line) => line.trim() !== ''),
    });
    return invalid(error.code === 'engine.out_of_memory' ? 'memory' : 'ended', error.message);
  },
  disconnected: () => invalid('ended', 'The process of the tokenizer lost its connection and was stopped.'),
  hung: () => invalid('ended', 'The tokenizer no longer answered and was stopped.'),
};

/** A child answers no ping during a question, whose time limit is shorter than this. */
const kind: KeptKind<TokenizerContract> = {
  limits: { everyMs: 10_000, unanswered: 60, startMs: 90_000 },
  errors,
  ping: (client) => client.call('ping', {}),
  tooSlow: (limitMs) =>
    invalid('too_slow', `The tokenizer did not finish within ${String(limitMs / 1000)} s.`, { limitMs }),
};
