/**
 * The engine as the rest of the app sees it: models are loaded, asked and unloaded by id. Behind it one child process per loaded
 * model, and only this folder knows about processes. The entry of this folder.
 */
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import type { Calibration, Hardware, LoadedModel, LoadSettings } from '../../preload/contract/engine.ts';
import { AppError } from '../../preload/wire/errors.ts';
import type { Fit } from '../../preload/contract/model.ts';
import type { CallName, InputOf, OutputOf } from '../../preload/wire/rpc.ts';
import type { FreeMemory } from '../model-file/fit.ts';
import { llamaPackageVersion, type Backends } from './packages/backends.ts';
import { freeCores, watchBusyCores } from './host/busy-cores.ts';
import { physicalCores } from './cores.ts';
import { defaultWatchdog, superviseChild, type Watchdog } from './host/engine-process.ts';
import { createHardwareProbe } from './host/hardware.ts';
import { createHost, type FindFile, type Host, type Instance } from './host/residents.ts';
import { defaultLoadSettings } from './host/load-plan.ts';
import { calibrate } from './host/load.ts';
import { createPlanner, plainFreeMemory, type EngineModel, type EngineRecords } from './host/planner.ts';
import {
  BACKEND_VARIABLE,
  PACKAGES_VARIABLE,
  type ChildBackend,
  type ChildContract,
  type GenerateEvent,
  type GenerateRequest,
  type RenderedPrompt,
  type StateFile,
} from './protocol.ts';
import { createSpares } from './host/spares.ts';

export { createBackends, npmRegistry, type Backends, type BackendsOptions } from './packages/backends.ts';
export { physicalCores } from './cores.ts';
export type { Watchdog } from './host/engine-process.ts';
export { defaultLoadSettings } from './host/load-plan.ts';
export type { EngineModel, EngineRecords } from './host/planner.ts';
export type {
  ChildBackend,
  GenerateEvent,
  GenerateRequest,
  GenerateResult,
  PromptMessage,
  RenderedPrompt,
  StateFile,
  ToolCall,
  ToolChoice,
  ToolDefinition,
} from './protocol.ts';

export interface EngineOptions {
  /** Starts the engine child on a plain Node with an IPC channel, stdout ignored and stderr piped, and these environment variables. */
  readonly spawnChild: (variables: Readonly<Record<string, string>>) => ChildProcess;
  readonly onChange: (loaded: readonly LoadedModel[]) => void;
  readonly now?: () => number;
  /** What is remembered of loads. Without it nothing is, and threads are chosen by the model's size instead of a measurement. */
  readonly records?: EngineRecords;
  readonly freeMemory?: () => FreeMemory;
  /** The user's; read whenever they matter. */
  readonly limits?: () => { readonly memoryBudgetBytes: number | null; readonly idleUnloadMinutes: number | null };
  /** Finds adapters and models that guess ahead. */
  readonly findFile?: FindFile;
  /** GPU libraries; absent: the CPU is all that is used. */
  readonly backends?: Backends;
  /** Keep one child warm for the next load. */
  readonly spare?: boolean;
  /** Below it each child gets a folder of its own for as long as it lives; what is there at the start goes. */
  readonly scratchFolder?: string;
  readonly watchdog?: Watchdog;
  /** Between two looks for models that were idle for too long. */
  readonly sweepMs?: number;
}

type Passed<R extends CallName<ChildContract>> = (
  modelId: string,
  input: InputOf<ChildContract, R>,
) => Promise<OutputOf<ChildContract, R>>;

