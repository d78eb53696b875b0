/** The servers elsewhere as they are stored: what is secret lies among the secrets, and all the rest in the settings. */
import { z } from 'zod';
import { providerIdSchema, providerKinds, type ProviderInput } from '../../../preload/contract/providers.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import { HOPS_HEADER } from '../../base/hops.ts';
import { cleanCertificates } from '../../settings/settings.ts';
import type { Secrets } from '../../store/secrets.ts';
import { readSetting, writeSettings } from '../../store/settings.ts';
import type { Store } from '../../store/store.ts';
import { providerKind } from '../registry.ts';
import { parseAddress } from './address.ts';

function isAddress(text: string): boolean {
  try {
    parseAddress(text);
    return true;
  } catch {
    return false;
  }
}

const storedSchema = z.object({
  id: providerIdSchema,
  kind: z.enum(providerKinds),
  name: z.string().min(1).max(60),
  address: z.string().max(300).refine(isAddress),
  headerNames: z.array(z.string().max(80)).max(16),
  certificates: z.string().max(200_000).nullable(),
  enabled: z.boolean(),
});
export type StoredProvider = z.infer<typeof storedSchema>;

/** What of a server is secret. */
export interface ProviderSecrets {
  readonly key: string | null;
  /** By the header's name. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface StoredProviders {
  /** In the order in which they were added. */
  list(): readonly StoredProvider[];
  /** @throws AppError `not_found`. */
  get(id: string): StoredProvider;
  secrets(id: string): ProviderSecrets;
  /** Stores what the page sent, and returns it with its id. @throws AppError `not_found`, `invalid_input`, `disk.full`. */
  save(input: ProviderInput): StoredProvider;
  /** @throws AppError `not_found`, `disk.full`. */
  setKey(id: string, key: string | null): void;
  /** Removes a server with its secrets, and returns what brings it back. @throws AppError `not_found`, `disk.full`. */
  remove(id: string): { readonly restore: () => void };
}

const SETTING = 'providers';
/** More is no list that anyone looks through. */
const MAX_PROVIDERS = 32;

/** Headers that belong to the connection or to the body, and would break both. */
const reservedHeaders: ReadonlySet<string> = new Set([
  ...['host', 'connection', 'content-length', 'content-type', 'transfer-encoding', 'upgrade', 'te', 'trailer'],
  ...['expect', 'accept', 'accept-encoding', 'proxy-authorization', 'proxy-connection', 'keep-alive', HOPS_HEADER],
]);

const secretName = (id: string): string => `provider-${id}`;
const secretSchema = z.object({
  key: z.string().nullable(),
  headers: z.record(z.string(), z.string()),
  /** The origin that they were entered for. Absent from those of earlier versions. */
  origin: z.string().optional(),
});
const originOf = (address: string): string | undefined => URL.parse(address)?.origin;

