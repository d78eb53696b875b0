/** The process of an engine child: plain Node with node-llama-cpp. It answers the host over its IPC channel and runs one model. */
import { AppError } from '../../../preload/wire/errors.ts';
import type { CallContext, Handlers } from '../../../preload/wire/rpc.ts';
import { threadFile } from '../../base/thread-file.ts';
import { markHiddenLines } from '../../process/hidden-lines.ts';
import { serveApp, startLifeline } from '../../process/serve-app.ts';
import { loadEngine, type LoadedEngine } from './load-engine.ts';
import { loadError } from './load-errors.ts';
import { textOfTokens, tokensOfText } from './prompt/token-texts.ts';
import { createTemplateHost, createTemplateHosts } from '../../chat-format/template/template-host.ts';
import { childContract, type ChildContract, type LoadEvent, type LoadRequest } from '../protocol.ts';
import { describeDevices, startLlama } from './start-llama.ts';

startLifeline();
markHiddenLines();

/** The errors that llama.cpp logged during the load: they hold the reason of a failure. */
const complaints: string[] = [];

// The backends take a third of a second to start. They start with the process, before a model is named.
const llamaReady = startLlama((line) => {
  complaints.push(line);
  if (complaints.length > 100) complaints.shift();
});
llamaReady.catch(() => {}); // the load awaits it, and reports the error

const templateWorker = threadFile('../../chat-format/template/template-worker.ts', import.meta.url);
let engine: LoadedEngine | undefined;
let loading = false;
let nextRequest = 1;
const stops = new Map<string, () => void>();

function loaded(): LoadedEngine {
  if (!engine) throw new AppError('engine.not_loaded', 'No model is loaded.');
  return engine;
}

/** Loads the model. A slow reader gets only the latest progress. */
async function* load(request: LoadRequest, signal: AbortSignal): AsyncGenerator<LoadEvent> {
  if (engine || loading) throw new AppError('busy', 'This process has its model already.');
  loading = true;
  complaints.length = 0;
  let progress = 0;
  let sent = -1;
  let wake = (): void => {};
  let done = false;
  try {
    const llama = await llamaReady;
    const work = loadEngine({
      llama,
      request,
      signal,
      openTemplate: (source) => createTemplateHost(source, templateWorker),
      openTemplates: (special) => createTemplateHosts(special, templateWorker),
      onProgress(value) {
        progress = value;
        wake();
      },
    }).finally(() => {
      done = true;
      wake();
    });
    work.catch(() => {}); // awaited below
    while (!done) {
      if (progress - sent >= 0.01) {
        sent = progress;
        yield { type: 'progress', progress };
      } else await new Promise<void>((resolve) => (wake = resolve));
    }
    engine = await work;
    yield { type: 'ready', info: engine.info };
  } catch (error) {
    throw error instanceof AppError ? error : loadError(complaints, error);
  } finally {
    loading = false;
  }
}

const handlers: Handlers<ChildContract, CallContext> = {
  load: (request, { signal }) => load(request, signal),
  async *generate(request, { signal }) {
    const { session } = loaded();
    const abort = new AbortController();
    const id = request.requestId ?? `own-${nextRequest++}`;
    const stop = (): void => abort.abort();
    stops.set(id, stop);
    signal.addEventListener('abort', stop);
    try {
      yield* session.generate(request, abort.signal);
    } finally {
      stops.delete(id);
    }
  },
  stop({ requestId }) {
    if (requestId === undefined) for (const stop of stops.values()) stop();
    else stops.get(requestId)?.();
    return null;
  },
  prompt: (request, { signal }) => loaded().session.prompt(request, signal),
  memory: () => ({ rssBytes: process.memoryUsage.rss(), vramBytes: engine?.vramBytes() ?? 0 }),
  ping: () => engine?.pulse() ?? { activeSequences: 0, queued: 0, idleMs: null, samplingMs: null },
  devices: async () => await describeDevices(await llamaReady),
  setTuning: (tuning) => loaded().setTuning(tuning),
  measure: async (candidates) => ({ measured: await loaded().measure(candidates) }),
  bench: (order, { signal }) => loaded().bench(order, signal),
  saveState: ({ chatKey, path: file }) => loaded().session.saveState(chatKey, file),
  async dropState({ chatKey }) {
    await engine?.session.dropState(chatKey);
    return null;
  },
  async tokenize(request, { signal }) {
    const { model, tokenizer } = loaded();
    return { tokens: await tokensOfText(model, tokenizer, request, signal) };
  },
  detokenize: async (request, { signal }) => ({ text: await textOfTokens(loaded().model, request, signal) }),
  embed: ({ texts, dimensions, normalize }, { signal }) =>
    loaded().vectors.embed(texts, { dimensions: dimensions ?? null, normalize: normalize ?? true, signal }),
  rerank: async ({ query, documents }, { signal }) => ({
    scores: await loaded().vectors.rerank(query, documents, signal),
  }),
};

serveApp(childContract, handlers);
