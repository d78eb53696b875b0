/** Brings a model into memory with everything that a session needs: context, template, draft model, adapters. Runs in the child. */
import { createHash } from 'node:crypto';
import { getModuleVersion, type Llama, type LlamaContext, type LlamaModel } from 'node-llama-cpp';
import { AppError } from '../../../preload/wire/errors.ts';
import { createBatching } from './batch/batching.ts';
import { fileKey } from './state.ts';
import { plainForm, type PlainForm } from './prompt/chat-template.ts';
import { physicalCores } from '../cores.ts';
import type { LoadedInfo, LoadRequest, Measurement, Pulse, Tuning } from '../protocol.ts';
import { createSession, type Session } from './session.ts';
import { draftGuesser, lookupGuesser, vocabularyMismatch, type Guesser } from './batch/speculation.ts';
import { createTemplateHost, type TemplateHost } from './prompt/template-host.ts';
import { createVectors, type Vectors } from './vectors.ts';

export interface LoadOptions {
  readonly llama: Llama;
  readonly request: LoadRequest;
  readonly signal: AbortSignal;
  /** What the thread that renders templates runs. */
  readonly workerFile: URL;
  readonly onProgress: (progress: number) => void;
}

export interface LoadedEngine {
  readonly model: LlamaModel;
  readonly session: Session;
  readonly vectors: Vectors;
  readonly info: LoadedInfo;
  /** Takes it from the next batch on; answers what it was cut to. */
  setTuning(tuning: Tuning): Tuning;
  measure(candidates: Parameters<Session['measure']>[0]): Promise<Measurement[]>;
  pulse(): Pulse;
  vramBytes(): number;
}

/** Loads, or leaves nothing behind. Throws what llama.cpp throws; AppError for what is known before. */
export async function loadEngine({
  llama,
  request,
  signal,
  workerFile,
  onProgress,
}: LoadOptions): Promise<LoadedEngine> {
  const cores = physicalCores();
  const within = (threads: number): number => Math.max(1, Math.min(threads, cores));
  const notes: string[] = [];
  const model = await llama.loadModel({
    modelPath: request.modelPath,
    gpuLayers: request.gpuLayers,
    useMmap: request.mmap,
    useMlock: request.mlock,
    // What fits is the host's decision, from what it has measured.
    ignoreMemorySafetyChecks: true,
    loadSignal: signal,
    onLoadProgress: onProgress,
  });
  let template: TemplateHost | null = null;
  try {
    const source = chatTemplateOf(model);
    const checked =
      source === null ? null : checkTemplate(createTemplateHost({ source, special: specialText(model) }, workerFile));
    const limits = { decodeThreads: within(request.decodeThreads), promptThreads: within(request.promptThreads) };
    const batching = createBatching(llama, { ...limits, batchSize: request.batchSize });
    const settings = {
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
    } as const;
    const context = await model.createContext({
      ...settings,
      ...(request.loras.length > 0
        ? { lora: { adapters: request.loras.map(({ path, scale }) => ({ filePath: path, scale })) } }
        : {}),
    });
    const createGuesser = await guessers(llama, request, model, settings, context, notes, signal);

    const usable = await checked;
    if (usable && 'host' in usable) template = usable.host;
    else if (usable) notes.push(usable.note);
    const plain: PlainForm | null = source === null ? null : plainForm(hasChatMl(model));
    if (usable && 'note' in usable && plain) notes.push(`Hearth writes its turns as ${plain.name} instead.`);

    const stateKey = stateKeyOf(llama, request, await getModuleVersion());
    const flash = context.flashAttention === 'auto' ? model.flashAttentionSupported : context.flashAttention;
    const session = createSession({
      model,
      context,
      template,
      plain,
      createGuesser,
      batching,
      tiles: flash === true && computesOnProcessor(model) && ['F16', 'F32'].includes(request.kvCacheType),
      stateKey,
      scratchFolder: request.scratchFolder,
    });
    const setTuning = (tuning: Tuning): Tuning => {
      const cut = {
        decodeThreads: within(tuning.decodeThreads),
        promptThreads: within(tuning.promptThreads),
        batchSize: Math.max(1, Math.min(tuning.batchSize, context.batchSize)),
      };
      batching.tune(cut);
      return cut;
    };
    const vramBytes = (): number => model.memoryUsage.vram + context.memoryUsage.vram;
    const devices = model.gpuLayers > 0 ? await llama.getGpuDeviceNames() : [];
    return {
      model,
      session,
      vectors: createVectors(model, request.contextSize, () => (llama.maxThreads = batching.tuning().promptThreads)),
      info: {
        contextSize: context.contextSize,
        trainedContextSize: model.trainContextSize,
        sequences: context.totalSequences,
        ...limits,
        batchSize: context.batchSize,
        kvCacheType: request.kvCacheType,
        flashAttention: flash,
        gpuLayers: model.gpuLayers,
        layerCount: model.fileInsights.totalLayers,
        device: devices[0] ?? 'CPU',
        vramBytes: vramBytes(),
        hasChatTemplate: source !== null,
        notes,
        stateKey,
      },
      setTuning,
      measure: (candidates) => session.measure(candidates, setTuning),
      pulse: () => ({
        activeSequences: session.active(),
        queued: session.waiting(),
        idleMs: session.active() > 0 ? performance.now() - batching.lastBatchAt() : null,
      }),
      vramBytes,
    };
  } catch (error) {
    await template?.close();
    await model.dispose();
    throw error;
  }
}

