/** The early check: whether a checkpoint can be converted, and to what, before anything large is fetched. */
import type { ConversionCheck, OutputType } from '../../../preload/contract/convert.ts';
import { createSharedWork } from '../../base/shared-work.ts';
import type { Hub, ReadCost } from '../../hub/hub.ts';
import type { FitOf } from '../../model-file/fit-of.ts';
import { openCheckpoint, type OpenCheckpoint, type SourceAddress } from '../sources/open-checkpoint.ts';
import { readCheckpointFacts, type CheckpointFacts } from './checkpoint-facts.ts';
import { describeOutputs, outputBytes, type OutputBasis } from './outputs.ts';

export interface Checks {
  /** Throws hub.*, not_found, disk.denied. */
  check(address: SourceAddress, signal: AbortSignal): Promise<ConversionCheck>;
  /** Opens a checkpoint and looks into it; the caller closes its source. Throws as `check`. */
  open(address: SourceAddress, signal: AbortSignal): Promise<CheckedCheckpoint>;
  /** The size of the file of this type, exact or predicted. */
  sizeOf(basis: OutputBasis, type: OutputType): number;
}

export interface CheckedCheckpoint {
  readonly checkpoint: OpenCheckpoint;
  readonly facts: CheckpointFacts;
  /** What the look took from the network. */
  readonly cost: Readonly<ReadCost>;
}

export interface ChecksOptions {
  readonly hub: Pick<Hub, 'files' | 'openFile' | 'cacheFolder'>;
  readonly fitOf: FitOf;
}

/** Commits whose facts are kept; each has some 100 KB. */
const MAX_KEPT = 40;

export function createChecks({ hub, fitOf }: ChecksOptions): Checks {
  /** Facts by repository and commit, the latest last. */
  const kept = new Map<string, CheckpointFacts>();
  const shared = createSharedWork<ConversionCheck>();

  async function factsOf(checkpoint: OpenCheckpoint): Promise<CheckpointFacts> {
    const { commit, repoId, source, name } = checkpoint;
    // A folder may have changed since.
    if (commit === null || repoId === null) return await readCheckpointFacts(source, name);
    const key = `${repoId}@${commit}`;
    const facts = kept.get(key) ?? (await readCheckpointFacts(source, name));
    kept.delete(key);
    kept.set(key, facts);
    for (const oldest of kept.keys()) {
      if (kept.size <= MAX_KEPT) break;
      kept.delete(oldest);
    }
    return facts;
  }

  async function open(address: SourceAddress, signal: AbortSignal): Promise<CheckedCheckpoint> {
    const cost = { requests: 0, bytes: 0 };
    const checkpoint = await openCheckpoint(address, { hub, signal, cost });
    try {
      return { checkpoint, facts: await factsOf(checkpoint), cost };
    } catch (error) {
      await checkpoint.source.close();
      throw error;
    }
  }

  async function check(address: SourceAddress, signal: AbortSignal): Promise<ConversionCheck> {
    const { checkpoint, facts, cost } = await open(address, signal);
    try {
      return await describe(checkpoint, facts, cost);
    } finally {
      await checkpoint.source.close();
    }
  }

  async function describe(
    checkpoint: OpenCheckpoint,
    facts: CheckpointFacts,
    cost: ReadCost,
  ): Promise<ConversionCheck> {
    const { neededFiles, basis, ...shown } = facts;
    const needed = new Set(neededFiles);
    return {
      ...shown,
      name: checkpoint.name,
      repoId: checkpoint.repoId,
      revision: checkpoint.commit,
      license: checkpoint.license,
      sourceBytes: checkpoint.source.files.reduce((sum, file) => sum + (needed.has(file.path) ? file.sizeBytes : 0), 0),
      storedBytes: checkpoint.storedBytes(neededFiles),
      outputs: basis === null || facts.refusals.length > 0 ? [] : await describeOutputs(basis, fitOf),
      requests: cost.requests,
      readBytes: cost.bytes,
    };
  }

  return {
    check: (address, signal) => shared(JSON.stringify(address), signal, (own) => check(address, own)),
    open,
    sizeOf: outputBytes,
  };
}
