/**
 * The engine as the rest of the app sees it: a model is opened, and the lease on it carries its verbs. Behind each model in memory is one
 * child process, which only this folder knows about. The entry of this folder.
 */
import type { ChildProcess } from 'node:child_process';
import type { Calibration, EngineEvent, Hardware, LoadedModel, LoadSettings } from '../../preload/contract/engine.ts';
import type { Fit } from '../../preload/contract/model.ts';
import { AppError, isAppError } from '../../preload/wire/errors.ts';
import { createFeed } from '../base/feed.ts';
import type { FreeMemory } from '../model-file/fit.ts';
import type { FitOf } from '../model-file/fit-of.ts';
import type { FindAuxiliaryFile } from './host/auxiliary-files.ts';
import { watchBusyCores, type BusyMeter } from './host/machine/busy-cores.ts';
import {
  defaultWatchdog,
  superviseChild,
  type EngineProcess,
  type OnStderr,
  type Watchdog,
} from './host/processes/engine-process.ts';
import { createHardwareProbe } from './host/machine/hardware.ts';
import { createMemoryEstimate } from './host/machine/memory-estimate.ts';
import { isAtWork, isUsed } from './host/instance.ts';
import { createLease, type Lease, type RequestOrder } from './host/lease.ts';
import { defaultLoadSettings } from './host/load-plan.ts';
import { createPlanner, plainFreeMemory, type EngineModel, type Planner } from './host/planner.ts';
import { createResidents, type OpenLoadedOptions, type OpenOptions, type Residents } from './host/residents.ts';
import { createSpares } from './host/processes/spares.ts';
import type { LoadRecords } from '../store/load-records.ts';
import { createTuning } from './host/machine/tuning.ts';
import { llamaPackageVersion, type Backends } from './packages/backends.ts';
import { BACKEND_VARIABLE, PACKAGES_VARIABLE, type ChildBackend } from './protocol.ts';

export { createBackends, npmRegistry, type Backends } from './packages/backends.ts';
export { physicalCores } from './cores.ts';
export { measureMemoryRate } from './host/machine/memory-rate.ts';
export type { FindAuxiliaryFile } from './host/auxiliary-files.ts';
export type { Watchdog } from './host/processes/engine-process.ts';
export type { Lease } from './host/lease.ts';
export { defaultLoadSettings } from './host/load-plan.ts';
export type { EngineModel } from './host/planner.ts';
export type {
  ChildBackend,
  GenerateEvent,
  GenerateInput,
  GenerateRequest,
  GenerateResult,
  PromptRequest,
  PromptToken,
  RenderedPrompt,
  StateFile,
} from './protocol.ts';

export interface EngineOptions {
  /** Starts the engine child on a plain Node with an IPC channel, stdout ignored and stderr piped, and these environment variables. */
  readonly spawnChild: (variables: Readonly<Record<string, string>>) => ChildProcess;
  readonly onChange: (loaded: readonly LoadedModel[]) => void;
  readonly now?: () => number;
  /** Records of loads. Without them nothing is remembered, and threads are chosen by the model's size instead of a measurement. */
  readonly records?: LoadRecords;
  readonly freeMemory?: () => FreeMemory;
  /** The cores that other programs use. Default: as the system counts them. */
  readonly busy?: BusyMeter;
  /** The user's limits, called whenever they are needed. */
  readonly limits?: () => { readonly memoryBudgetBytes: number | null; readonly idleUnloadMinutes: number | null };
  /** Finds adapters and draft models, for estimates as well as for loads. */
  readonly findAuxiliaryFile?: FindAuxiliaryFile;
  /** Called after a load with these adapters and draft models. */
  readonly onAuxiliaryUsed?: (modelIds: readonly string[]) => void;
  /** GPU libraries; absent: only the CPU is used. */
  readonly backends?: Backends;
  /** Keeps a spare child for the next load. */
  readonly spare?: boolean;
  /** Measures this machine's memory once, while nothing is going on. Needs `records`. */
  readonly measureMemory?: boolean;
  /** The parent of one folder per child, which is deleted with the child. Emptied at the start. */
  readonly scratchFolder?: string;
  readonly watchdog?: Watchdog;
  /** Gets what the children write to standard error. */
  readonly onStderr?: OnStderr;
  /** Time between two checks for idle models. */
  readonly sweepMs?: number;
  /** How long closing waits for leases. */
  readonly closeMs?: number;
}