function chatTemplateOf(model: LlamaModel): string | null {
  const source = model.fileInfo.metadata.tokenizer?.chat_template;
  return typeof source === 'string' && source !== '' ? source : null;
}

const specialText = (model: LlamaModel): { bos: string; eos: string } => ({
  bos: model.tokens.bosString ?? '',
  eos: model.tokens.eosString ?? '',
});

/** A template that cannot render the simplest conversation is set aside at the load, not in the middle of a chat. */
async function checkTemplate(host: TemplateHost): Promise<{ host: TemplateHost } | { note: string }> {
  try {
    await host.render([{ role: 'user', content: 'Hello' }]);
    return { host };
  } catch (error) {
    await host.close();
    return { note: error instanceof AppError ? error.message : "The model's chat template could not be used." };
  }
}

function hasChatMl(model: LlamaModel): boolean {
  return ['<|im_start|>', '<|im_end|>'].every((mark) => {
    const tokens = model.tokenize(mark, true);
    return tokens.length === 1 && model.isSpecialToken(tokens[0]);
  });
}

function computesOnProcessor(model: LlamaModel): boolean {
  const { isRecurrent, isHybrid, swaSize } = model.fileInsights;
  return model.gpuLayers === 0 && !isRecurrent && !isHybrid && swaSize === undefined;
}

/** What makes a guesser per sequence. A draft model that cannot be used is a note and no failure. */
async function guessers(
  llama: Llama,
  request: LoadRequest,
  model: LlamaModel,
  settings: Parameters<LlamaModel['createContext']>[0],
  context: LlamaContext,
  notes: string[],
  signal: AbortSignal,
): Promise<() => Guesser | null> {
  const { speculation } = request;
  switch (speculation.kind) {
    case 'off':
      return () => null;
    case 'lookup':
      return lookupGuesser;
    case 'draft': {
      try {
        const draft = await llama.loadModel({
          modelPath: speculation.modelPath,
          gpuLayers: speculation.gpuLayers,
          useMmap: request.mmap,
          ignoreMemorySafetyChecks: true,
          loadSignal: signal,
        });
        const mismatch = vocabularyMismatch(model, draft);
        if (mismatch !== null) {
          await draft.dispose();
          notes.push(`The draft model is not used: ${mismatch}.`);
          return () => null;
        }
        const draftContext = await draft.createContext({ ...settings, contextSize: context.contextSize, batching: {} });
        return () => draftGuesser(draftContext);
      } catch (error) {
        if (signal.aborted) throw error;
        notes.push('The draft model is not used: it could not be loaded.');
        return () => null;
      }
    }
    default:
      return speculation satisfies never;
  }
}

/** Equal only where a saved state means the same: the files, what shapes the cache, and the program that wrote it. */
function stateKeyOf(llama: Llama, request: LoadRequest, version: string): string {
  const parts = [
    fileKey(request.modelPath),
    request.kvCacheType,
    request.flashAttention,
    request.sequences,
    request.gpuLayers,
    request.loras.map(({ path, scale }) => [fileKey(path), scale]),
    llama.llamaCppRelease,
    llama.gpu,
    version,
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
