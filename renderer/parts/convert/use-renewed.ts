/** Answers of calls that change with the models on this computer, asked for again when those change. */
import { useEffect, useMemo, useRef } from 'react';
import type {
  ConversionRecord,
  ConversionSource,
  OutputType,
  StoredCheckpoint,
} from '../../../preload/contract/convert.ts';
import type { Job } from '../../../preload/contract/jobs.ts';
import type { LocalModel } from '../../../preload/contract/library.ts';
import { useQuery } from '../../connection/live.ts';
import { useJobs, useLocalModels } from '../watched.ts';
import { madeOutputs } from './made-outputs.ts';

/** Calls `retry` whenever the stamp is another one than before. */
export function useRenewal(stamp: string, retry: () => void): void {
  const seen = useRef(stamp);
  useEffect(() => {
    if (seen.current === stamp) return;
    seen.current = stamp;
    retry();
  }, [stamp, retry]);
}

/** The jobs of one kind of work that are over, as a stamp. */
export function useEndings(kinds: readonly Job['kind'][]): string {
  const jobs = useJobs().value?.jobs ?? [];
  return jobs
    .filter(({ kind, state }) => kinds.includes(kind) && (state === 'done' || state === 'failed'))
    .map(({ id, state }) => `${id} ${state}`)
    .join(',');
}

const noRecords: ReadonlyMap<string, ConversionRecord> = new Map();

/** How the models here that Hearth made were made, by model id; empty until it is known. */
export function useConversionRecords(): ReadonlyMap<string, ConversionRecord> {
  const { value, retry } = useQuery('convert.records', {}, { keep: true });
  const ended = useEndings(['convert', 'quantize', 'verify_model', 'split', 'merge']);
  useRenewal(`${useLocalModels().value?.revision ?? 0} ${ended}`, retry);
  return useMemo(
    () => (value === undefined ? noRecords : new Map(value.records.map(({ modelId, record }) => [modelId, record]))),
    [value],
  );
}

/** See `madeOutputs`; empty for a folder, and while the commit of the repository is not known. */
export function useMadeOutputs(
  source: ConversionSource | null,
  revision: string | null | undefined,
): ReadonlyMap<OutputType, LocalModel> {
  const records = useConversionRecords();
  const models = useLocalModels().value?.models ?? [];
  if (source?.kind !== 'hub' || revision === undefined) return noOutputs;
  return madeOutputs({ repoId: source.repoId, revision }, records, models);
}
const noOutputs: ReadonlyMap<OutputType, LocalModel> = new Map();

/** The safetensors repositories in the cache; empty until they are known. */
export function useStoredCheckpoints(): readonly StoredCheckpoint[] {
  const { value, retry } = useQuery('convert.stored', {}, { keep: true });
  useRenewal(`${useLocalModels().value?.revision ?? 0} ${useEndings(['convert', 'download'])}`, retry);
  return value?.checkpoints ?? [];
}
