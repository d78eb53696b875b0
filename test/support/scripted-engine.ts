/** An engine over children in this process that follow a script, for tests of loading, leasing and ending. */
import type { ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { AppError } from '../../preload/wire/errors.ts';
import { isFrame, serve, type Frame, type InputOf } from '../../preload/wire/rpc.ts';
import { createEngine, type Engine, type EngineModel, type EngineOptions } from '../../main/engine/engine.ts';
import {
  childContract,
  type ChildContract,
  type DeviceReport,
  type GenerateEvent,
  type LoadedInfo,
  type LoadEvent,
  type LoadRequest,
  type Measurement,
} from '../../main/engine/protocol.ts';

export interface ScriptedChild {
  /** Path of the model that it was told to load. */
  readonly modelPath: string | undefined;
  readonly isAlive: boolean;
  /** The host has told it to end. */
  readonly isEnding: boolean;
  /** The script refused its load: the host must end it. */
  readonly hasFailed: boolean;
  /** Running replies. */
  readonly writing: number;
  /** Measurements and saves of a state under way. */
  readonly working: number;
  /** Ends it as the system would. */
  die(): void;
}

export type ScriptedStep = 'load' | 'text' | 'tuning' | 'devices' | 'measure' | 'state' | 'tokens' | 'end';

export interface Script {
  /** Pauses a child between the steps of a load, between two events of a reply, before new threads, tokens and its end. */
  readonly pause?: (step: ScriptedStep) => Promise<void>;
  /** Refuses a load. */
  readonly loadError?: (modelPath: string) => AppError | null;
  /** What a child says of its devices; absent: it refuses to say. */
  readonly devices?: DeviceReport;
  /** What a child measures, whatever it is asked to measure; absent: it refuses to. */
  readonly tokensPerSecond?: number;
  /** Resident memory of a child with its model. */
  readonly rssBytes?: number;
  /** Threads of a loaded model before they are tuned. */
  readonly decodeThreads?: number;
  /** Events of a reply that nobody stops. */
  readonly replyEvents?: number;
  /** A child was told to load a model; it is already in `children`. */
  readonly onLoad?: (child: ScriptedChild) => void;
  /** A child is asked for vectors. */
  readonly onEmbed?: () => void;
  /** The host ends a child. */
  readonly onKill?: (child: ScriptedChild) => void;
}

export interface ScriptedEngine {
  readonly engine: Engine;
  /** Every child that was started, in order. */
  readonly children: readonly ScriptedChild[];
  living(): readonly ScriptedChild[];
}

/** A model without a file: its path is its id. */
export const scriptedModel = (modelId: string, weightsBytes = 100): EngineModel => ({
  ...{ modelId, name: modelId, path: modelId, weightsBytes, contextSize: 256 },
});

/** The engine over scripted children. Free memory is `options.freeMemory`, by default plenty. */
export function startScripted(script: Script = {}, options: Partial<EngineOptions> = {}): ScriptedEngine {
  const children: ScriptedChild[] = [];
  const engine = createEngine({
    spawnChild() {
      const child = createChild(script);
      children.push(child.facts);
      return child.process;
    },
    onChange: () => {},
    freeMemory: () => ({ totalRamBytes: 1e12, freeRamBytes: 1e12 }),
    // Speeds that are measured on a busy machine are not kept.
    closeMs: 1,
    busy: { cores: async () => 0, stop: () => {} },
    ...options,
  });
  return { engine, children, living: () => children.filter(({ isAlive }) => isAlive) };
}

const noPause = (): Promise<void> => Promise.resolve();

function createChild(script: Script): { readonly process: ChildProcess; readonly facts: ScriptedChild } {
  const pause = script.pause ?? noPause;
  const end = new EventEmitter();
  const toChild: ((frame: Frame) => void)[] = [];
  const onClose: (() => void)[] = [];
  const stops = new Map<string, AbortController>();
  let modelPath: string | undefined;
  let isAlive = true;
  let isEnding = false;
  let hasFailed = false;
  let writing = 0;
  let working = 0;

  const facts: ScriptedChild = {
    get modelPath() {
      return modelPath;
    },
    get isAlive() {
      return isAlive;
    },
    get isEnding() {
      return isEnding;
    },
    get hasFailed() {
      return hasFailed;
    },
    get writing() {
      return writing;
    },
    get working() {
      return working;
    },
    die: () => exit('SIGSEGV'),
  };

  function exit(signal: NodeJS.Signals): void {
    if (!isAlive) return;
    isAlive = false;
    for (const close of onClose) close();
    end.emit('disconnect');
    end.emit('exit', null, signal);
    end.emit('close', null, signal);
  }

  const process = Object.assign(end, {
    // No process has this id. Without one the child would count as not started.
    pid: 0,
    stderr: null,
    send(frame: Frame) {
      const copy = structuredClone(frame);
      queueMicrotask(() => {
        if (isAlive && isFrame(copy)) for (const listener of toChild) listener(copy);
      });
      return true;
    },
    kill() {
      if (!isAlive || isEnding) return false;
      isEnding = true;
      script.onKill?.(facts);
      void pause('end').then(() => exit('SIGKILL'));
      return true;
    },
  });

  Object.defineProperty(process, 'connected', { get: () => isAlive });

  async function* load({ modelPath: path, sequences }: LoadRequest): AsyncGenerator<LoadEvent> {
    modelPath = path;
    script.onLoad?.(facts);
    yield { type: 'progress', progress: 0.5 };
    await pause('load');
    const error = script.loadError?.(path) ?? null;
    if (error !== null) {
      hasFailed = true;
      throw error;
    }
    yield { type: 'ready', info: { ...info, sequences, decodeThreads: script.decodeThreads ?? info.decodeThreads } };
  }

  async function work(step: ScriptedStep): Promise<void> {
    working++;
    await pause(step);
    working--;
  }

  async function* generate(requestId: string): AsyncGenerator<GenerateEvent> {
    const stop = new AbortController();
    stops.set(requestId, stop);
    writing++;
    try {
      for (let event = 0; event < (script.replyEvents ?? 3) && !stop.signal.aborted; event++) {
        yield { type: 'text', content: 'x', reasoning: '' };
        await pause('text');
      }
      yield { type: 'end', result: resultOf(stop.signal.aborted ? 'stopped' : 'max_tokens') };
    } finally {
      writing--;
      stops.delete(requestId);
    }
  }

  serve(
    childContract,
    {
      load,
      generate: (request) => generate(request.requestId ?? ''),
      stop({ requestId }) {
        for (const [id, stop] of stops) if (requestId === undefined || id === requestId) stop.abort();
        return null;
      },
      prompt: () => notScripted(),
      memory: () => ({ rssBytes: script.rssBytes ?? 100, vramBytes: 0 }),
      ping: () => ({ activeSequences: writing, queued: 0, idleMs: null, samplingMs: null }),
      async devices() {
        await pause('devices');
        return script.devices ?? notScripted();
      },
      async setTuning(tuning) {
        await pause('tuning');
        return tuning;
      },
      bench: () => notScripted(),
      async measure(candidates) {
        await work('measure');
        return { measured: measurementsOf(candidates, script.tokensPerSecond ?? notScripted()) };
      },
      async saveState() {
        await work('state');
        return null;
      },
      dropState: () => null,
      async tokenize({ text }) {
        await pause('tokens');
        return { tokens: [...text].map((one, id) => ({ id, text: one })) };
      },
      detokenize: () => notScripted(),
      embed({ texts }) {
        script.onEmbed?.();
        return { vectors: texts.map(() => [1]), tokens: texts.length };
      },
      rerank: ({ documents }) => ({ scores: documents.map(() => 0.5) }),
    },
    {
      post(frame) {
        const copy = structuredClone(frame);
        queueMicrotask(() => {
          if (isAlive) end.emit('message', copy);
        });
      },
      onFrame: (listener) => void toChild.push(listener),
      onClose: (listener) => void onClose.push(listener),
    },
    (signal) => ({ signal }),
  );
  return { process: process as unknown as ChildProcess, facts };
}

function measurementsOf(
  { decodeThreads, promptThreads, batchSizes }: InputOf<ChildContract, 'measure'>,
  tokensPerSecond: number,
): readonly Measurement[] {
  const one = (phase: Measurement['phase'], threads: number, batchSize: number): Measurement => ({
    ...{ phase, threads, batchSize, tokensPerSecond },
  });
  return [
    ...decodeThreads.map((threads) => one('decode', threads, info.batchSize)),
    ...promptThreads.flatMap((threads) => batchSizes.map((size) => one('prompt', threads, size))),
  ];
}

function notScripted(): never {
  throw new AppError('unsupported', 'A scripted child cannot do this.');
}

const info: LoadedInfo = {
  ...{ contextSize: 256, trainedContextSize: 256, sequences: 1, decodeThreads: 1, promptThreads: 1, batchSize: 512 },
  ...{ kvCacheType: 'F16', flashAttention: false, gpuLayers: 0, layerCount: 1, device: 'CPU', vramBytes: 0 },
  ...{ hasChatTemplate: true, notes: [], stateKey: 'scripted' },
};

type GenerateResult = Extract<GenerateEvent, { readonly type: 'end' }>['result'];
const resultOf = (endReason: GenerateResult['endReason']): GenerateResult => ({
  ...{ promptTokens: 1, reusedTokens: 0, promptMs: 1, generatedTokens: 1, generateMs: 1, contextSize: 256 },
  ...{ omittedMessages: 0, makeUp: { systemTokens: 0, historyTokens: 0, messageTokens: 1, templateTokens: 0 } },
  ...{ endReason, seed: 1, restoredTokens: 0, queuedMs: 0 },
});
