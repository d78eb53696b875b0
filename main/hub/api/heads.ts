/** The current commit of `main` of several repositories, to find out which have newer versions. */
import { isAppError } from '../../../preload/wire/errors.ts';
import { isCommit } from '../cache/cache-paths.ts';
import type { HubClient } from './hub-client.ts';
import { repositoryFacts } from './facts.ts';
import { isOutOfReach } from './records.ts';

/** Parallel requests. The Hub's API has no request for several repositories. */
const PARALLEL_REQUESTS = 4;

/**
 * The current commits of `main` of these repositories, with one request for each. A repository that is gone, private or without a
 * readable answer is left out. Throws errors that concern all requests: hub.offline, network.*, hub.rate_limited, server errors that
 * last, and the abort reason.
 */
export async function readHeads(
  client: HubClient,
  repoIds: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, string>> {
  const heads = new Map<string, string>();
  const waiting = [...new Set(repoIds)];
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const work = async (): Promise<void> => {
    for (let repoId = waiting.pop(); repoId !== undefined; repoId = waiting.pop()) {
      try {
        const { sha } = await repositoryFacts(client, repoId, 'main', ['sha'], either);
        if (typeof sha === 'string' && isCommit(sha)) heads.set(repoId, sha);
      } catch (error) {
        const concernsOne = isAppError(error) && !isAppError(error, 'hub.rate_limited') && !isOutOfReach(error);
        if (!concernsOne) throw error;
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: PARALLEL_REQUESTS }, work));
  } finally {
    failed.abort();
  }
  return heads;
}
