/** The account behind an access token: who it is, and whether it has access to a gated repository. */
import { isAppError } from '../../../preload/wire/errors.ts';
import type { HubModel } from '../../../preload/contract/hub.ts';
import { createHubClient, getJson, networkError, type HubClient, type HubClientOptions } from './hub-client.ts';

/** Somebody waits at a form for the answer, so it is not waited for as long as for other answers, with their retries. */
const CHECK_MS = 15_000;

/**
 * Asks the Hub whose token this is, without storing it. The name is null where a mirror does not tell it. Throws hub.unauthorized for a
 * refused token, and what other requests throw where the Hub cannot be asked.
 */
export async function checkToken(
  options: HubClientOptions,
  token: string,
  signal: AbortSignal,
): Promise<{ readonly name: string | null }> {
  const client = createHubClient({ ...options, token: () => token });
  const late = AbortSignal.timeout(CHECK_MS);
  const ask = client.api({ repoId: null }, AbortSignal.any([signal, late]));
  try {
    const { value } = await getJson(ask, client.url('/api/whoami-v2'));
    const name = typeof value === 'object' && value !== null && 'name' in value ? value.name : null;
    return { name: typeof name === 'string' && name !== '' ? name.slice(0, 100) : null };
  } catch (error) {
    if (late.aborted && !signal.aborted) throw networkError('ETIMEDOUT', new URL(client.endpoint).host);
    throw error;
  }
}

/**
 * Whether the account of the token in use may read the files of a gated repository; `unknown` where nobody tells, as at a mirror or
 * while the Hub is out of reach. Throws only when it is aborted.
 */
export async function accessTo(client: HubClient, repoId: string, signal: AbortSignal): Promise<HubModel['access']> {
  try {
    await client.api({ repoId }, signal)(client.url(`/api/models/${repoId}/auth-check`));
    return 'granted';
  } catch (error) {
    signal.throwIfAborted();
    return isAppError(error, 'hub.gated') ? 'refused' : 'unknown';
  }
}
