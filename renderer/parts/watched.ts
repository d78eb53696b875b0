/** The live lists that this feature looks at. Each is one stream, shared by everyone who asks. */
import { useMemo } from 'react';
import type { LoadedModel } from '../../preload/contract/engine.ts';
import type { ModelsEvent } from '../../preload/contract/library.ts';
import { useLive, useLiveReduce, type LiveResult } from '../connection/live.ts';
import { foldJobs, type MaybeJobsState } from './jobs-state.ts';

const nothing = {};

/** The downloads, with the lines of their speeds. */
export function useJobs(): LiveResult<MaybeJobsState> {
  return useLiveReduce<'jobs.watch', MaybeJobsState>('jobs.watch', nothing, foldJobs, null);
}

/** The models on this computer. */
export function useLocalModels(): LiveResult<ModelsEvent> {
  return useLive('library.watch', nothing);
}

/** The loaded models by id; empty while nothing is known. */
export function useLoadedModels(): ReadonlyMap<string, LoadedModel> {
  const loaded = useLive('engine.watch', nothing).value?.loaded;
  return useMemo(() => new Map((loaded ?? []).map((model) => [model.modelId, model])), [loaded]);
}