export interface Engine {
  loaded(): readonly LoadedModel[];
  /**
   * Loads a model unless it is loaded; idle models go when there is no room beside them. Concurrent calls share one load. `retry` loads
   * what failed too often before, `ifRoom` only what needs nothing to go. Throws model.*, engine.*, busy when other models write and
   * leave no room.
   */
  load(model: EngineModel, options?: { retry?: boolean; ifRoom?: boolean }): Promise<LoadedModel>;
  /** Ends the model's child, whatever it does; resolves when the process is gone. */
  unload(modelId: string): Promise<void>;
  /**
   * A reply, as events; the last is `end`. The model must be loaded. When `signal` fires the model stops within a token and the
   * stream still ends with its `end`. Throws engine.crashed when the child ends under it, template.invalid, engine.context_full, busy.
   */
  generate(modelId: string, request: GenerateRequest, signal: AbortSignal): AsyncGenerator<GenerateEvent>;
  /** The prompt that `generate` would make. Throws engine.not_loaded, template.invalid. */
  prompt(modelId: string, input: InputOf<ChildContract, 'prompt'>): Promise<RenderedPrompt>;
  /** Writes a chat's state to a file; null when the model is not loaded or holds none of it. */
  saveState(
    modelId: string,
    input: InputOf<ChildContract, 'saveState'>,
  ): Promise<(StateFile & { sizeBytes: number }) | null>;
  /** Forgets a chat's state, in every loaded model when `modelId` is null. Never throws. */
  dropState(modelId: string | null, chatKey: string): Promise<void>;
  tokenize: Passed<'tokenize'>;
  detokenize: Passed<'detokenize'>;
  embed: Passed<'embed'>;
  rerank: Passed<'rerank'>;
  /** Somebody looks at this model: it is not unloaded for idleness until what this answers is called. */
  keep(modelId: string): () => void;
  /** A model's own load settings, what a load with them would take, and what is known of it on this machine. */
  settings(model: EngineModel): Promise<{
    settings: LoadSettings;
    fit: Fit;
    trainedContextSize: number | null;
    calibration: Calibration | null;
  }>;
  estimate(model: EngineModel, settings: LoadSettings): Promise<Fit>;
  /** Keeps them for the model's next load; null forgets. */
  saveSettings(modelId: string, settings: LoadSettings | null): LoadSettings;
  /** Measures a loaded model and keeps what was fastest. Throws engine.not_loaded, busy while it writes. */
  calibrate(modelId: string): Promise<Calibration>;
  hardware(): Promise<Hardware>;
  /** Fetches GPU libraries as a job; the next load uses them. Throws unsupported, hub.offline. */
  installBackend(backend: 'cuda' | 'vulkan'): { readonly jobId: string };
  /** What is free of the RAM and, as it was last seen, of the GPU's memory. */
  freeMemory(): FreeMemory;
  /** Resident memory of all children, in bytes. */
  memoryBytes(): Promise<number>;
  close(): Promise<void>;
}

const SWEEP_MS = 15_000;
/** After a load, before the next spare child is started: the model's first reply goes first. */
const SPARE_DELAY_MS = 3000;

/** How often the threads of a model that writes are fitted to what other programs leave. */
const REFIT_MS = 2000;

