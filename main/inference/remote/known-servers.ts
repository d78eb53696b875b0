/** What is known of each server in this process: whether it answers, what it is, and its models. Nothing is asked before someone wants to know. */
import type { ProviderStatus } from '../../../preload/contract/providers.ts';
import { parseRemoteModelId } from '../../../preload/contract/remote-model-id.ts';
import { AppError, encodeError } from '../../../preload/wire/errors.ts';
import type { RemoteClient } from './client.ts';
import { probeServer } from './probe.ts';
import type { Server, ServerModel } from './server.ts';
import type { StoredProvider } from './stored-providers.ts';

/** What is known of a server. It is forgotten when its settings change. */
export interface KnownServer {
  readonly client: RemoteClient;
  /** Fires when it is forgotten, and ends what is being asked. */
  readonly ending: AbortController;
  status: ProviderStatus;
  server: Server | null;
  asking: Promise<void> | null;
  /** Whether it was asked before, with success or without, or was silent for as long as a list waits. */
  wasAsked: boolean;
  /** By model: the fields that its server refuses. */
  readonly refusedFields: Map<string, Set<string>>;
}

interface KnownServersOptions {
  readonly list: () => readonly StoredProvider[];
  readonly clientOf: (provider: StoredProvider) => RemoteClient;
  readonly now: () => number;
  readonly onChange: () => void;
}

export interface KnownServers {
  of(provider: StoredProvider): KnownServer;
  forget(id: string): void;
  forgetAll(): void;
  /** Asks a server for its models. Those who ask at the same time wait for one answer. Never throws: what failed is in its status. */
  ask(provider: StoredProvider): Promise<void>;
  /** Asks the servers that are on and whose list is unknown or old. Returns the waits for those that nothing is known of yet. */
  refresh(): Promise<void>[];
  /** Refreshes, and waits so long for the servers that nothing is known of. One that was silent for so long is not waited for again. */
  firstAnswers(limitMs: number): Promise<void>;
  /** The server of a model, on and asked. @throws AppError `model.missing`, or why the server does not answer. */
  serverOf(modelId: string): Promise<{
    readonly one: KnownServer;
    readonly server: Server;
    readonly model: ServerModel;
  }>;
}

/** A list of models is asked for again after this time, in the background: models come and go at a server. */
const LIST_MS = 5 * 60_000;
/** A server that failed is asked again in the background after this time. */
const FAILED_MS = 60_000;
/** A model that is not in the list is looked for in a new one, unless the list is younger. */
const FRESH_MS = 5000;

export function createKnownServers({ list, clientOf, now, onChange }: KnownServersOptions): KnownServers {
  const known = new Map<string, KnownServer>();

  function of(provider: StoredProvider): KnownServer {
    const found = known.get(provider.id);
    if (found) return found;
    const fresh: KnownServer = {
      ...{ client: clientOf(provider), ending: new AbortController() },
      status: { state: provider.enabled ? 'unasked' : 'off' },
      ...{ server: null, asking: null, wasAsked: false, refusedFields: new Map<string, Set<string>>() },
    };
    known.set(provider.id, fresh);
    return fresh;
  }

  function forget(id: string): void {
    known.get(id)?.ending.abort();
    known.delete(id);
  }

  function ask(provider: StoredProvider): Promise<void> {
    const one = of(provider);
    one.asking ??= (async () => {
      if (one.status.state !== 'ready') one.status = { state: 'asking' };
      onChange();
      try {
        one.server = await probeServer(one.client, one.ending.signal);
        one.status = { state: 'ready', at: now() };
      } catch (error) {
        one.status = { state: 'failed', at: now(), error: encodeError(error) };
      }
      one.asking = null;
      one.wasAsked = true;
      // Its settings may have changed meanwhile.
      if (known.get(provider.id) === one) onChange();
    })();
    return one.asking;
  }

  function refresh(): Promise<void>[] {
    return list().flatMap((provider) => {
      if (!provider.enabled) return [];
      const { status, asking, wasAsked } = of(provider);
      if (status.state === 'unasked') return ask(provider);
      const isOld =
        (status.state === 'ready' && now() - status.at > LIST_MS) ||
        (status.state === 'failed' && now() - status.at > FAILED_MS);
      if (isOld) void ask(provider);
      // One that was silent before may be silent again, and lists of other models are not to wait for it every minute.
      return !wasAsked && asking ? asking : [];
    });
  }

  return {
    of,
    forget,
    forgetAll() {
      for (const id of [...known.keys()]) forget(id);
    },
    ask,
    refresh,
    async firstAnswers(limitMs) {
      const waits = refresh();
      if (waits.length === 0) return;
      const late = Promise.withResolvers<void>();
      const timer = setTimeout(late.resolve, limitMs);
      await Promise.race([Promise.all(waits), late.promise]);
      clearTimeout(timer);
      for (const one of known.values()) if (one.asking) one.wasAsked = true;
    },
    async serverOf(modelId) {
      const parsed = parseRemoteModelId(modelId);
      const provider = list().find(({ id }) => id === parsed?.providerId);
      if (!parsed || !provider)
        throw new AppError('model.missing', 'The server of this model was removed. Choose another model.', {
          reason: 'provider_gone',
        });
      const { name } = provider;
      if (!provider.enabled)
        throw new AppError('model.missing', `“${name}” is switched off. Switch it on, or choose another model.`, {
          ...{ reason: 'provider_off', server: name },
        });
      const find = (): ServerModel | undefined =>
        of(provider).server?.models.find((model) => model.name === parsed.name);
      const { status } = of(provider);
      if (status.state !== 'ready' || (find() === undefined && now() - status.at > FRESH_MS)) await ask(provider);
      const one = of(provider);
      const model = find();
      if (model && one.server) return { one, model, server: one.server };
      if (one.status.state === 'failed') {
        const { code, message, data } = one.status.error;
        throw new AppError(code, message, data ?? {});
      }
      throw new AppError('model.missing', `“${name}” has no model “${parsed.name}”.`, {
        ...{ reason: 'remote', server: name, model: parsed.name },
      });
    },
  };
}

/** The fields that the server of a model has refused, to be added to. */
export function refusedFieldsOf({ refusedFields }: KnownServer, model: string): Set<string> {
  const found = refusedFields.get(model) ?? new Set<string>();
  refusedFields.set(model, found);
  return found;
}
