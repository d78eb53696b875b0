/** Brings a model into memory with all that a session needs: context, template, draft model, adapters. */
import { getModuleVersion, type Llama, type LlamaContext, type LlamaModel } from 'node-llama-cpp';
import { physicalCores } from '../cores.ts';
import type { BenchOrder, BenchSample, LoadedInfo, LoadRequest, Measurement, Pulse, Tuning } from '../protocol.ts';
import { createBatching, type Batching } from './batch/batching.ts';
import { loadDrafting } from './batch/draft-model.ts';
import { watchSampling } from './batch/sampling-errors.ts';
import { checkTemplate, specialTextOf, templateSourceOf } from './prompt/model-template.ts';
import type { TemplateHost, TemplateHosts, TemplateSource } from '../../chat-format/template/template-host.ts';
import { createTokenizer, type Tokenizer } from './prompt/tokenizer.ts';
import { createSession, type Session } from './session.ts';
import { stateKeyOf } from './state-key.ts';
import { createVectors, type Vectors } from './vectors.ts';

export interface LoadOptions {
  readonly llama: Llama;
  readonly request: LoadRequest;
  readonly signal: AbortSignal;
  /** Starts the thread that renders a template. */
  readonly openTemplate: (source: TemplateSource) => TemplateHost;
  /** The thread for templates that come with requests. It starts with the first of them. */
  readonly openTemplates: (special: TemplateSource['special']) => TemplateHosts;
  /** From 0 to 1. */
  readonly onProgress: (progress: number) => void;
}

export interface LoadedEngine {
  readonly model: LlamaModel;
  readonly tokenizer: Tokenizer;
  readonly session: Session;
  readonly vectors: Vectors;
  readonly info: LoadedInfo;
  /** Takes effect with the next batch. Returns the values after the limits of the machine and the context. */
  setTuning(tuning: Tuning): Tuning;
  measure(candidates: Parameters<Session['measure']>[0]): Promise<Measurement[]>;
  bench(order: BenchOrder, signal: AbortSignal): Promise<BenchSample>;
  pulse(): Pulse;
  vramBytes(): number;
}

/** Loads the engine; after an error nothing stays in memory. @throws what llama.cpp throws. */
export async function loadEngine({
  llama,
  request,
  signal,
  openTemplate,
  openTemplates,
  onProgress,
}: LoadOptions): Promise<LoadedEngine> {
  await using undo = new AsyncDisposableStack();
  const model = undo.use(await llama.loadModel(modelSettings(request, signal, onProgress)));
  const source = templateSourceOf(model);
  const host = source && openTemplate(source);
  if (host) undo.defer(() => host.close());
  // The thread starts while the context is made.
  const checked = checkTemplate(model, host);
  checked.catch(() => {}); // awaited below, unless the context fails

  const limits = createThreadLimits(physicalCores());
  const first = limits.cut(request, request.batchSize);
  const batching = createBatching(llama, first);
  const settings = contextSettings(request, limits.cores, batching, signal);
  const adapters = request.loras.map(({ path, scale }) => ({ filePath: path, scale }));
  const context = await model.createContext({ ...settings, ...(adapters.length > 0 ? { lora: { adapters } } : {}) });
  const sampling = watchSampling(context);
  const drafting = await loadDrafting({
    ...{ llama, signal, undo, speculation: request.speculation, mmap: request.mmap, target: model },
    contextSettings: { ...settings, contextSize: context.contextSize, batching: {} },
  });
  const { template, plain, notes } = await checked;

  const tokenizer = createTokenizer(model);
  const stateKey = stateKeyOf(llama, request, await getModuleVersion());
  const flashAttention =
    (context.flashAttention === 'auto' ? model.flashAttentionSupported : context.flashAttention) === true;
  const session = createSession({
    ...{ model, context, tokenizer, template, plain, batching, stateKey },
    givenTemplates: openTemplates(specialTextOf(model)),
    createDrafter: drafting.createDrafter,
    usesAttentionTiles: flashAttention && computesOnProcessor(model) && ['F16', 'F32'].includes(request.kvCacheType),
    scratchFolder: request.scratchFolder,
  });
  const setTuning = (tuning: Tuning): Tuning => {
    const cut = limits.cut(tuning, context.batchSize);
    batching.tune(cut);
    return cut;
  };
  const vectors = createVectors(
    model,
    tokenizer,
    request.contextSize,
    () => (llama.maxThreads = batching.tuning().promptThreads),
  );
  const vramBytes = (): number =>
    model.memoryUsage.vram + context.memoryUsage.vram + drafting.vramBytes() + vectors.vramBytes();
  const devices = model.gpuLayers > 0 ? await llama.getGpuDeviceNames() : [];
  const info: LoadedInfo = {
    ...sizesOf(model, context),
    ...{ decodeThreads: first.decodeThreads, promptThreads: first.promptThreads },
    ...{ kvCacheType: request.kvCacheType, flashAttention, device: devices[0] ?? 'CPU', vramBytes: vramBytes() },
    hasChatTemplate: source !== null,
    notes: [...(drafting.note === null ? [] : [drafting.note]), ...notes],
    stateKey,
  };
  undo.move();
  return {
    ...{ model, tokenizer, session, vectors, info, setTuning, vramBytes },
    measure: (candidates) => session.measure(candidates, setTuning),
    bench: (order, signal) => session.bench(order, setTuning, signal),
    pulse() {
      const grammarMs = session.grammarMs();
      const choosing = [sampling.samplingMs(), drafting.samplingMs()].filter((ms) => ms !== null);
      return {
        activeSequences: session.active(),
        queued: session.waiting(),
        idleMs: session.active() > 0 ? batching.idleMs() : null,
        samplingMs: choosing.length > 0 ? Math.max(...choosing) : null,
        ...(grammarMs !== null && { grammarMs }),
      };
    },
  };
}

