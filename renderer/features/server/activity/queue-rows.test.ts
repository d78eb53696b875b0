import { expect, it } from 'vitest';
import type { LoadedModel } from '../../../../preload/contract/engine.ts';
import type { RequestPhase, ServerLoad } from '../../../../preload/contract/server.ts';
import { queueRows } from './queue-rows.ts';

const loaded = (modelId: string, more: Partial<LoadedModel> = {}): LoadedModel =>
  ({ modelId, name: modelId, status: 'ready', sequences: 4, activeSequences: 0, ...more }) as LoadedModel;
const request = (modelId: string | null, phase: RequestPhase): ServerLoad['running'][number] => ({
  ...{ id: '', modelId, phase, keyName: null, program: '', generatedTokens: 0, at: 0 },
});

it('counts the requests that wait for each model, also for one that is not in memory', () => {
  const rows = queueRows(
    [loaded('a', { activeSequences: 4 }), loaded('b', { status: 'loading', sequences: 0 })],
    [
      ...[request('a', 'generating'), request('a', 'queued'), request('a', 'queued'), request('b', 'loading')],
      ...[request('c', 'queued'), request('a', 'prompt'), request(null, 'queued')],
    ],
  );
  expect(rows).toEqual([
    { modelId: 'a', name: 'a', isLoading: false, slots: 4, used: 4, waiting: 2 },
    { modelId: 'b', name: 'b', isLoading: true, slots: 1, used: 0, waiting: 1 },
    { modelId: 'c', name: 'c', isLoading: false, slots: 0, used: 0, waiting: 1 },
  ]);
});
