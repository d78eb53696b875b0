/**
 * The thread of tokenizers, within limits of time and memory: a text, or an expression in a tokenizer.json, that takes forever costs the
 * thread and not the process.
 */
import { Worker } from 'node:worker_threads';
import { AppError, decodeError, type ErrorBody } from '../../../preload/wire/errors.ts';
import { threadFile } from '../../base/thread-file.ts';
import { unlessAborted } from '../../base/unless-aborted.ts';
import type { TokenizerStructure } from '../vocabulary/tokenizer-structure.ts';
import type { TokenizerFiles } from '../vocabulary/vocabulary-model.ts';
import type { TextToken } from './hugging-face-tokenizer.ts';

export type TokenizerWork =
  | { readonly kind: 'structure' }
  | { readonly kind: 'encode'; readonly texts: readonly string[]; readonly addSpecialTokens: boolean }
  | { readonly kind: 'decode'; readonly batch: readonly (readonly number[])[]; readonly skipSpecialTokens: boolean };

export interface TokenizerQuestion {
  /** Names the contents of the files. */
  readonly key: string;
  /** Null where the thread should have the tokenizer. */
  readonly files: TokenizerFiles | null;
  readonly work: TokenizerWork;
}

export type TokenizerAnswer =
  /** The thread has no tokenizer of that key, and needs the files. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'structure'; readonly structure: TokenizerStructure }
  | {
      readonly kind: 'encoded';
      readonly vocabularySize: number;
      readonly texts: readonly (readonly TextToken[])[];
    }
  | { readonly kind: 'decoded'; readonly vocabularySize: number; readonly texts: readonly string[] };

type Message = { readonly answer: TokenizerAnswer } | { readonly error: ErrorBody };

export interface TokenizerThread {
  /**
   * One question at a time, in their order. When `signal` fires, the answer alone is dropped: the thread keeps its tokenizers, and ends
   * only where such work goes on for `droppedMs` while another question waits.
   * @throws AppError of the tokenizer; `tokenizer.invalid` (`reason`: `too_slow` with `limitMs`, or `ended`); `cancelled` when `signal`
   *   fires, and after `close`.
   */
  ask(question: TokenizerQuestion, signal?: AbortSignal): Promise<TokenizerAnswer>;
  close(): Promise<void>;
}

export interface TokenizerLimits {
  readonly questionMs: number;
  /** How long a question waits for work whose answer nobody wants any more, counted from the beginning of that work. */
  readonly droppedMs: number;
  readonly heapMb: number;
}

/** Two million characters take some seconds; a vocabulary of 256 thousand tokens as well. */
const limitsOfTheApp: TokenizerLimits = { questionMs: 60_000, droppedMs: 10_000, heapMb: 2048 };

export function createTokenizerThread(limits = limitsOfTheApp): TokenizerThread {
  let worker: Worker | null = null;
  let last: Promise<unknown> = Promise.resolve();
  let isClosed = false;
  const waiting = new Set<{ readonly signal: AbortSignal | undefined }>();
  /** Ends the work of now if its answer is dropped and its time is over. */
  let endDropped = (): void => {};

  function started(): Worker {
    if (worker !== null) return worker;
    worker = new Worker(threadFile('./tokenizer-worker.ts', import.meta.url), {
      name: 'tokenizer',
      execArgv: [],
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: limits.heapMb },
    });
    return worker;
  }

  function askNow(question: TokenizerQuestion, signal: AbortSignal | undefined): Promise<TokenizerAnswer> {
    if (isClosed || signal?.aborted === true) return Promise.reject(cancelled());
    const asked = started();
    const begunAt = performance.now();
    asked.ref();
    return new Promise((resolve, reject) => {
      const finish = (): void => {
        clearTimeout(timer);
        clearTimeout(droppedTimer);
        signal?.removeEventListener('abort', onAbort);
        endDropped = () => {};
        // Not all listeners: the thread has some of its own.
        asked.off('error', onError).off('exit', onExit).off('message', onMessage);
        asked.unref();
      };
      const end = (error: AppError): void => {
        finish();
        asked.on('error', () => {}); // from its termination
        if (worker === asked) worker = null;
        void asked.terminate();
        reject(error);
      };
      let droppedTimer: NodeJS.Timeout | undefined;
      const onAbort = (): void => {
        const leftMs = limits.droppedMs - (performance.now() - begunAt);
        droppedTimer = setTimeout(
          () => {
            endDropped = () => {
              if ([...waiting].some((one) => one.signal?.aborted !== true)) end(cancelled());
            };
            endDropped();
          },
          Math.max(0, leftMs),
        );
      };
      const onError = (error: Error): void => end(endedBy(error));
      const onExit = (): void => end(cancelled());
      const onMessage = (message: Message): void => {
        finish();
        if ('error' in message) reject(decodeError(message.error));
        else resolve(message.answer);
      };
      const timer = setTimeout(() => end(tooSlow(limits.questionMs)), limits.questionMs);
      signal?.addEventListener('abort', onAbort);
      asked.on('error', onError).on('exit', onExit).on('message', onMessage);
      asked.postMessage(question);
    });
  }

  return {
    ask(question, signal) {
      const own = { signal };
      waiting.add(own);
      endDropped();
      const answer = last.then(() => {
        waiting.delete(own);
        return askNow(question, signal);
      });
      last = answer.catch(() => {});
      return unlessAborted(answer, signal, CANCELLED);
    },
    async close() {
      isClosed = true;
      const ended = worker;
      worker = null;
      await ended?.terminate();
    },
  };
}

const CANCELLED = 'Tokenizing was stopped.';
const cancelled = (): AppError => new AppError('cancelled', CANCELLED);

function tooSlow(limitMs: number): AppError {
  const detail = `The tokenizer did not finish within ${limitMs / 1000} s.`;
  return new AppError('tokenizer.invalid', detail, { reason: 'too_slow', limitMs, detail });
}

function endedBy(error: Error): AppError {
  const detail = `The tokenizer failed: ${error.message}`;
  return new AppError('tokenizer.invalid', detail, { reason: 'ended', detail });
}
