/** The provider of models elsewhere: servers that speak OpenAI's protocol, each with its address and its key, and all of them off at first. */
import type { CheckEvent, ProviderEntry, ProviderInput, ProvidersEvent } from '../../preload/contract/providers.ts';
import { createFeed } from '../base/feed.ts';
import { createHops, type Hops } from '../base/hops.ts';
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
import { createKnownServers, refusedFieldsOf, type KnownServer } from './remote/known-servers.ts';
import { defaultRemoteLimits, type RemoteLimits } from './remote/limits.ts';
import { remoteModelId } from './remote/model-ids.ts';
import { openRemoteModel } from './remote/remote-model.ts';
import type { Server } from './remote/server.ts';
import { createStoredProviders, type StoredProvider } from './remote/stored-providers.ts';

export interface RemoteOptions {
  readonly store: Store;
  readonly secrets: Secrets;
  /** The proxies and further certificates of the settings, called at each request. */
  readonly network: () => ProxyOptions;
  /** The variable that keeps Hearth offline; null when online. */
  readonly offlineBy: string | null;
  /** Those of the app's API server. Absent: nothing that is asked here comes by other Hearths. */
  readonly hops?: Hops;
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

export function createRemoteProviders(options: RemoteOptions): RemoteProviders {
  const now = options.now ?? Date.now;
  const undoMs = options.undoMs ?? UNDO_MS;
  const limits = { ...defaultRemoteLimits, ...options.limits };
  const hops = options.hops ?? createHops();
  const stored = createStoredProviders(options.store, options.secrets);
  const feed = createFeed<ProvidersEvent>((_waiting, next) => next);
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
      ...{ name, address: parseAddress(address), limits, hops, offlineBy: options.offlineBy },
      ...stored.secrets(id),
      fetch: createNetworkFetch(network),
    });
  }

  const known = createKnownServers({ list: stored.list, clientOf, now, onChange: changed });

  const event = (): ProvidersEvent => ({
    ...{ revision, offlineBy: options.offlineBy, table: providerTable },
    providers: stored
      .list()
      .map((provider) => entryOf(provider, known.of(provider), stored.secrets(provider.id).key !== null)),
  });
  function changed(): void {
    revision++;
    if (feed.size() > 0) feed.publish(event());
  }

  function shown(id: string): ProviderEntry {
    const provider = stored.get(id);
    return entryOf(provider, known.of(provider), stored.secrets(id).key !== null);
  }

  return {
    async list() {
      await known.firstAnswers(limits.listMs);
      return stored.list().flatMap((provider): readonly ProvidedModel[] => {
        if (!provider.enabled) return [];
        return entryOf(provider, known.of(provider), false).models.map(({ modelId, name, contextSize, abilities }) => ({
          ...{ modelId, name, contextSize, abilities },
        }));
      });
    },
    async find(modelId): Promise<FoundModel> {
      const { one, model, server } = await known.serverOf(modelId);
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
      void known.refresh();
      yield event();
      yield* reader;
    },
    save(input) {
      const { id } = stored.save(input);
      known.forget(id);
      changed();
      // The page that saved it is told its models.
      if (input.enabled && feed.size() > 0) void known.ask(stored.get(id));
      return shown(id);
    },
    setKey(id, key) {
      stored.setKey(id, key);
      known.forget(id);
      changed();
      if (stored.get(id).enabled && feed.size() > 0) void known.ask(stored.get(id));
      return shown(id);
    },
    remove(id) {
      const { restore } = stored.remove(id);
      known.forget(id);
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
      void known.refresh();
      return { restored: true };
    },
    async *check(id, signal) {
      const provider = stored.get(id);
      const one = known.of(provider);
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
      known.forgetAll();
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
function entryOf(provider: StoredProvider, { status, server }: KnownServer, hasKey: boolean): ProviderEntry {
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