/** A host with no model yet. */
export function createEngine(options: EngineOptions): Engine {
  const now = options.now ?? Date.now;
  const records = options.records ?? null;
  const start = (backend: ChildBackend): ReturnType<typeof superviseChild> =>
    superviseChild(
      options.spawnChild({
        [BACKEND_VARIABLE]: backend,
        ...(options.backends && { [PACKAGES_VARIABLE]: `${options.backends.folder}#${llamaPackageVersion}` }),
      }),
      options.watchdog ?? defaultWatchdog,
    );
  const spares = createSpares(start, options.spare ?? false);
  const hardware = createHardwareProbe(start, options.backends ?? null);
  const planner = createPlanner({
    records,
    hardware,
    freeMemory: options.freeMemory ?? plainFreeMemory,
    budgetBytes: () => options.limits?.().memoryBudgetBytes ?? null,
    occupants: () => host.occupants(),
  });
  const busy = watchBusyCores(() => host.occupants().flatMap(({ pid }) => pid ?? []));
  const host: Host = createHost({
    ...{ planner, spares, busy, records, now, onChange: options.onChange },
    idleUnloadMinutes: () => options.limits?.().idleUnloadMinutes ?? null,
    findFile: options.findFile ?? null,
    scratchFolder: options.scratchFolder ?? null,
  });
  const sweeper = setInterval(host.sweep, options.sweepMs ?? SWEEP_MS);
  sweeper.unref();
  let spareTimer: NodeJS.Timeout | undefined;

  async function prepareSpare(): Promise<void> {
    spares.prepare((await hardware.probe()).backend);
  }
  function prepareSpareLater(): void {
    clearTimeout(spareTimer);
    spareTimer = setTimeout(() => void prepareSpare(), SPARE_DELAY_MS);
    spareTimer.unref();
  }
  if (options.spare === true) void prepareSpare();

  const passed =
    <R extends CallName<ChildContract>>(route: R): Passed<R> =>
    async (modelId, input) => {
      const { child } = await host.use(modelId);
      try {
        return await child.client.call(route, input);
      } catch (thrown) {
        throw await child.explain(thrown);
      }
    };

  /** As many threads as other programs leave cores for. */
  async function fitThreads(instance: Awaited<ReturnType<Host['use']>>): Promise<void> {
    const { settings, loaded, state, child } = instance;
    if (settings.threads !== 'auto') return;
    const best = loaded.calibration ?? loaded.plan;
    const most = freeCores(physicalCores(), busy.cores());
    const decodeThreads = Math.min(best.decodeThreads, most);
    if (decodeThreads === state.threads) return;
    const promptThreads = Math.min(best.promptThreads, most);
    await child.client.call('setTuning', { decodeThreads, promptThreads, batchSize: loaded.tunedBatchSize });
    host.change(instance, { threads: decodeThreads });
  }

  const setRunning = (instance: Instance, by: 1 | -1): void => {
    instance.running += by;
    instance.lastUsedAt = now();
    if (!instance.loaded) return;
    host.change(instance, {
      status: instance.running > 0 ? 'generating' : 'ready',
      activeSequences: Math.min(instance.running, instance.state.sequences),
      unloadsAt: null,
    });
    if (instance.running === 0) host.sweep();
  };

  return {
    loaded: host.states,
    async load(model, { retry = false, ifRoom = false } = {}) {
      const state = await host.load(model, { retry, ifRoom });
      if (options.spare === true) prepareSpareLater();
      return state;
    },
    unload: host.unload,

    async *generate(modelId, request, signal) {
      const instance = await host.use(modelId);
      const { child } = instance;
      if (signal.aborted) throw new AppError('cancelled', 'Stopped before the reply began.');
      const requestId = request.requestId ?? randomUUID();
      const stop = (): void => void child.client.call('stop', { requestId }).catch(() => {});
      signal.addEventListener('abort', stop);
      const isFirst = instance.running === 0;
      setRunning(instance, 1);
      // Other programs come and go while a long reply is written.
      const refit = setInterval(() => void fitThreads(instance).catch(() => {}), REFIT_MS);
      try {
        if (isFirst) await fitThreads(instance);
        yield* child.client.stream('generate', { ...request, requestId });
      } catch (thrown) {
        throw await child.explain(thrown);
      } finally {
        clearInterval(refit);
        signal.removeEventListener('abort', stop);
        if (!child.death && instance.running === 1) {
          const memory = await child.client.call('memory', {}).catch(() => null);
          if (memory) host.change(instance, { memoryBytes: memory.rssBytes, vramBytes: memory.vramBytes });
        }
        setRunning(instance, -1);
      }
    },

    prompt: passed('prompt'),
    async saveState(modelId, input) {
      const there = host.instances().find((instance) => instance.model.modelId === modelId && instance.loaded);
      return there ? await passed('saveState')(modelId, input) : null;
    },
    async dropState(modelId, chatKey) {
      const holding = host
        .instances()
        .filter(({ model, loaded }) => loaded && (modelId === null || model.modelId === modelId));
      await Promise.all(
        holding.map(async ({ child }) => await child?.client.call('dropState', { chatKey }).catch(() => null)),
      );
    },
    tokenize: passed('tokenize'),
    detokenize: passed('detokenize'),
    embed: passed('embed'),
    rerank: passed('rerank'),

    keep: host.keep,
    async settings(model) {
      const settings = planner.settingsOf(model);
      return {
        settings,
        fit: await planner.fitOf(model, settings),
        trainedContextSize: model.summary?.contextLength ?? null,
        calibration: await planner.calibrationOf(model),
      };
    },
    estimate: (model, settings) => planner.fitOf(model, settings),
    saveSettings(modelId, settings) {
      records?.saveSettings(modelId, settings);
      return settings ?? defaultLoadSettings;
    },
    async calibrate(modelId) {
      const instance = await host.use(modelId);
      const { child, model, settings, loaded } = instance;
      if (instance.running > 0) throw new AppError('busy', 'The model is writing. Measure it when it is done.');
      const order = {
        weightsBytes: model.weightsBytes,
        settings,
        now,
        busyCores: 0,
        facts: { cores: physicalCores() },
      };
      setRunning(instance, 1);
      try {
        const found = await calibrate(child, order, loaded.info.batchSize);
        if (found === null)
          throw new AppError(
            'unsupported',
            'This model is too large to be measured within seconds. It uses all cores.',
          );
        loaded.calibration = found.calibration;
        loaded.tunedBatchSize = found.batchSize;
        records?.saveCalibration(modelId, await planner.machine(), found.calibration);
        host.change(instance, { calibration: found.calibration, threads: found.decodeThreads });
        return found.calibration;
      } catch (thrown) {
        throw await child.explain(thrown);
      } finally {
        setRunning(instance, -1);
      }
    },
    hardware: planner.describeHardware,
    installBackend(backend) {
      if (!options.backends) throw new AppError('unsupported', 'There are no GPU libraries to fetch here.');
      return options.backends.install(backend, hardware.forget);
    },
    freeMemory: () => hardware.lastMemory((options.freeMemory ?? plainFreeMemory)()),
    async memoryBytes() {
      const sizes = host
        .instances()
        .map(async ({ loaded, child }) =>
          loaded && child ? ((await child.client.call('memory', {}).catch(() => null))?.rssBytes ?? 0) : 0,
        );
      return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
    },
    async close() {
      clearInterval(sweeper);
      clearTimeout(spareTimer);
      busy.stop();
      await Promise.all([host.close(), spares.close()]);
    },
  };
}
