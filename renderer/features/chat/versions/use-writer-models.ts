import { useMemo } from 'react';
import { useLoadedModels, useLocalModels, useProviders } from '../../../parts/watched.ts';
import { writerModels, type WriterModel } from './writer-models.ts';

/** The models that can write a reply now; empty until they are listed. */
export function useWriterModels(): readonly WriterModel[] {
  const models = useLocalModels().value?.models;
  const servers = useProviders().value?.providers;
  const loaded = useLoadedModels();
  return useMemo(() => writerModels(models ?? [], servers ?? [], (id) => loaded.has(id)), [models, servers, loaded]);
}
