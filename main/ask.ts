/** One answer of the built-in model on the terminal. */
import path from 'node:path';
import { AppError } from '../preload/contract/errors.ts';
import { createEngine } from './engine/engine.ts';
import { builtInModel, checkoutLayout } from './layout.ts';
import { createSpawnChild } from './shell/spawn-child.ts';

/** Streams the answer to standard output. @throws AppError for an empty question and as the engine does. */
export async function ask(question: string): Promise<void> {
  if (question.trim() === '') throw new AppError('invalid_input', 'Ask something: npm start -- --ask "Who are you?"');
  const layout = checkoutLayout(path.join(import.meta.dirname, '..'));
  const engine = createEngine({
    spawnChild: createSpawnChild(layout.nodePath, layout.engineChildPath),
    onChange: () => {},
  });
  const abort = new AbortController();
  process.once('SIGINT', () => abort.abort());
  try {
    await engine.load({
      modelId: builtInModel.id,
      name: builtInModel.name,
      path: layout.builtInModelPath,
      weightsBytes: 3_300_000,
      contextSize: 1024,
    });
    const sampling = { temperature: 0, topK: 0, topP: 1, minP: 0, repeatPenalty: 1, maxTokens: null, seed: null };
    const input = { messages: [{ role: 'user' as const, content: question }] };
    for await (const event of engine.generate(builtInModel.id, { input, sampling }, abort.signal))
      if (event.type === 'text') process.stdout.write(event.content);
    process.stdout.write('\n');
    if (abort.signal.aborted) process.exitCode = 130;
  } finally {
    await engine.close();
  }
}