export interface Engine {
  loaded(): readonly LoadedModel[];
  /** The models in memory: a snapshot, then all of them again after each change, until `signal` fires. */
  watch(signal: AbortSignal): AsyncGenerator<EngineEvent>;
  /**
   * Leases a model and loads it first when needed. Idle models are evicted when it does not fit beside them. Opens of one model share one
   * load. The model counts as used from this call on. Throws model.*, engine.*, cancelled when `signal` fires or the load is cancelled,
   * and busy when models in use leave too little memory.
   */
  open(model: EngineModel, options?: OpenOptions & RequestOrder): Promise<Lease>;
  /** Leases a model that is loaded or being loaded. Throws engine.not_loaded, or the error of the load. */
  openLoaded(modelId: string, options?: RequestOrder & OpenLoadedOptions): Promise<Lease>;
  /** Loads a model without a lease, so it may be evicted afterwards. */
  load(model: EngineModel, options?: OpenOptions): Promise<LoadedModel>;
  /** Ends the model's child even if the model is in use; resolves when the process is gone. */
  unload(modelId: string): Promise<void>;
  /** Unloads a model that nobody uses. Throws busy for one in use. */
  unloadUnused(modelId: string): Promise<void>;
  /** Forgets a chat's state in every loaded model. Never throws. */
  dropState(chatKey: string): Promise<void>;
  /** Keeps a model that a window shows from being unloaded for idleness, until the returned function is called. */
  keep(modelId: string): () => void;
  /**
   * A model's own load settings, the memory of a load with them, and its calibration on this machine. Like `estimate` and `hardware` it
   * may have to ask a GPU, which is ended when `signal` fires and nobody else waits for it. @throws AppError `cancelled`.
   */
  settings(
    model: EngineModel,
    signal?: AbortSignal,
  ): Promise<{
    settings: LoadSettings;
    fit: Fit;
    trainedContextSize: number | null;
    calibration: Calibration | null;
  }>;
  estimate(model: EngineModel, settings: LoadSettings, signal?: AbortSignal): Promise<Fit>;
  /** Stores the settings for the model's next load; null deletes them. */
  saveSettings(modelId: string, settings: LoadSettings | null): LoadSettings;
  /** Measures a loaded model and stores the fastest settings. Throws engine.not_loaded, busy while it writes. */
  calibrate(modelId: string): Promise<Calibration>;
  hardware(signal?: AbortSignal): Promise<Hardware>;
  /** The free memory, with the GPU's. @throws AppError `cancelled`. */
  memory(signal?: AbortSignal): Promise<FreeMemory>;
  /** Fetches GPU libraries as a job; the next load uses them. Throws unsupported, hub.offline. */
  installBackend(backend: 'cuda' | 'vulkan'): { readonly jobId: string };
  /** The number of a text's tokens, those of special marks included; null while the model is not loaded. @throws AppError `cancelled`. */
  countTokens(modelId: string, text: string, signal?: AbortSignal): Promise<number | null>;
  /** The fit of a model that may be anywhere, as its load would be planned now; it waits for no question to the GPU. */
  readonly fitOf: FitOf;
  /** Resident memory of all children, in bytes. */
  memoryBytes(): Promise<number>;
  /** Cancels loads, waits for leases up to a time limit, and ends every child. */
  close(): Promise<void>;
}

const SWEEP_MS = 15_000;
/**
 * Delay from a load to the measurement of a small model and the next spare child, and from the start to the one of memory: the first reply
 * must not compete with them.
 */
const FOLLOW_UP_MS = 3000;

