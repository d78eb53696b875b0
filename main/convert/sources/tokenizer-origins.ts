/** Where the tokenizer of a repository or of a folder comes from: its files, without any weights. */
import type { CheckpointSource } from '../checkpoint/checkpoint-source.ts';
import type { TokenizerOrigin } from '../tokenizer/tokenizers.ts';
import { isTokenizerFile, readTokenizerFiles } from '../vocabulary/tokenizer-files.ts';
import { openCheckpoint, type OpenOptions, type SourceAddress } from './open-checkpoint.ts';

/** How long a branch counts as the commit that it was: a person types, and each stroke asks. */
const FRESH_MS = 60_000;
const MAX_KEPT = 100;

export interface TokenizerOrigins {
  /** Throws hub.*, not_found, disk.denied. */
  of(address: SourceAddress, signal: AbortSignal): Promise<TokenizerOrigin>;
}

export function createTokenizerOrigins(hub: OpenOptions['hub'], now: () => number = Date.now): TokenizerOrigins {
  /** The keys of branches, with the time at which they were asked for. */
  const keys = new Map<string, { readonly key: string; readonly at: number }>();

  async function withSource<T>(
    address: SourceAddress,
    signal: AbortSignal,
    work: (source: CheckpointSource, key: string) => Promise<T> | T,
  ): Promise<T> {
    const checkpoint = await openCheckpoint(address, { hub, signal, cost: { requests: 0, bytes: 0 } });
    try {
      const { source, repoId, commit } = checkpoint;
      return await work(source, repoId === null ? folderKey(address, source) : `${repoId}@${commit ?? ''}`);
    } finally {
      await checkpoint.source.close();
    }
  }

  return {
    async of(address, signal) {
      const name = JSON.stringify(address);
      const known = address.kind === 'hub' ? keys.get(name) : undefined;
      const isFresh = known !== undefined && now() - known.at < FRESH_MS;
      const key = isFresh ? known.key : await withSource(address, signal, (_, found) => found);
      if (!isFresh) {
        keys.set(name, { key, at: now() });
        for (const oldest of keys.keys()) if (keys.size > MAX_KEPT) keys.delete(oldest);
      }
      return {
        key,
        readFiles: (own = signal) => withSource(address, own, (source) => readTokenizerFiles(source)),
      };
    },
  };
}

/** Another text whenever a file of the tokenizer is another. */
export function folderKey(address: SourceAddress, { files }: CheckpointSource): string {
  const facts = files
    .filter(({ path }) => isTokenizerFile(path))
    .map(({ path, sizeBytes, modifiedAtMs }) => [path, sizeBytes, modifiedAtMs]);
  return JSON.stringify([address, facts]);
}
