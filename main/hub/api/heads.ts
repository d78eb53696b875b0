/** Whether repositories have moved on: the commit that `main` of each is at. */
import { isAppError } from '../../../preload/wire/errors.ts';
import { isCommit } from '../cache/cache-paths.ts';
import type { HubClient } from './hub-client.ts';
import { repositoryFacts } from './facts.ts';

/** Requests at once. The Hub has no question for several repositories. */
const AT_ONCE = 4;

/**
 * The commits that `main` of these repositories is at, one request for each. A repository that is gone, closed or without a
 * readable answer is left out. Throws what would meet every further request too: hub.offline, hub.rate_limited, the abort.
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
        const isOfOne = isAppError(error) && error.code !== 'hub.offline' && error.code !== 'hub.rate_limited';
        if (!isOfOne) throw error;
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  } finally {
    failed.abort();
  }
  return heads;
}
