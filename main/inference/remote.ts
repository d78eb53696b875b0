/** The provider of models elsewhere: servers that speak OpenAI's protocol, each with its address and its key, and all of them off at first. */
import type {
  CheckEvent,
  ProviderEntry,
  ProviderInput,
  ProvidersEvent,
  ProviderStatus,
} from '../../preload/contract/providers.ts';
import { parseRemoteModelId } from '../../preload/contract/remote-model-id.ts';
import { AppError, encodeError } from '../../preload/wire/errors.ts';
import { createFeed } from '../base/feed.ts';
import { UNDO_MS } from '../base/undo.ts';
import { createNetworkFetch, type ProxyOptions } from '../hub/hub.ts';
import { shownCertificates } from '../settings/settings.ts';
import type { Secrets } from '../store/secrets.ts';
import type { Store } from '../store/store.ts';
import type { FoundModel, ProvidedModel, Provider } from './provider.ts';
import { providerTable } from './registry.ts';
import { parseAddress } from './remote/address.ts';
import { checkServer } from './remote/check.ts';
import { createRemoteClient, type RemoteClient } from './remote/client.ts';
import { defaultRemoteLimits, type RemoteLimits } from './remote/limits.ts';
import { remoteModelId } from './remote/model-ids.ts';
import { probeServer } from './remote/probe.ts';
import { openRemoteModel } from './remote/remote-model.ts';
import type { Server, ServerModel } from './remote/server.ts';
import { createStoredProviders, type StoredProvider } from './remote/stored-providers.ts';

export interface RemoteOptions {
  readonly store: Store;
  readonly secrets: Secrets;
  /** The proxies and further certificates of the settings, called at each request. */
  readonly network: () => ProxyOptions;
  /** The variable that keeps Hearth offline; null when online. */
  readonly offlineBy: string | null;
  readonly limits?: Partial<RemoteLimits>;
  readonly now?: () => number;
  /** How long a removal can be undone. */
  readonly undoMs?: number;
}

/** The servers elsewhere, as a provider of models and as the list that the user keeps. */
export interface RemoteProviders extends Provider {
  watch(signal: AbortSignal): AsyncGenerator<ProvidersEvent>;
  /** @throws AppError `not_found`, `invalid_input`, `disk.full`. */
  save(input: ProviderInput): ProviderEntry;
  /** @throws AppError `not_found`, `disk.full`. */
  setKey(id: string, key: string | null): ProviderEntry;
  /** @throws AppError `not_found`, `disk.full`. */
  remove(id: string): { readonly undoMs: number };
  undoRemove(id: string): { readonly restored: boolean };
  /** @throws AppError `not_found`. */
  check(id: string, signal: AbortSignal): AsyncGenerator<CheckEvent>;
  /** Ends what is being asked. */
  close(): void;
}

/** What is known of a server in this process. It is forgotten when its settings change. */
interface Known {
  readonly client: RemoteClient;
  readonly ending: AbortController;
  status: ProviderStatus;
  server: Server | null;
  asking: Promise<void> | null;
  /** By model: the fields that its server refuses. */
  readonly refusedFields: Map<string, Set<string>>;
}

/** A list of models is asked for again after this time, in the background: models come and go at a server. */
const LIST_MS = 5 * 60_000;
/** A server that failed is asked again in the background after this time. */
const FAILED_MS = 60_000;
/** A model that is not in the list is looked for in a new one, unless the list is younger. */
const FRESH_MS = 5000;

