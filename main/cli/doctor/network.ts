/** Whether the Hub can be reached, through which proxy, and whether the clock agrees with it. */
import { setTimeout as delay } from 'node:timers/promises';
import { AppError, isAppError } from '../../../preload/wire/errors.ts';
import { createNetworkFetch } from '../../hub/hub.ts';
import { cacheFolderOf } from '../cache-folder.ts';
import { connectHub, hubTokenOf, networkOf } from '../connect-hub.ts';
import type { Invocation } from '../invocation.ts';
import { ok, problemOf, warning, type Finding } from './finding.ts';

/** Certificates are refused by a clock that is wrong by more than their time. */
const MOST_SKEW_MS = 5 * 60_000;
const ANSWER_LIMIT_MS = 15_000;
const OTHER_TOKEN = 'Set another access token in the settings, or in HF_TOKEN.';

export async function checkNetwork(invocation: Invocation): Promise<readonly Finding[]> {
  const { environment, signal } = invocation;
  const { offlineBy, hubEndpoint, network } = environment;
  const findings: Finding[] = [];
  if (network.certificatesFile !== null)
    findings.push(
      ok(
        'network',
        'certificates',
        `Also those of ${network.certificatesFile.value} are trusted (${network.certificatesFile.variable}).`,
      ),
    );
  for (const proxy of [network.proxy, network.httpProxy])
    // A proxy's address may have a password in it.
    if (proxy !== null) findings.push(ok('network', 'proxy', `${withoutPassword(proxy.value)} (${proxy.variable}).`));
  if (offlineBy !== null)
    return [...findings, ok('network', 'Hub', `Hearth is kept offline by ${offlineBy}; nothing was asked.`)];
  return [...findings, ...(await askHub(invocation, hubEndpoint, signal))];
}

async function askHub({ environment }: Invocation, endpoint: string, signal: AbortSignal): Promise<readonly Finding[]> {
  const stop = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_LIMIT_MS)]);
  const from = performance.now();
  try {
    const token = tokenOf(environment);
    const hub = connectHub(
      environment,
      await cacheFolderOf(environment).catch(() => environment.defaultCacheFolder),
      token,
    );
    const input = {
      query: '',
      sort: 'downloads',
      library: 'gguf',
      author: null,
      task: null,
      license: null,
      cursor: null,
    } as const;
    await Promise.race([hub.search(input, stop), late(stop)]);
    const found = [ok('network', 'Hub', `${endpoint} answers in ${Math.round(performance.now() - from)} ms.`)];
    const skew = await clockSkew(`${endpoint}/api/models?limit=1`, environment, stop);
    if (skew !== null)
      found.push(
        Math.abs(skew) > MOST_SKEW_MS
          ? warning(
              'network',
              'clock',
              `The clock here is ${Math.round(Math.abs(skew) / 1000)} seconds ${skew > 0 ? 'ahead of' : 'behind'} the Hub's.`,
              'Set the clock: certificates and accesses with a time limit fail otherwise.',
            )
          : ok('network', 'clock', 'The clock agrees with the Hub.'),
      );
    return [...found, await checkedToken(hub, token, stop)];
  } catch (error) {
    signal.throwIfAborted();
    if (isAppError(error, 'hub.unauthorized')) return [problemOf('network', 'token', error, OTHER_TOKEN)];
    return [
      problemOf(
        'network',
        'Hub',
        error,
        'Models that are here work without it. Check the connection, the proxy (HTTPS_PROXY) and the certificates (SSL_CERT_FILE).',
      ),
    ];
  }
}

/** A search that waits for its own tries again longer than a check may take. */
async function late(stop: AbortSignal): Promise<never> {
  await delay(ANSWER_LIMIT_MS, undefined, { signal: stop, ref: false }).catch(() => {});
  throw new AppError('hub.offline', `The Hub did not answer within ${ANSWER_LIMIT_MS / 1000} seconds.`);
}

function tokenOf(environment: Invocation['environment']): string | null {
  try {
    return hubTokenOf(environment);
  } catch {
    return null;
  }
}

async function checkedToken(
  hub: ReturnType<typeof connectHub>,
  token: string | null,
  signal: AbortSignal,
): Promise<Finding> {
  if (token === null) return ok('network', 'token', 'None is set. Open models need none.');
  try {
    const { name } = await hub.checkToken(token, signal);
    return ok('network', 'token', name === null ? 'The access token is accepted.' : `The access token is ${name}'s.`);
  } catch (error) {
    return {
      ...problemOf('network', 'token', error, ''),
      status: 'warning',
      advice: OTHER_TOKEN,
    };
  }
}

/** How much the clock here is ahead of the server's; null where it does not tell. */
async function clockSkew(
  url: string,
  environment: Invocation['environment'],
  signal: AbortSignal,
): Promise<number | null> {
  try {
    const network = networkOf(environment);
    const from = Date.now();
    const response = await createNetworkFetch(() => network)(url, { signal });
    await response.body?.cancel();
    const server = Date.parse(response.headers.get('date') ?? '');
    // The header has whole seconds.
    return Number.isNaN(server) ? null : (from + Date.now()) / 2 - (server + 500);
  } catch {
    return null;
  }
}

function withoutPassword(address: string): string {
  const url = URL.parse(address);
  if (url === null) return 'a proxy';
  url.username = url.password = '';
  return url.href.replace(/\/$/, '');
}
