/**
 * The engine host: one child process per loaded model. It decides which model is loaded, turns every way a child can end into
 * one typed error, and is the only place that knows about processes. The exit event is the only truth about a child.
 */
import type { ChildProcess } from 'node:child_process';
import type { LoadedModel } from '../../preload/contract/engine.ts';
import { AppError, encodeError, isAppError } from '../../preload/contract/errors.ts';
import { connect, type Client } from '../../preload/contract/rpc.ts';
import { physicalCores, threadsFor } from './cores.ts';
import { ipcPort } from './ipc-port.ts';
import { type ChildContract, type GenerateEvent, type GenerateRequest, type LoadedInfo } from './protocol.ts';

export { physicalCores } from './cores.ts';
export type { GenerateEvent, GenerateRequest, GenerateResult, PromptMessage } from './protocol.ts';

export interface EngineModel {
  readonly modelId: string;
  readonly name: string;
  readonly path: string;
  readonly weightsBytes: number;
  /** Tokens of context to load with. */
  readonly contextSize: number;
}

export interface EngineOptions {
  /** Starts the engine child on a plain Node with an IPC channel, stdout ignored and stderr piped. */
  readonly spawnChild: () => ChildProcess;
  readonly onChange: (loaded: readonly LoadedModel[]) => void;
  readonly now?: () => number;
}

export interface Engine {
  loaded(): readonly LoadedModel[];
  /** Loads a model unless it is loaded; another model makes room first. Concurrent calls share one load. Throws model.*, engine.*. */
  load(model: EngineModel, options?: { retry?: boolean }): Promise<LoadedModel>;
  /** Ends the model's child, whatever it does; resolves when the process is gone. */
  unload(modelId: string): Promise<void>;
  /**
   * A reply, as events; the last is `end`. The model must be loaded. When `signal` fires the model stops within a token and the
   * stream still ends with its `end`. Throws engine.crashed when the child ends under it, template.invalid, engine.context_full.
   */
  generate(modelId: string, request: GenerateRequest, signal: AbortSignal): AsyncGenerator<GenerateEvent>;
  /** Resident memory of all children, in bytes. */
  memoryBytes(): Promise<number>;
  close(): Promise<void>;
}

interface Instance {
  readonly model: EngineModel;
  readonly child: ChildProcess;
  readonly client: Client<ChildContract>;
  readonly exited: Promise<void>;
  state: LoadedModel;
  ready: Promise<LoadedModel>;
  /** Set when the host itself ended the child: its exit is then no crash. */
  ending: boolean;
  /** Why the child ended, once it has. */
  death: AppError | undefined;
}

/** Failed starts in a row after which only an explicit retry starts a model again. */
const FAILED_STARTS = 3;
/** A chat template that takes longer is taken to loop. */
const TEMPLATE_LIMIT_MS = 10_000;
const STDERR_TAIL_CHARS = 4000;

