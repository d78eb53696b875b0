/** The Hub as the environment says: its address, the network, and the token that the app uses. */
import { readFileSync } from 'node:fs';
import type { Environment } from '../app/environment.ts';
import { createHub, createNetworkFetch, type Hub, type ProxyOptions } from '../hub/hub.ts';
import { fitIn, type FitOf } from '../model-file/fit-of.ts';
import { HUB_TOKEN_SECRET, readTokenFile } from '../settings/settings.ts';
import { createSecrets } from '../store/secrets.ts';
import { freeMemory } from '../system/system.ts';

/** The token that the app uses; null without one. */
export const hubTokenOf = (environment: Environment): string | null =>
  createSecrets(environment.dataFolder, null).read(HUB_TOKEN_SECRET) ??
  environment.hubToken ??
  readTokenFile(environment.hubTokenFile);

/** The proxy and certificates that the environment sets. */
export function networkOf({ network: { proxy, httpProxy, noProxy, certificatesFile } }: Environment): ProxyOptions {
  const certificates = certificatesFile === null ? null : readFileSync(certificatesFile.value, 'utf8');
  return {
    proxy: proxy?.value ?? null,
    httpProxy: httpProxy?.value ?? null,
    proxyVariable: proxy?.variable ?? null,
    httpProxyVariable: httpProxy?.variable ?? null,
    noProxy,
    certificates,
  };
}

export function connectHub(
  environment: Environment,
  cacheFolder: string,
  token: string | null,
  fitOf: FitOf = fitIn(freeMemory),
): Hub {
  const network = networkOf(environment);
  return createHub({
    endpoint: environment.hubEndpoint,
    token: () => token,
    ...(environment.hubResponseMs !== null && { responseMs: environment.hubResponseMs }),
    ...(environment.hubStallMs !== null && { stallMs: environment.hubStallMs }),
    withLinks: environment.withLinks,
    fetch: createNetworkFetch(() => network),
    offlineBy: environment.offlineBy,
    cacheFolder: () => cacheFolder,
    fitOf,
    fileState: () => 'remote',
  });
}
