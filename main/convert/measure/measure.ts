/** What quantization costs: models measured on one text, each in a native child of its own, against the answers of a reference. */
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { encodeError, isAppError, type ErrorBody } from '../../../preload/wire/errors.ts';
import type { EvaluateRequest, Evaluation } from '../../../native/protocol.ts';
import { inNativeChild, type NativeWorkOptions } from '../native-work.ts';
import { whileUnchanged } from '../unchanged-files.ts';
import { assertMemory, type MemoryCheck } from './needed-memory.ts';

export interface MeasureRequest {
  /** The model that the others are compared with, which should not be quantized. */
  readonly referencePath: string;
  readonly modelPaths: readonly string[];
  /** Null: the text that Hearth brings. */
  readonly text: string | null;
  readonly threads: number;
  /** Chunks of 512 tokens that are measured at most; null: all of the text. */
  readonly chunkLimit: number | null;
}

export type MeasureProgress =
  /** `index` counts the models, the reference first. */
  | { readonly type: 'progress'; readonly index: number; readonly chunk: number; readonly chunkCount: number }
  | { readonly type: 'measured'; readonly index: number; readonly evaluation: Evaluation }
  /** Of one of the compared models; the others are measured nevertheless. */
  | { readonly type: 'failed'; readonly index: number; readonly error: ErrorBody };

export type Measure = (request: MeasureRequest, signal: AbortSignal) => AsyncGenerator<MeasureProgress>;

/** As llama-perplexity has by default. */
const CHUNK_SIZE = 512;

/**
 * Measures the reference and then each model. `scratchFolder` holds the answers of the reference meanwhile: two bytes for each measured
 * token and each token of the vocabulary. Throws what the reference throws: `convert.unsupported` with `data.reason`, `engine.*`,
 * `disk.full`, `unsupported` for unknown libraries; and `cancelled`.
 */
export function createMeasure(
  options: NativeWorkOptions & MemoryCheck & { readonly defaultTextPath: string; readonly scratchFolder: string },
): Measure {
  async function* evaluate(
    index: number,
    request: EvaluateRequest,
    scratch: string,
    signal: AbortSignal,
  ): AsyncGenerator<MeasureProgress> {
    await assertMemory(request.modelPath, options);
    const events = inNativeChild(options, scratch, signal, (client) =>
      client.stream('native.evaluate', request, { signal }),
    );
    for await (const event of whileUnchanged([request.modelPath], events))
      if (event.type === 'progress') {
        const { chunk, chunkCount } = event;
        yield { type: 'progress', index, chunk, chunkCount };
      } else {
        const { type: _, ...evaluation } = event;
        yield { type: 'measured', index, evaluation };
      }
  }

  return async function* (request, signal) {
    const text = request.text ?? (await readFile(options.defaultTextPath, 'utf8'));
    await mkdir(options.scratchFolder, { recursive: true });
    const scratch = await mkdtemp(path.join(options.scratchFolder, 'measure-'));
    const answers = path.join(scratch, 'reference');
    const { threads, chunkLimit } = request;
    const shared = { text, threads, chunkLimit, chunkSize: CHUNK_SIZE };
    try {
      const first: EvaluateRequest = {
        ...shared,
        modelPath: request.referencePath,
        reference: { kind: 'write', path: answers },
      };
      yield* evaluate(0, first, scratch, signal);
      for (const [at, modelPath] of request.modelPaths.entries())
        try {
          const next: EvaluateRequest = { ...shared, modelPath, reference: { kind: 'compare', path: answers } };
          yield* evaluate(at + 1, next, scratch, signal);
        } catch (error) {
          if (signal.aborted || isAppError(error, 'cancelled')) throw error;
          yield { type: 'failed', index: at + 1, error: encodeError(error) };
        }
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  };
}