/** A host with no child yet. */
export function createEngine(options: EngineOptions): Engine {
  const instances = new Map<string, Instance>();
  const failedStarts = new Map<string, { count: number; error: AppError }>();
  const now = options.now ?? (() => performance.now());
  let turn: Promise<unknown> = Promise.resolve();
  let closed = false;

  const loaded = (): LoadedModel[] => [...instances.values()].map((instance) => instance.state);
  const change = (instance: Instance, patch: Partial<LoadedModel>): void => {
    instance.state = { ...instance.state, ...patch };
    if (instances.get(instance.model.modelId) === instance) options.onChange(loaded());
  };

  function start(model: EngineModel): Instance {
    const child = options.spawnChild();
    let stderr = '';
    child.stderr
      ?.setEncoding('utf8')
      .on('data', (text: string) => (stderr = (stderr + text).slice(-STDERR_TAIL_CHARS)));
    let settleExit = (): void => {};
    const instance: Instance = {
      model,
      child,
      client: connect<ChildContract>(ipcPort(child)),
      exited: new Promise<void>((resolve) => (settleExit = resolve)),
      state: {
        modelId: model.modelId,
        name: model.name,
        status: 'loading',
        progress: 0,
        contextSize: 0,
        trainedContextSize: 0,
        threads: 0,
        gpuLayers: 0,
        layerCount: 0,
        device: '',
        memoryBytes: 0,
        loadMs: 0,
        notes: [],
        error: null,
      },
      ready: Promise.reject(new AppError('internal', 'The load has not begun.')),
      ending: false,
      death: undefined,
    };
    instance.ready.catch(() => {});
    const onGone = (death: AppError): void => {
      if (instance.death) return;
      instance.death = death;
      settleExit();
      if (instances.get(model.modelId) !== instance) return;
      if (instance.ending) {
        instances.delete(model.modelId);
        options.onChange(loaded());
      } else change(instance, { status: 'failed', error: encodeError(death), memoryBytes: 0 });
    };
    child.once('error', (error) =>
      onGone(
        new AppError('engine.start_failed', 'The engine could not be started.', {
          reason: error.message.slice(0, 300),
        }),
      ),
    );
    child.once('exit', (code, signal) => onGone(crash(code, signal, stderr)));
    instances.set(model.modelId, instance);
    instance.ready = runLoad(instance);
    instance.ready.catch(() => {}); // everyone who asked awaits it; a load that nobody awaits shows in the state
    options.onChange(loaded());
    return instance;
  }

  async function runLoad(instance: Instance): Promise<LoadedModel> {
    const { model, client } = instance;
    const begun = now();
    try {
      let info: LoadedInfo | undefined;
      const threads = threadsFor(model.weightsBytes, physicalCores());
      for await (const event of client.stream('load', {
        modelPath: model.path,
        contextSize: model.contextSize,
        threads,
      })) {
        if (event.type === 'progress') change(instance, { progress: event.progress });
        else info = event.info;
      }
      if (!info) throw new AppError('engine.crashed', 'The engine ended the load without a word.');
      const memoryBytes = await client.call('memory', {});
      failedStarts.delete(model.modelId);
      const { hasChatTemplate, ...facts } = info;
      const notes = hasChatTemplate
        ? []
        : ['This model has no chat template: it goes on with your text instead of answering it.'];
      change(instance, { ...facts, notes, memoryBytes, status: 'ready', progress: 1, loadMs: now() - begun });
      return instance.state;
    } catch (thrown) {
      const error = await deathOr(instance, thrown);
      if (instance.ending) throw new AppError('cancelled', 'The load was cancelled.');
      failedStarts.set(model.modelId, { count: (failedStarts.get(model.modelId)?.count ?? 0) + 1, error });
      change(instance, { status: 'failed', error: encodeError(error) });
      instance.child.kill('SIGKILL'); // a failed load must not keep its memory
      throw error;
    }
  }

  /** A lost connection means that the child ended: its exit says why, and comes at once. */
  async function deathOr(instance: Instance, thrown: unknown): Promise<AppError> {
    if (isAppError(thrown, 'disconnected')) {
      await instance.exited;
      return instance.death ?? thrown;
    }
    return isAppError(thrown)
      ? thrown
      : new AppError('internal', thrown instanceof Error ? thrown.message : String(thrown));
  }

  async function end(instance: Instance): Promise<void> {
    instance.ending = true;
    if (!instance.death) instance.child.kill('SIGKILL'); // it holds nothing that must be saved
    await instance.exited;
    if (instances.get(instance.model.modelId) === instance) {
      instances.delete(instance.model.modelId);
      options.onChange(loaded());
    }
  }

  /** Loads and unloads one after the other: two models must not be brought into memory at once. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = turn.then(work, work);
    turn = result.catch(() => {});
    return result;
  }

  return {
    loaded,

    async load(model, { retry = false } = {}) {
      if (retry) failedStarts.delete(model.modelId);
      const failed = failedStarts.get(model.modelId);
      if (failed && failed.count >= FAILED_STARTS) throw failed.error;
      const instance = await inTurn(async () => {
        if (closed) throw new AppError('cancelled', 'Hearth is closing.');
        const there = instances.get(model.modelId);
        if (there && there.state.status !== 'failed') return there;
        for (const other of [...instances.values()]) await end(other);
        return start(model);
      });
      return await instance.ready;
    },

    async unload(modelId) {
      const instance = instances.get(modelId);
      if (instance) await end(instance);
    },

    async *generate(modelId, request, signal) {
      const instance = instances.get(modelId);
      if (!instance) throw new AppError('engine.not_loaded', 'The model is not loaded.');
      await instance.ready;
      const { client } = instance;
      const stop = (): void => void client.call('stop', {}).catch(() => {});
      if (signal.aborted) throw new AppError('cancelled', 'Stopped before the reply began.');
      signal.addEventListener('abort', stop);
      // Rendering runs in the child: one that loops blocks only it, and this ends it.
      let hung = false;
      const watchdog = setTimeout(() => {
        hung = true;
        instance.child.kill('SIGKILL');
      }, TEMPLATE_LIMIT_MS);
      change(instance, { status: 'generating' });
      try {
        for await (const event of client.stream('generate', request)) {
          clearTimeout(watchdog);
          yield event;
        }
      } catch (thrown) {
        const error = await deathOr(instance, thrown);
        if (hung)
          throw new AppError(
            'template.invalid',
            "The model's chat template did not come to an end. Its process was stopped.",
            {
              limitMs: TEMPLATE_LIMIT_MS,
            },
          );
        if (instance.ending)
          throw new AppError('engine.crashed', 'The model was unloaded while it wrote.', { reason: 'unloaded' });
        throw error;
      } finally {
        clearTimeout(watchdog);
        signal.removeEventListener('abort', stop);
        if (!instance.death) {
          const memoryBytes = await client.call('memory', {}).catch(() => instance.state.memoryBytes);
          if (!instance.death) change(instance, { status: 'ready', memoryBytes });
        }
      }
    },

    async memoryBytes() {
      const sizes = [...instances.values()].map(async (instance) => {
        if (instance.death || instance.state.status === 'loading') return 0;
        return await instance.client.call('memory', {}).catch(() => 0);
      });
      return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
    },

    async close() {
      closed = true;
      await Promise.all([...instances.values()].map(end));
    },
  };
}

/** What an exit tells. A killed child cannot say who killed it; the words name the usual cause without claiming it. */
function crash(code: number | null, signal: NodeJS.Signals | null, stderr: string): AppError {
  const reason = signal ?? `exit code ${code ?? 'unknown'}`;
  const lastLine = stderr.trim().split('\n').at(-1)?.slice(0, 300) ?? '';
  if (/out of memory|bad_alloc|cannot allocate|allocation failed/i.test(stderr))
    return new AppError('engine.out_of_memory', 'The engine ran out of memory and stopped.', {
      reason,
      detail: lastLine,
    });
  if (signal === 'SIGKILL')
    return new AppError('engine.crashed', 'The engine was stopped by the system, most often because memory ran out.', {
      reason,
    });
  if (signal === 'SIGILL')
    return new AppError('engine.crashed', 'The engine used an instruction that this processor does not have.', {
      reason,
    });
  return new AppError('engine.crashed', `The engine stopped unexpectedly (${reason}).`, { reason, detail: lastLine });
}
