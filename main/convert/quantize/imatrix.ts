/** Importance matrices, collected in a native child while it evaluates a text. */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { assertMemory, type MemoryCheck } from '../measure/needed-memory.ts';
import { inNativeChild, type NativeWorkOptions } from '../native-work.ts';
import { whileUnchanged } from '../unchanged-files.ts';
import { moveSynced } from '../written-file.ts';

export interface CollectRequest {
  /** A GGUF file, or the first shard of a model. Best in F16, BF16 or Q8_0. */
  readonly modelPath: string;
  readonly outputPath: string;
  /** Null: the text that Hearth brings. */
  readonly text: string | null;
  readonly threads: number;
}

export type CollectProgress =
  | { readonly type: 'progress'; readonly chunk: number; readonly chunkCount: number }
  | { readonly type: 'done'; readonly path: string; readonly sizeBytes: number; readonly chunkCount: number };

export type CollectImatrix = (request: CollectRequest, signal: AbortSignal) => AsyncGenerator<CollectProgress>;

/** Tokens of a chunk, as llama-imatrix has by default. */
const CHUNK_SIZE = 512;

/**
 * Writes `outputPath` when everything is collected; a cancelled or failed work leaves nothing. Throws `convert.unsupported` and
 * `convert.invalid` with `data.reason` (`text_short`, `no_decoder`, `not_finite`, ...), `engine.*`, `unsupported` for unknown libraries,
 * `cancelled`.
 */
export function createCollectImatrix(
  options: NativeWorkOptions & MemoryCheck & { readonly defaultTextPath: string },
): CollectImatrix {
  return async function* (request, signal) {
    await assertMemory(request.modelPath, options);
    const text = request.text ?? (await readFile(options.defaultTextPath, 'utf8'));
    const hash = createHash('sha256').update(request.outputPath).digest('hex').slice(0, 8);
    const scratch = path.join(path.dirname(request.outputPath), `.imatrix-${hash}.incomplete`);
    await rm(scratch, { recursive: true, force: true });
    await mkdir(scratch, { recursive: true });
    const written = path.join(scratch, 'imatrix.gguf');
    try {
      const events = inNativeChild(options, scratch, signal, (client) =>
        client.stream(
          'native.imatrix',
          {
            modelPath: request.modelPath,
            outputPath: written,
            text,
            textName: request.text === null ? path.basename(options.defaultTextPath) : 'own text',
            threads: request.threads,
            chunkSize: CHUNK_SIZE,
            chunkLimit: null,
          },
          { signal },
        ),
      );
      for await (const event of whileUnchanged([request.modelPath], events))
        if (event.type === 'progress') yield event;
        else {
          await moveSynced([{ from: written, to: request.outputPath }]);
          const { sizeBytes, chunkCount } = event;
          yield { type: 'done', path: request.outputPath, sizeBytes, chunkCount };
        }
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  };
}