/** An engine without a model yet. */
export function createEngine(options: EngineOptions): Engine {
  const now = options.now ?? Date.now;
  const records = options.records ?? null;
  const freeMemory = options.freeMemory ?? plainFreeMemory;
  const feed = createFeed<EngineEvent>((_waiting, next) => next);
  let revision = 0;
  const start = childStarter(options);
  const spares = createSpares(start, options.spare ?? false);
  const hardware = createHardwareProbe({
    ...{ start, backends: options.backends ?? null },
    occupancy: () =>
      JSON.stringify(residents.occupants().map(({ modelId, pid, vramBytes }) => [modelId, pid, vramBytes])),
  });
  const planner = createPlanner({
    ...{ records, hardware, freeMemory },
    budgetBytes: () => options.limits?.().memoryBudgetBytes ?? null,
    occupants: () => residents.occupants(),
    findAuxiliaryFile: options.findAuxiliaryFile ?? null,
  });
  const ownPids = (): number[] => [...residents.occupants().flatMap(({ pid }) => pid ?? []), ...spares.pids()];
  const busy = options.busy ?? watchBusyCores(ownPids);
  const residents: Residents = createResidents({
    ...{ planner, spares, busy, records, now },
    onChange(loaded) {
      feed.publish({ revision: ++revision, loaded });
      options.onChange(loaded);
    },
    idleUnloadMinutes: () => options.limits?.().idleUnloadMinutes ?? null,
    findAuxiliaryFile: options.findAuxiliaryFile ?? null,
    onAuxiliaryUsed: options.onAuxiliaryUsed ?? (() => {}),
    scratchFolder: options.scratchFolder ?? null,
    onLoaded: followUpLoad,
    ...(options.closeMs !== undefined && { closeMs: options.closeMs }),
  });
  const tuning = createTuning({ residents, planner, busy, records, now });
  const estimateMemory =
    records !== null && options.measureMemory === true
      ? createMemoryEstimate({ records, planner, busy, isWorking: () => residents.instances().some(isAtWork) })
      : async (): Promise<void> => {};
  const sweeper = setInterval(() => {
    residents.sweep();
    void tuning.calibrateUnused().then(estimateMemory);
  }, options.sweepMs ?? SWEEP_MS);
  sweeper.unref();
  const firstEstimate = setTimeout(() => void estimateMemory(), FOLLOW_UP_MS).unref();
  let followUp: NodeJS.Timeout | undefined;

  async function prepareSpare(): Promise<void> {
    if (options.spare === true) spares.prepare((await hardware.probe()).backend);
  }
  function followUpLoad(): void {
    clearTimeout(followUp);
    followUp = setTimeout(() => void tuning.calibrateUnused().then(prepareSpare), FOLLOW_UP_MS).unref();
  }
  void prepareSpare();
  void planner.machine();

  async function open(model: EngineModel, order: OpenOptions & RequestOrder = {}): Promise<Lease> {
    return createLease(await residents.open(model, order), order, residents, tuning);
  }

  return {
    loaded: residents.states,
    async *watch(signal) {
      const reader = feed.open(signal);
      yield { revision, loaded: residents.states() };
      yield* reader;
    },
    open,
    openLoaded: async (modelId, order = {}) =>
      createLease(await residents.openLoaded(modelId, order), order, residents, tuning),
    async load(model, order) {
      const lease = await open(model, order);
      lease[Symbol.dispose]();
      return lease.state();
    },
    unload: residents.unload,
    async unloadUnused(modelId) {
      await residents.worked(modelId);
      if (residents.instances().some((instance) => instance.model.modelId === modelId && isUsed(instance)))
        throw new AppError('busy', 'The model is in use. Stop its replies first, or unload it.', {
          reason: 'model_in_use',
        });
      await residents.unload(modelId);
    },
    async dropState(chatKey) {
      const holding = residents.instances().filter(({ loaded }) => loaded);
      await Promise.all(
        holding.map(async ({ child }) => await child?.client.call('dropState', { chatKey }).catch(() => null)),
      );
    },
    keep: residents.keep,
    ...loadFacts(planner, records),
    async calibrate(modelId) {
      const { instance, release } = await residents.openLoaded(modelId);
      try {
        return await tuning.calibrate(instance);
      } finally {
        release();
      }
    },
    installBackend(backend) {
      if (!options.backends)
        throw new AppError('unsupported', 'There are no GPU libraries for this computer.', { reason: 'no_backends' });
      return options.backends.install(backend, hardware.forget);
    },
    async countTokens(modelId, text, signal) {
      const isReady = residents
        .states()
        .some((one) => one.modelId === modelId && (one.status === 'ready' || one.status === 'generating'));
      if (!isReady) return null;
      try {
        const order = { ownWork: true, signal };
        using lease = createLease(await residents.openLoaded(modelId, order), {}, residents, tuning);
        return (await lease.tokenize({ text, special: true }, signal)).tokens.length;
      } catch (error) {
        // It was unloaded in between, or its child ended.
        if (isAppError(error) && signal?.aborted !== true) return null;
        throw error;
      }
    },
    fitOf: planner.fitNow,
    memory: (signal) => hardware.memory(freeMemory(), signal),
    memoryBytes: () => memoryOf(residents),
    async close() {
      clearInterval(sweeper);
      clearTimeout(followUp);
      clearTimeout(firstEstimate);
      busy.stop();
      await Promise.all([residents.close(), spares.close(), hardware.close()]);
    },
  };
}

/** Starts and supervises a child for a backend. */
function childStarter({
  spawnChild,
  backends,
  watchdog,
  onStderr,
}: EngineOptions): (backend: ChildBackend) => EngineProcess {
  return (backend) =>
    superviseChild(
      spawnChild({
        [BACKEND_VARIABLE]: backend,
        ...(backends && { [PACKAGES_VARIABLE]: `${backends.folder}#${llamaPackageVersion}` }),
      }),
      watchdog ?? defaultWatchdog,
      onStderr,
    );
}

/** The facts about models and this machine that need no load. */
function loadFacts(
  planner: Planner,
  records: LoadRecords | null,
): Pick<Engine, 'settings' | 'estimate' | 'saveSettings' | 'hardware'> {
  return {
    async settings(model, signal) {
      const settings = planner.settingsOf(model);
      return {
        settings,
        fit: await planner.fitOf(model, settings, signal),
        trainedContextSize: model.summary?.contextLength ?? null,
        calibration: await planner.calibrationOf(model),
      };
    },
    estimate: planner.fitOf,
    saveSettings(modelId, settings) {
      records?.saveSettings(modelId, settings);
      return settings ?? defaultLoadSettings;
    },
    hardware: planner.describeHardware,
  };
}

async function memoryOf(residents: Pick<Residents, 'instances'>): Promise<number> {
  const sizes = residents
    .instances()
    .map(async ({ loaded, child }) =>
      loaded && child ? ((await child.client.call('memory', {}).catch(() => null))?.rssBytes ?? 0) : 0,
    );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
