/** The API server: the engine for programs, in the dialects that they speak. The entry of this folder. */
import type { ServerActivity, ServerState, serverRoutes } from '../../preload/contract/server.ts';
import { AppError, encodeError } from '../../preload/wire/errors.ts';
import type { InputOf } from '../../preload/wire/rpc.ts';
import { createFeed } from '../base/feed.ts';
import type { Hops } from '../base/hops.ts';
import { createApiResponseRecords } from '../store/api-responses.ts';
import { createKeyRecords } from '../store/api-keys.ts';
import { createModelNameRecords } from '../store/model-names.ts';
import type { Store } from '../store/store.ts';
import { createEditors, type Editors, type EditorPlaces } from './editors/editors.ts';
import { createKeys, type Keys } from './keys/keys.ts';
import { createGivenNames, type GivenNames } from './names/given-names.ts';
import { createApiModels } from './names/models.ts';
import { allRoutes } from './all-routes.ts';
import { createRouter } from './route.ts';
import { createActivity } from './server/activity.ts';
import { createAdmission } from './server/admission.ts';
import { createRequests } from './server/requests.ts';
import { interfacesHere, originHere } from './server/listener.ts';
import { createSwitch, type GivenStart } from './server/switch.ts';
import { createServerSettings } from './server/server-settings.ts';
import type { Services } from './services.ts';

export interface ApiOptions extends Pick<
  Services,
  'inference' | 'engine' | 'hub' | 'jobs' | 'defaultSampling' | 'version'
> {
  readonly store: Store;
  /** By which requests that came by other Hearths are known. */
  readonly hops: Hops;
  readonly library: Services['library'] & Parameters<typeof createApiModels>[0]['library'];
  readonly builtIn: { readonly modelId: string; readonly shortName: string };
  /** Where the programs are whose settings may be written. */
  readonly editorPlaces: EditorPlaces;
  readonly now?: () => number;
  readonly log: { info(line: string): void; warn(line: string): void };
}

export interface Api {
  /** The state, again after every change, and at most once a second for the use of keys. */
  watch(signal: AbortSignal): AsyncGenerator<ServerState>;
  watchActivity(signal: AbortSignal): AsyncGenerator<ServerActivity>;
  /** Resolves when the server listens. Throws invalid_input where a key is needed, unsupported with a reason. */
  start(given?: GivenStart): Promise<ServerState>;
  stop(): Promise<ServerState>;
  /** Throws as `start`, disk.full. */
  update(patch: InputOf<typeof serverRoutes, 'server.update'>): Promise<ServerState>;
  readonly keys: Pick<Keys, 'create' | 'update'>;
  /** Throws not_found, invalid_input for the last key where one is needed, and as `Keys.revoke` where it holds for this run alone. */
  revokeKey(id: string): void;
  readonly names: Pick<GivenNames, 'save' | 'remove'>;
  readonly editors: Editors;
  clearLog(): void;
  /** Throws not_found. */
  endRequest(id: string): void;
  /** Starts the server where the settings say so. Never throws. */
  startWithApp(): Promise<void>;
  close(): Promise<void>;
}

/** The use of keys is stored so often. */
const FLUSH_MS = 5000;
/** It is told so often. */
const USE_NEWS_MS = 1000;

export function createApi(options: ApiOptions): Api {
  const { store, hops, log } = options;
  const now = options.now ?? Date.now;
  const settings = createServerSettings(store);
  const feed = createFeed<ServerState>((_waiting, next) => next);
  const activity = createActivity(() => settings.get().logContents, now);
  const keys = createKeys({ records: createKeyRecords(store), now, onChange: changed, log: log.warn });
  const models = createApiModels({ ...options, given: () => given, isRing: () => hops.ring() !== 'none' });
  const given = createGivenNames({
    ...{ records: createModelNameRecords(store), models: models.all, now, onChange: changed },
  });
  const services: Services = {
    ...options,
    ...{ models, given, activity, keys, now, settings: settings.get, responses: createApiResponseRecords(store) },
  };
  const router = createRouter(allRoutes);
  const flush = setInterval(keys.flush, FLUSH_MS).unref();
  const server = createSwitch({
    ...{ settings, keys, log, onChange: changed },
    answers: (stopped) =>
      createRequests({
        ...{ router, services, keys, activity, hops, stopped, admission: createAdmission(settings.get, keys) },
        onDefect: (path, defect) => log.warn(`The API server, ${path}: ${encodeError(defect).message}`),
      }),
  });
  const useNews = setInterval(() => keys.hasNews() && changed(), USE_NEWS_MS).unref();
  let revision = 0;

  const state = (): ServerState => ({
    ...{ revision, ...server.state(), settings: settings.get() },
    ...{ keys: keys.list(), names: given.list().map(({ definition }) => definition), interfaces: interfacesHere() },
  });
  function changed(): void {
    revision++;
    feed.publish(state());
  }

  return {
    async *watch(signal) {
      const reader = feed.open(signal);
      yield state();
      yield* reader;
    },
    watchActivity: activity.watch,
    async start(order = {}) {
      await server.on(order);
      return state();
    },
    async stop() {
      await server.off();
      return state();
    },
    async update(patch) {
      await server.change({ ...settings.get(), ...withoutUndefined(patch) });
      return state();
    },
    keys,
    revokeKey(id) {
      if (server.isOpenToOthers() && !keys.hasOtherThan(id))
        throw new AppError('invalid_input', 'Other computers reach this server, so it needs a key. Stop it first.', {
          reason: 'last_key',
        });
      keys.revoke(id);
    },
    names: given,
    editors: createEditors({
      places: options.editorPlaces,
      origin: () => originHere(server.state().address, settings.get()),
      isKey: (secret) => keys.find(secret) !== null,
      async contextSize(name) {
        const { model } = await models.find(name, null);
        const inMemory = options.engine.loaded().find(({ modelId }) => modelId === model.modelId)?.contextSize ?? 0;
        return inMemory > 0 ? inMemory : (model.local?.contextLength ?? model.remoteContextSize);
      },
    }),
    clearLog: activity.clear,
    endRequest(id) {
      if (!activity.endRequest(id)) throw new AppError('not_found', 'This request has ended.', { requestId: id });
    },
    async startWithApp() {
      if (!settings.get().startWithApp) return;
      await server
        .on({})
        .catch((thrown: unknown) => log.warn(`The API server was not started: ${encodeError(thrown).message}`));
    },
    async close() {
      clearInterval(flush);
      clearInterval(useNews);
      await server.off();
      keys.flush();
    },
  };
}

const withoutUndefined = <T extends object>(patch: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } =>
  Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]?: Exclude<T[Key], undefined>;
  };