export function createRemoteProviders(options: RemoteOptions): RemoteProviders {
  const now = options.now ?? Date.now;
  const undoMs = options.undoMs ?? UNDO_MS;
  const limits = { ...defaultRemoteLimits, ...options.limits };
  const stored = createStoredProviders(options.store, options.secrets);
  const feed = createFeed<ProvidersEvent>((_waiting, next) => next);
  const known = new Map<string, Known>();
  const removed = new Map<string, { readonly restore: () => void; readonly timer: NodeJS.Timeout }>();
  let revision = 0;

  function clientOf({ id, name, address, certificates }: StoredProvider): RemoteClient {
    const network = (): ProxyOptions => {
      const all = options.network();
      return {
        ...all,
        certificates: [all.certificates, certificates].filter((pem) => pem !== null).join('\n') || null,
      };
    };
    return createRemoteClient({
      ...{ name, address: parseAddress(address), limits, offlineBy: options.offlineBy },
      ...stored.secrets(id),
      fetch: createNetworkFetch(network),
    });
  }

  function knownOf(provider: StoredProvider): Known {
    const found = known.get(provider.id);
    if (found) return found;
    const fresh: Known = {
      ...{ client: clientOf(provider), ending: new AbortController() },
      status: { state: provider.enabled ? 'unasked' : 'off' },
      ...{ server: null, asking: null, refusedFields: new Map<string, Set<string>>() },
    };
    known.set(provider.id, fresh);
    return fresh;
  }

  function forget(id: string): void {
    known.get(id)?.ending.abort();
    known.delete(id);
  }

  const event = (): ProvidersEvent => ({
    ...{ revision, offlineBy: options.offlineBy, table: providerTable },
    providers: stored
      .list()
      .map((provider) => entryOf(provider, knownOf(provider), stored.secrets(provider.id).key !== null)),
  });
  function changed(): void {
    revision++;
    if (feed.size() > 0) feed.publish(event());
  }

  /** Asks a server for its models. Those who ask at the same time wait for one answer. Never throws: what failed is in its status. */
  function ask(provider: StoredProvider): Promise<void> {
    const one = knownOf(provider);
    one.asking ??= (async () => {
      if (one.status.state !== 'ready') one.status = { state: 'asking' };
      changed();
      try {
        one.server = await probeServer(one.client, one.ending.signal);
        one.status = { state: 'ready', at: now() };
      } catch (error) {
        one.status = { state: 'failed', at: now(), error: encodeError(error) };
      }
      one.asking = null;
      // Its settings may have changed meanwhile.
      if (known.get(provider.id) === one) changed();
    })();
    return one.asking;
  }

  /** Asks the servers that are on and whose list is unknown or old. Returns those that nothing is known of yet. */
  function refresh(): Promise<void>[] {
    return stored.list().flatMap((provider) => {
      if (!provider.enabled) return [];
      const { status, asking } = knownOf(provider);
      if (status.state === 'unasked') return ask(provider);
      const isOld =
        (status.state === 'ready' && now() - status.at > LIST_MS) ||
        (status.state === 'failed' && now() - status.at > FAILED_MS);
      if (isOld) void ask(provider);
      return status.state === 'asking' && asking ? asking : [];
    });
  }

  const missing = (message: string, facts: Readonly<Record<string, string>>): AppError =>
    new AppError('model.missing', message, facts);

  /** The server of a model, on and asked. */
  async function serverFor(
    modelId: string,
  ): Promise<{ provider: StoredProvider; one: Known; model: ServerModel; server: Server }> {
    const parsed = parseRemoteModelId(modelId);
    const provider = stored.list().find(({ id }) => id === parsed?.providerId);
    if (!parsed || !provider)
      throw missing('The server of this model was removed. Choose another model.', { reason: 'provider_gone' });
    const { name } = provider;
    if (!provider.enabled)
      throw missing(`“${name}” is switched off. Switch it on in the settings, or choose another model.`, {
        ...{ reason: 'provider_off', server: name },
      });
    const find = (): ServerModel | undefined =>
      knownOf(provider).server?.models.find((model) => model.name === parsed.name);
    const { status } = knownOf(provider);
    if (status.state !== 'ready' || (find() === undefined && now() - status.at > FRESH_MS)) await ask(provider);
    const one = knownOf(provider);
    const model = find();
    if (model && one.server) return { provider, one, model, server: one.server };
    if (one.status.state === 'failed')
      throw new AppError(one.status.error.code, one.status.error.message, one.status.error.data ?? {});
    throw missing(`“${name}” has no model “${parsed.name}”.`, { reason: 'remote', server: name, model: parsed.name });
  }

  function refusedFieldsOf(one: Known, model: string): Set<string> {
    const found = one.refusedFields.get(model) ?? new Set<string>();
    one.refusedFields.set(model, found);
    return found;
  }

  function shown(id: string): ProviderEntry {
    const provider = stored.get(id);
    return entryOf(provider, knownOf(provider), stored.secrets(id).key !== null);
  }

  return {
    async list() {
      await Promise.all(refresh());
      return stored.list().flatMap((provider): readonly ProvidedModel[] => {
        if (!provider.enabled) return [];
        return entryOf(provider, knownOf(provider), false).models.map(({ modelId, name }) => ({ modelId, name }));
      });
    },
    async find(modelId): Promise<FoundModel> {
      const { one, model, server } = await serverFor(modelId);
      const refusedFields = refusedFieldsOf(one, model.name);
      return {
        modelId,
        name: model.name,
        open: (order) =>
          Promise.resolve(
            openRemoteModel({ modelId, client: one.client, server, model, refusedFields }, order?.signal),
          ),
      };
    },
    async *watch(signal) {
      const reader = feed.open(signal);
      void refresh();
      yield event();
      yield* reader;
    },
    save(input) {
      const { id } = stored.save(input);
      forget(id);
      changed();
      // The page that saved it is told its models.
      if (input.enabled && feed.size() > 0) void ask(stored.get(id));
      return shown(id);
    },
    setKey(id, key) {
      stored.setKey(id, key);
      forget(id);
      changed();
      if (stored.get(id).enabled && feed.size() > 0) void ask(stored.get(id));
      return shown(id);
    },
    remove(id) {
      const { restore } = stored.remove(id);
      forget(id);
      const timer = setTimeout(() => removed.delete(id), undoMs).unref();
      clearTimeout(removed.get(id)?.timer);
      removed.set(id, { restore, timer });
      changed();
      return { undoMs };
    },
    undoRemove(id) {
      const held = removed.get(id);
      if (!held) return { restored: stored.list().some((one) => one.id === id) };
      held.restore();
      clearTimeout(held.timer);
      removed.delete(id);
      changed();
      void refresh();
      return { restored: true };
    },
    async *check(id, signal) {
      const provider = stored.get(id);
      const one = knownOf(provider);
      const ending = AbortSignal.any([signal, one.ending.signal]);
      const events = checkServer({
        ...{ client: one.client, signal: ending },
        onProbed(server) {
          one.server = server;
          one.status = provider.enabled ? { state: 'ready', at: now() } : one.status;
          changed();
        },
        open: (server, model) =>
          openRemoteModel(
            {
              ...{ modelId: remoteModelId(id, model.name) ?? id, client: one.client, server, model },
              refusedFields: refusedFieldsOf(one, model.name),
            },
            ending,
          ),
      });
      for await (const found of events) {
        if (found.type === 'failed' && provider.enabled && one.server === null) {
          one.status = { state: 'failed', at: now(), error: found.error };
          changed();
        }
        if (found.type === 'found' && found.finding.step === 'tools') {
          one.server = withTools(one.server, found.finding.model, !found.finding.absent);
          changed();
        }
        yield found;
      }
    },
    close() {
      for (const id of [...known.keys()]) forget(id);
      for (const { timer } of removed.values()) clearTimeout(timer);
    },
  };
}

/** The server, with what a check found of a model's tools. */
function withTools(server: Server | null, name: string, tools: boolean): Server | null {
  return (
    server && {
      ...server,
      models: server.models.map((model) =>
        model.name === name ? { ...model, abilities: { ...model.abilities, tools } } : model,
      ),
    }
  );
}

/** A server as the page sees it. */
function entryOf(provider: StoredProvider, { status, server }: Known, hasKey: boolean): ProviderEntry {
  const { id, kind, name, enabled, headerNames, certificates } = provider;
  const address = parseAddress(provider.address);
  const models = (server?.models ?? []).flatMap((model) => {
    const modelId = remoteModelId(id, model.name);
    return modelId === null
      ? []
      : { modelId, name: model.name, contextSize: model.contextSize, abilities: model.abilities };
  });
  return {
    ...{ id, kind, name, hasKey, headerNames, enabled, status, models },
    address: provider.address,
    certificates: certificates === null ? null : shownCertificates(certificates),
    leavesComputer: !address.isLoopback,
    unencrypted: address.isUnencrypted,
    server: server && { kind: server.kind, version: server.version },
    modelsLeftOut: (server?.modelsLeftOut ?? 0) + (server?.models.length ?? 0) - models.length,
  };
}
