/** One reply of one model for a terminal or a pipe. Its engine is started for it and ended with it. */
import type { Sampling } from '../../preload/contract/chat.ts';
import type { LoadNote } from '../../preload/contract/load-notes.ts';
import { createEngine, type EngineModel } from '../engine/engine.ts';
import { createInference, createLocalProvider, type ReplyEvent, type ReplyRequest } from '../inference/inference.ts';
import { checkoutLayout } from '../app/layout.ts';
import { createSpawnChild } from '../process/spawn-child.ts';

/** The default sampling of the command line. It is greedy, so the same question gets the same answer. */
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
 * Streams a reply to `onEvent`; the last event is `end`. When `signal` fires the reply ends early, with `endReason` "stopped". `onNotes`
 * gets the notes of the load once.
 * The engine's process is gone when this settles. Throws model.*, engine.*, template.invalid.
 */
export async function streamReply(
  model: EngineModel,
  request: Omit<ReplyRequest, 'modelId'>,
  signal: AbortSignal,
  onEvent: (event: ReplyEvent) => void,
  onNotes: (notes: readonly LoadNote[]) => void = () => {},
): Promise<void> {
  const layout = checkoutLayout();
  let areNotesTold = false;
  const engine = createEngine({
    spawnChild: createSpawnChild(layout.nodePath, layout.engineChildPath),
    onChange([loaded]) {
      if (areNotesTold || !loaded || loaded.status === 'loading' || loaded.status === 'failed') return;
      areNotesTold = true;
      onNotes(loaded.notes);
    },
  });
  const inference = createInference(createLocalProvider({ engine, findModel: async () => model }));
  try {
    for await (const event of inference.generate({ ...request, modelId: model.modelId }, signal)) onEvent(event);
  } finally {
    await engine.close();
  }
}
