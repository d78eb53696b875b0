/** The engine's process: plain Node and node-llama-cpp. Started by the host with an IPC channel; one model for its whole life. */
import { getLlama, LlamaLogLevel, type LlamaModel } from 'node-llama-cpp';
import { AppError } from '../../preload/contract/errors.ts';
import { serve, type CallContext, type Handlers } from '../../preload/contract/rpc.ts';
import { createChatTemplate } from './chat-template.ts';
import { physicalCores } from './cores.ts';
import { ipcPort } from './ipc-port.ts';
import { childContract, type ChildContract, type LoadEvent, type LoadRequest } from './protocol.ts';
import { createSession, type Session } from './session.ts';

/** llama.cpp's own complaints, for the reason of a failed load. */
const complaints: string[] = [];

// Starting the backends takes a third of a second: it begins with the process, before a model is named.
const llamaReady = getLlama({
  build: 'never',
  gpu: false,
  skipDownload: true,
  progressLogs: false,
  // 0: the count that each context asks for is the count it gets. The limit is ours, in `threads` below.
  maxThreads: 0,
  logLevel: LlamaLogLevel.warn,
  logger(level, message) {
    if (level === LlamaLogLevel.error || level === LlamaLogLevel.fatal) complaints.push(message.trim());
  },
});
llamaReady.catch(() => {}); // reported by the load that waits for it

let session: Session | undefined;
let stopReply: (() => void) | undefined;

function chatTemplateOf(model: LlamaModel): string | null {
  const source = model.fileInfo.metadata.tokenizer?.chat_template;
  return typeof source === 'string' && source !== '' ? source : null;
}

/** The reason a load failed, as a typed error. llama.cpp says it only in its log. */
function loadError(error: unknown): AppError {
  const message = error instanceof Error ? error.message : String(error);
  const all = [...complaints, message].join('\n');
  const reason = (complaints.find((line) => /error|fail|unknown|invalid/i.test(line)) ?? message).slice(0, 300);
  if (/unknown model architecture|unsupported model|unknown pre-tokenizer/i.test(all))
    return new AppError('model.unsupported', `This version of llama.cpp cannot run the model: ${reason}`, { reason });
  if (/alloc|out of memory|insufficient memory|cannot allocate|too large for/i.test(all))
    return new AppError('engine.out_of_memory', 'There was not enough memory to load the model.', { reason });
  return new AppError('model.corrupt', `The model could not be loaded: ${reason}`, { reason });
}

/** A tiny queue between a callback and a generator. Only the latest progress is kept. */
async function* load(request: LoadRequest, signal: AbortSignal): AsyncGenerator<LoadEvent> {
  const llama = await llamaReady;
  let progress = 0;
  let wake = (): void => {};
  let done = false;
  const loading = llama
    .loadModel({
      modelPath: request.modelPath,
      gpuLayers: 0,
      useMmap: true,
      loadSignal: signal,
      onLoadProgress(value) {
        progress = value;
        wake();
      },
    })
    .finally(() => {
      done = true;
      wake();
    });
  loading.catch(() => {}); // awaited below
  let sent = -1;
  while (!done) {
    if (progress - sent >= 0.01) {
      sent = progress;
      yield { type: 'progress', progress };
    }
    if (!done && progress - sent < 0.01) await new Promise<void>((resolve) => (wake = resolve));
  }
  try {
    const model = await loading;
    const threads = Math.max(1, Math.min(request.threads, physicalCores()));
    const context = await model.createContext({ contextSize: request.contextSize, sequences: 1, threads });
    const source = chatTemplateOf(model);
    session = createSession(
      model,
      context,
      createChatTemplate(source, { bos: model.tokens.bosString ?? '', eos: model.tokens.eosString ?? '' }),
    );
    yield {
      type: 'ready',
      info: {
        contextSize: context.contextSize,
        trainedContextSize: model.trainContextSize,
        threads: context.currentThreads,
        gpuLayers: model.gpuLayers,
        layerCount: model.fileInsights.totalLayers,
        device: 'CPU',
        hasChatTemplate: source !== null,
      },
    };
  } catch (error) {
    throw error instanceof AppError ? error : loadError(error);
  }
}

const handlers: Handlers<ChildContract, CallContext> = {
  load: (request, { signal }) => load(request, signal),
  async *generate(request, { signal }) {
    if (!session) throw new AppError('engine.not_loaded', 'No model is loaded.');
    if (stopReply) throw new AppError('busy', 'A reply is being written already.');
    const abort = new AbortController();
    stopReply = () => abort.abort();
    signal.addEventListener('abort', stopReply);
    try {
      yield* session.generate(request, abort.signal);
    } finally {
      stopReply = undefined;
    }
  },
  stop() {
    stopReply?.();
    return null;
  },
  memory: () => process.memoryUsage.rss(),
};

serve(childContract, handlers, ipcPort(process), (signal) => ({ signal }));
// The app is gone: so is the reason to live. Without this a child outlives an app that was killed.
process.on('disconnect', () => process.exit(0));
// Ctrl+C in a terminal reaches the whole process group; when to end is the host's decision.
process.on('SIGINT', () => {});
