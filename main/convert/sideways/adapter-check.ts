/** Looks into an adapter, and whether it belongs to a base, from the configs and the headers of the weights. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AdapterCheck } from '../../../preload/contract/convert.ts';
import { repoIdSchema } from '../../../preload/contract/hub.ts';
import { encodeError, isAppError, type ErrorBody } from '../../../preload/wire/errors.ts';
import { shownName } from '../../base/foreign-text.ts';
import { readAdapter, type Adapter } from '../adapters/adapter.ts';
import { planAdapter } from '../adapters/lora-plan.ts';
import { mergeTensors } from '../adapters/merge.ts';
import { readStoredTensors } from '../checkpoint/checkpoint.ts';
import type { CheckpointSource } from '../checkpoint/checkpoint-source.ts';
import { unpackedTensors } from '../checkpoint/unpack/unpack.ts';
import { readConfig } from '../plan/read-plan.ts';
import {
  openCheckpoint,
  type OpenCheckpoint,
  type OpenOptions,
  type SourceAddress,
} from '../sources/open-checkpoint.ts';

/** What is asked of an adapter with its base. */
export type AdapterUse = 'merged' | 'alone';

/** Throws hub.*, not_found, disk.denied; for a base `convert.invalid` without config.json. */
export async function checkAdapter(
  hub: OpenOptions['hub'],
  adapterAddress: SourceAddress,
  baseAddress: SourceAddress | null,
  signal: AbortSignal,
): Promise<AdapterCheck> {
  return await withCheckpoint(hub, adapterAddress, signal, async (opened) => {
    const { source, name, repoId, commit: revision } = opened;
    const sizeBytes = source.files.find(({ path }) => path === 'adapter_model.safetensors')?.sizeBytes ?? 0;
    const facts = { name, repoId, revision, sizeBytes };
    let adapter: Adapter;
    try {
      adapter = await readAdapter(source, nextTurn);
    } catch (error) {
      const refusal = refusalOf(error);
      return { ...facts, baseName: '', baseRepoId: baseRepoOf('', opened), changedCount: 0, refusal, withBase: null };
    }
    const baseName = shownName(adapter.config.baseModel);
    return {
      ...{ ...facts, baseName, baseRepoId: baseRepoOf(adapter.config.baseModel, opened) },
      ...{ changedCount: adapter.factors.size + adapter.replaced.size, refusal: null },
      withBase: baseAddress === null ? null : await checkBoth(hub, adapter, baseAddress, signal),
    };
  });
}

async function checkBoth(
  hub: OpenOptions['hub'],
  adapter: Adapter,
  address: SourceAddress,
  signal: AbortSignal,
): Promise<AdapterCheck['withBase']> {
  return await withCheckpoint(hub, address, signal, async ({ source }) => ({
    merged: await reasonAgainst(adapter, source, 'merged'),
    alone: await reasonAgainst(adapter, source, 'alone'),
  }));
}

async function reasonAgainst(adapter: Adapter, base: CheckpointSource, use: AdapterUse): Promise<ErrorBody | null> {
  try {
    await assertBelongs(adapter, base, use);
    return null;
  } catch (error) {
    return refusalOf(error);
  }
}

/**
 * Opens the adapter and looks whether it can be used in this way with `base`; the caller closes its source.
 * @throws AppError `convert.*` where it cannot, hub.*, not_found, disk.denied.
 */
export async function openFittingAdapter(
  hub: OpenOptions['hub'],
  address: SourceAddress,
  base: CheckpointSource,
  use: AdapterUse,
  signal: AbortSignal,
): Promise<OpenCheckpoint> {
  const opened = await openCheckpoint(address, { hub, signal, cost: { requests: 0, bytes: 0 } });
  try {
    await assertBelongs(await readAdapter(opened.source, nextTurn), base, use);
    return opened;
  } catch (error) {
    await opened.source.close();
    throw error;
  }
}

/** @throws AppError as `planAdapter`, or as `mergeTensors`; what the source throws. */
async function assertBelongs(adapter: Adapter, base: CheckpointSource, use: AdapterUse): Promise<void> {
  const config = await readConfig(base);
  if (use === 'alone') return void planAdapter(adapter, config, { name: '' });
  const { tensors } = await readStoredTensors(base, nextTurn);
  mergeTensors(unpackedTensors(config, tensors), adapter, config);
}

async function withCheckpoint<T>(
  hub: OpenOptions['hub'],
  address: SourceAddress,
  signal: AbortSignal,
  work: (opened: OpenCheckpoint) => Promise<T>,
): Promise<T> {
  const opened = await openCheckpoint(address, { hub, signal, cost: { requests: 0, bytes: 0 } });
  try {
    return await work(opened);
  } finally {
    await opened.source.close();
  }
}

/** The base's repository: as the adapter names it, else as its page does. A name without an owner is mostly a folder. */
function baseRepoOf(named: string, { baseModel }: OpenCheckpoint): string | null {
  const found = [named, baseModel ?? ''].find((one) => one.includes('/') && repoIdSchema.safeParse(one).success);
  return found ?? null;
}

/** @throws what is no reason to refuse a checkpoint. */
function refusalOf(error: unknown): ErrorBody {
  const isRefusal = isAppError(error, 'convert.unsupported') || isAppError(error, 'convert.invalid');
  if (!isRefusal) throw error;
  return encodeError(error);
}