export function createStoredProviders(store: Store, secretStore: Secrets): StoredProviders {
  /** Entries that no longer fit their schema are passed over, one by one. */
  function list(): readonly StoredProvider[] {
    const stored = readSetting(store, SETTING);
    return (Array.isArray(stored) ? stored : []).flatMap((one) => storedSchema.safeParse(one).data ?? []);
  }
  const write = (providers: readonly StoredProvider[]): void => writeSettings(store, { [SETTING]: providers });

  function get(id: string): StoredProvider {
    const found = list().find((one) => one.id === id);
    if (!found) throw new AppError('not_found', 'There is no such server.');
    return found;
  }

  /** What is stored is for one origin: the address and the secrets lie apart, and one may be stored without the other. */
  function secrets(id: string): ProviderSecrets {
    const text = secretStore.read(secretName(id));
    try {
      const { key, headers, origin } = secretSchema.parse(JSON.parse(text ?? ''));
      if (origin === undefined || origin === originOf(get(id).address)) return { key, headers };
    } catch {
      // As where nothing is stored.
    }
    return { key: null, headers: {} };
  }
  const writeSecrets = (id: string, { key, headers }: ProviderSecrets, address: string): void => {
    const isEmpty = key === null && Object.keys(headers).length === 0;
    const origin = originOf(address);
    secretStore.write(secretName(id), isEmpty ? null : JSON.stringify({ key, headers, origin }));
  };

  /**
   * Stores a server and its secrets, or neither. The address comes first: the secrets still name the origin of before, so that a kill
   * between the two sends nothing to a host that it was not entered for, and an address that is put back finds its key.
   */
  function writeBoth(id: string, providers: readonly StoredProvider[], own: ProviderSecrets, address: string): void {
    const before = list();
    const old = before.find((one) => one.id === id);
    // Those of earlier versions name no origin, so they would follow the address.
    if (old && originOf(old.address) !== originOf(address)) writeSecrets(id, secrets(id), old.address);
    write(providers);
    try {
      writeSecrets(id, own, address);
    } catch (error) {
      write(before);
      throw error;
    }
  }

  return {
    list,
    get,
    secrets,
    save(input) {
      if (providerKind(input.kind) === 'llama.cpp')
        throw new AppError('invalid_input', 'llama.cpp is built in. It needs no address.', {
          ...{ field: 'kind', reason: 'provider_built_in' },
        });
      const all = list();
      const before = input.id === null ? null : get(input.id);
      if (before === null && all.length >= MAX_PROVIDERS)
        throw new AppError('invalid_input', `There are ${MAX_PROVIDERS} servers already. Remove one first.`, {
          ...{ reason: 'too_many_providers', limit: MAX_PROVIDERS },
        });
      const address = parseAddress(input.address);
      refuseTwins(
        { name: input.name, root: address.root },
        before,
        all.filter((one) => one.id !== before?.id),
      );
      const id = before?.id ?? newId(input.name, all);
      // Another host never gets what was entered for this one.
      const isSameHost = before !== null && URL.parse(before.address)?.origin === address.origin;
      const kept = isSameHost ? secrets(id) : { key: null, headers: {} };
      const headers = headersOf(input, kept.headers);
      const { certificates } = input;
      const provider: StoredProvider = {
        ...{ id, kind: 'openai-compatible', name: input.name, address: address.text, enabled: input.enabled },
        headerNames: Object.keys(headers),
        certificates:
          certificates === undefined
            ? (before?.certificates ?? null)
            : certificates === null
              ? null
              : cleanCertificates(certificates),
      };
      const providers = before === null ? [...all, provider] : all.map((one) => (one.id === id ? provider : one));
      writeBoth(id, providers, { key: kept.key, headers }, provider.address);
      return provider;
    },
    setKey(id, key) {
      writeSecrets(id, { ...secrets(id), key }, get(id).address);
    },
    remove(id) {
      const all = list();
      const place = all.indexOf(all.find((one) => one.id === id) ?? get(id));
      const removed = get(id);
      const held = secrets(id);
      writeBoth(
        id,
        all.filter((one) => one.id !== id),
        { key: null, headers: {} },
        removed.address,
      );
      return {
        restore() {
          const now = list();
          if (now.some((one) => one.id === id)) return;
          writeBoth(id, now.toSpliced(Math.min(place, now.length), 0, removed), held, removed.address);
        },
      };
    },
  };
}

/**
 * Two servers of one name cannot be told apart in lists, and two of one address are the same models twice. What a server has already may
 * stay: earlier versions stored twins, which can still be switched off. @throws AppError `invalid_input`.
 */
function refuseTwins(
  { name, root }: { readonly name: string; readonly root: string },
  before: StoredProvider | null,
  others: readonly StoredProvider[],
): void {
  const plain = (text: string): string => text.normalize('NFKC').toLowerCase();
  const named = others.find((one) => plain(one.name) === plain(name));
  if (named && (before === null || plain(before.name) !== plain(name)))
    throw new AppError('invalid_input', `There is a server of the name "${named.name}" already.`, {
      ...{ field: 'name', reason: 'provider_name', server: named.name },
    });
  // With and without `/v1` it is the same server.
  const placed = others.find((one) => parseAddress(one.address).root === root);
  if (placed && (before === null || parseAddress(before.address).root !== root))
    throw new AppError('invalid_input', `"${placed.name}" has this address already.`, {
      ...{ field: 'address', reason: 'provider_address', server: placed.name },
    });
}

/** The headers with their values; those that the page did not see are the stored ones. */
function headersOf(
  { headers }: ProviderInput,
  kept: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const values = new Map<string, { name: string; value: string }>();
  const storedValue = (name: string): string | undefined =>
    Object.entries(kept).find(([one]) => one.toLowerCase() === name.toLowerCase())?.[1];
  for (const { name, value } of headers) {
    if (reservedHeaders.has(name.toLowerCase()))
      throw new AppError('invalid_input', `The header ${name} is Hearth's own.`, {
        ...{ field: 'headers', reason: 'header_reserved', name },
      });
    const given = value ?? storedValue(name);
    if (given === undefined)
      throw new AppError(
        'invalid_input',
        `The header ${name} needs its value. A stored one is only for its old address.`,
        {
          ...{ field: 'headers', reason: 'header_value', name },
        },
      );
    values.set(name.toLowerCase(), { name, value: given });
  }
  return Object.fromEntries([...values.values()].map(({ name, value }) => [name, value]));
}

/** An id made of the name, which no other server has. */
function newId(name: string, all: readonly StoredProvider[]): string {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 30)
    .replace(/-+$/, '');
  const base = plain === '' ? 'server' : plain;
  for (let number = 1; ; number++) {
    const id = number === 1 ? base : `${base}-${number}`;
    if (all.every((one) => one.id !== id)) return id;
  }
}
