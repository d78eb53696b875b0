/** The picture of slots and queue: a row for each model that is loaded or waited for. */
import type { LoadedModel } from '../../../../preload/contract/engine.ts';
import type { ServerLoad } from '../../../../preload/contract/server.ts';

export interface QueueRow {
  readonly modelId: string;
  readonly name: string;
  readonly isLoading: boolean;
  readonly slots: number;
  readonly used: number;
  /** Requests that wait for a slot, or for the model to be loaded. */
  readonly waiting: number;
}

/** The rows of loaded models, then of those that requests wait for and that are not in memory. */
export function queueRows(loaded: readonly LoadedModel[], running: ServerLoad['running']): readonly QueueRow[] {
  const waiting = new Map<string, number>();
  for (const { modelId, phase } of running)
    if (modelId !== null && (phase === 'queued' || phase === 'loading'))
      waiting.set(modelId, (waiting.get(modelId) ?? 0) + 1);
  const rows = loaded.map(({ modelId, name, status, sequences, activeSequences }) => ({
    ...{ modelId, name, isLoading: status === 'loading' },
    ...{ slots: Math.max(1, sequences), used: activeSequences, waiting: waiting.get(modelId) ?? 0 },
  }));
  const known = new Set(loaded.map(({ modelId }) => modelId));
  const others = [...waiting].flatMap(([modelId, count]) =>
    known.has(modelId) ? [] : [{ modelId, name: modelId, isLoading: false, slots: 0, used: 0, waiting: count }],
  );
  return [...rows, ...others];
}
