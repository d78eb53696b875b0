/** One reply of one model for a terminal or a pipe: load, stream, end the engine. */
import type { Sampling } from '../../preload/contract/chat.ts';
import { createEngine, type EngineModel, type GenerateEvent, type GenerateRequest } from '../engine/engine.ts';
import { checkoutLayout } from '../app/layout.ts';
import { createSpawnChild } from '../process/spawn-child.ts';

/** The greedy sampling that a command line starts from: the same question gets the same answer. */
export const greedySampling: Sampling = {
  temperature: 0,
  topK: 40,
  topP: 0.95,
  minP: 0.05,
  repeatPenalty: 1,
  maxTokens: null,
  seed: null,
};

/**
 * Streams a reply to `onEvent`; the last event is `end`. When `signal` fires the reply ends early, with `endReason` "stopped".
 * The engine's process is gone when this settles. Throws model.*, engine.*, template.invalid.
 */
export async function streamReply(
  model: EngineModel,
  request: GenerateRequest,
  signal: AbortSignal,
  onEvent: (event: GenerateEvent) => void,
): Promise<void> {
  const layout = checkoutLayout();
  const engine = createEngine({
    spawnChild: createSpawnChild(layout.nodePath, layout.engineChildPath),
    onChange: () => {},
  });
  const onAbort = (): void => {
    if (engine.loaded()[0]?.status === 'loading') void engine.close();
  };
  signal.addEventListener('abort', onAbort);
  try {
    await engine.load(model);
    for await (const event of engine.generate(model.modelId, request, signal)) onEvent(event);
  } finally {
    signal.removeEventListener('abort', onAbort);
    await engine.close();
  }
}
