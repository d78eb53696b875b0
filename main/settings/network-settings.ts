/** The network values in force: from the environment, else from the settings, else the defaults. */
import { readFileSync } from 'node:fs';
import type { NetworkSettings, Settings } from '../../preload/contract/settings.ts';
import { AppError } from '../../preload/wire/errors.ts';
import type { Secrets } from '../store/secrets.ts';
import { cleanCertificates, joinProxy, shownCertificates, shownProxy, splitProxy, type Network } from './network.ts';
import type { StoredSettings } from './stored-settings.ts';

/** A value that a variable fixes, and the variable's name. */
export interface FixedValue {
  readonly value: string;
  readonly variable: string;
}

/** The values that the environment fixes in place of the settings. */
export interface FixedNetwork {
  readonly hubEndpoint: FixedValue | null;
  /** For https. */
  readonly proxy: FixedValue | null;
  /** For plain http. */
  readonly httpProxy: FixedValue | null;
  /** Hosts that are reached without a proxy, in the form of NO_PROXY. */
  readonly noProxy: string | null;
  /** A PEM file of certificate authorities. */
  readonly certificatesFile: FixedValue | null;
}

export interface NetworkOptions {
  readonly stored: StoredSettings;
  readonly secrets: Secrets;
  readonly fixed: FixedNetwork;
  readonly defaultHubEndpoint: string;
}

export type NetworkPatch = { readonly [Key in keyof NetworkSettings]?: NetworkSettings[Key] | undefined };

export interface NetworkModule {
  /** The values in force, with the proxy's password. */
  current(): Network;
  /** The values for the page: the endpoint only if one was chosen, the proxy without its password, the number of certificates. */
  shown(): Settings['network'];
  /**
   * Returns the patched settings, and stores the proxy's password among the secrets. @throws AppError `invalid_input` for invalid
   * certificates, `unsupported` for values that the environment fixes, `disk.full`.
   */
  patched(patch: NetworkPatch): NetworkSettings;
}

/** The name of the proxy's password among the secrets. */
const PROXY_PASSWORD_SECRET = 'proxy-password';

export function createNetworkSettings({ stored, secrets, fixed, defaultHubEndpoint }: NetworkOptions): NetworkModule {
  // Read once at the start, like the environment.
  const fixedCertificates = fixed.certificatesFile === null ? null : readText(fixed.certificatesFile.value);

  function current(): Network {
    const kept = stored.get('network');
    const chosen = kept.proxy === null ? null : joinProxy(kept.proxy, secrets.read(PROXY_PASSWORD_SECRET));
    return {
      hubEndpoint: (fixed.hubEndpoint?.value ?? kept.hubEndpoint ?? defaultHubEndpoint).replace(/\/+$/, ''),
      proxy: fixed.proxy?.value ?? chosen,
      httpProxy: fixed.httpProxy?.value ?? chosen,
      proxyVariable: fixed.proxy?.variable ?? null,
      httpProxyVariable: fixed.httpProxy?.variable ?? null,
      noProxy: fixed.noProxy,
      certificates: fixedCertificates ?? kept.certificates,
    };
  }

  function shown(): Settings['network'] {
    const { proxy, certificates } = current();
    const fixedBy: Partial<Record<keyof NetworkSettings, string>> = {};
    if (fixed.hubEndpoint) fixedBy.hubEndpoint = fixed.hubEndpoint.variable;
    if (fixed.proxy) fixedBy.proxy = fixed.proxy.variable;
    if (fixed.certificatesFile) fixedBy.certificates = fixed.certificatesFile.variable;
    return {
      hubEndpoint: fixed.hubEndpoint?.value ?? stored.get('network').hubEndpoint,
      proxy: proxy === null ? null : shownProxy(proxy),
      certificates: certificates === null ? null : shownCertificates(certificates),
      fixedBy,
    };
  }

  /** The address without its password, and the password. */
  function patchedProxy(patch: string | null | undefined): { address: string | null; password: string | null } {
    const kept = { address: stored.get('network').proxy, password: secrets.read(PROXY_PASSWORD_SECRET) };
    if (patch === undefined) return kept;
    return patch === null ? { address: null, password: null } : splitProxy(patch, kept);
  }

  return {
    current,
    shown,
    patched(patch) {
      const { fixedBy } = shown();
      for (const name of ['hubEndpoint', 'proxy', 'certificates'] as const)
        if (patch[name] !== undefined && fixedBy[name] !== undefined)
          throw new AppError('unsupported', `This is set by ${fixedBy[name]}. Unset it to choose here.`, {
            reason: 'fixed_by',
            variable: fixedBy[name] ?? null,
          });
      const kept = stored.get('network');
      const proxy = patchedProxy(patch.proxy);
      const { hubEndpoint = kept.hubEndpoint, certificates = kept.certificates } = patch;
      const network = {
        hubEndpoint,
        proxy: proxy.address,
        certificates:
          patch.certificates === undefined || certificates === null ? certificates : cleanCertificates(certificates),
      };
      // The secret is stored first, because an address without its password is worse than a password without its address.
      secrets.write(PROXY_PASSWORD_SECRET, proxy.password);
      return network;
    },
  };
}

/** A small file as text; null when it cannot be read. */
export function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
