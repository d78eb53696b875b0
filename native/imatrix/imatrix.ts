/** Makes an importance matrix of a model from a text. */
import type { Llama } from '../library/llama.ts';
import { chunksOf } from '../library/chunks.ts';
import { evaluateFastest } from '../library/fastest-threads.ts';
import { openSession } from '../library/session.ts';
import type { ImatrixEvent, ImatrixRequest } from '../protocol.ts';
import { createCollector } from './collect.ts';
import { writeImatrix } from './write.ts';

/**
 * Evaluates the text in chunks, each as a text of its own, and writes `outputPath`.
 * @throws AppError `convert.unsupported` or `convert.invalid` with `data.reason`; errors of the file system.
 */
export async function* collectImatrix(llama: Llama, request: ImatrixRequest): AsyncGenerator<ImatrixEvent> {
  using collector = createCollector(llama);
  using session = await openSession(llama, {
    ...request,
    needsNextTokens: false,
    context: { cb_eval: collector.callback },
  });
  const chunks = chunksOf(await session.tokenize(request.text), session.chunkSize, request.chunkLimit);
  const evaluate = evaluateFastest(session, request.threads);
  for (const [index, chunk] of chunks.entries()) {
    yield { type: 'progress', chunk: index, chunkCount: chunks.length };
    // Without an output, the last layer would not compute everything.
    await evaluate(chunk, 0);
    collector.endBatch();
  }
  const sizeBytes = await writeImatrix(request.outputPath, collector.entries, {
    dataset: request.textName,
    chunkCount: chunks.length,
    chunkSize: session.chunkSize,
  });
  yield { type: 'done', chunkCount: chunks.length, entryCount: collector.entries.size, sizeBytes };
}