function modelSettings(
  request: LoadRequest,
  signal: AbortSignal,
  onProgress: (progress: number) => void,
): Parameters<Llama['loadModel']>[0] {
  return {
    modelPath: request.modelPath,
    gpuLayers: request.gpuLayers,
    useMmap: request.mmap,
    useMlock: request.mlock,
    // The host decides what fits, by its measurements.
    ignoreMemorySafetyChecks: true,
    loadSignal: signal,
    onLoadProgress: onProgress,
  };
}

function contextSettings(
  request: LoadRequest,
  cores: number,
  batching: Batching,
  signal: AbortSignal,
): Parameters<LlamaModel['createContext']>[0] {
  return {
    contextSize: request.contextSize,
    sequences: request.sequences,
    batchSize: request.batchSize,
    flashAttention: request.flashAttention,
    experimentalKvCacheKeyType: request.kvCacheType,
    experimentalKvCacheValueType: request.kvCacheType,
    threads: { ideal: cores, min: 1 },
    batching: { itemPrioritizationStrategy: batching.strategy },
    failedCreationRemedy: false,
    ignoreMemorySafetyChecks: true,
    createSignal: signal,
  };
}

/** Keeps thread counts and the size of a step within their limits: from 1 to the physical cores, from 1 to `batchSize`. */
function createThreadLimits(cores: number): { readonly cores: number; cut(tuning: Tuning, batchSize: number): Tuning } {
  const within = (value: number, most: number): number => Math.max(1, Math.min(value, most));
  return {
    cores,
    cut: (tuning, batchSize) => ({
      decodeThreads: within(tuning.decodeThreads, cores),
      promptThreads: within(tuning.promptThreads, cores),
      batchSize: within(tuning.batchSize, batchSize),
    }),
  };
}

function sizesOf(
  model: LlamaModel,
  context: LlamaContext,
): Pick<LoadedInfo, 'contextSize' | 'trainedContextSize' | 'sequences' | 'batchSize' | 'gpuLayers' | 'layerCount'> {
  return {
    contextSize: context.contextSize,
    // A header may say 0, or more than llama.cpp can count.
    trainedContextSize: model.trainContextSize > 0 ? model.trainContextSize : context.contextSize,
    sequences: context.totalSequences,
    batchSize: context.batchSize,
    gpuLayers: model.gpuLayers,
    layerCount: model.fileInsights.totalLayers,
  };
}

/** Whether all layers are on the processor and keep one cache of all tokens, from which the last can be taken away alone. */
function computesOnProcessor(model: LlamaModel): boolean {
  const { isRecurrent, isHybrid, swaSize } = model.fileInsights;
  return model.gpuLayers === 0 && !isRecurrent && !isHybrid && swaSize === undefined;
}
