/**
 * The peer of the engine bench: node-llama-cpp alone, in a process of its own. `node plain-llama.ts MODEL PROMPT_TOKENS
 * DECODE_TOKENS SHORT_TOKENS SEQUENCES [SETTINGS]` prints one JSON line. Decoding starts after SHORT_TOKENS, in
 * SEQUENCES sequences of one context at once. SETTINGS is `defaults`, `search` (all candidates one after the other), or
 * the JSON of a search's result, which is measured twice.
 */
import os from 'node:os';
import { getLlama, LlamaLogLevel, type LlamaContextSequence, type Token } from 'node-llama-cpp';

const [modelPath = '', ...rest] = process.argv.slice(2);
const [promptTokens = 512, decodeTokens = 64, shortTokens = 16, sequences = 1] = rest.slice(0, 4).map(Number);
const wanted = rest[4] ?? 'search';
const cores = os.availableParallelism();

const llama = await getLlama({
  build: 'never',
  gpu: false,
  skipDownload: true,
  progressLogs: false,
  logLevel: LlamaLogLevel.disabled,
  ...(wanted === 'defaults' ? {} : { maxThreads: 0 }),
});
const model = await llama.loadModel({ modelPath, gpuLayers: 0 });
const filler = model.tokenize('The quick brown fox jumps over the lazy dog. '.repeat(promptTokens));

/** From the first token on, like the app's time. */
async function decode(sequence: LlamaContextSequence, tokens: readonly Token[]): Promise<{ from: number; to: number }> {
  let count = 0;
  let from = 0;
  for await (const _ of sequence.evaluate([...tokens], { temperature: 0, yieldEogToken: true })) {
    if (count++ === 0) from = performance.now();
    if (count === decodeTokens) break;
  }
  return { from, to: performance.now() };
}

/** One line of this program's output. */
export interface Measured {
  readonly threads: number;
  readonly flashAttention?: boolean;
  readonly decodeTokensPerSecond: number;
  readonly promptTokensPerSecond: number;
}

/** The settings that a search varies. */
export interface Settings {
  readonly threads: number;
  readonly flashAttention: boolean;
}

async function measure(settings: Settings | null): Promise<Measured> {
  const context = await model.createContext({ contextSize: 2048, sequences, ...settings });
  const all = Array.from({ length: sequences }, () => context.getSequence());
  const times = await Promise.all(all.map((one, index) => decode(one, filler.slice(index, index + shortTokens))));
  const decodeMs = Math.max(...times.map(({ to }) => to)) - Math.min(...times.map(({ from }) => from));
  const [first] = all;
  await first?.clearHistory();
  const started = performance.now();
  await first?.evaluateWithoutGeneratingNewTokens(filler.slice(0, promptTokens));
  const promptMs = performance.now() - started;
  const result = {
    threads: context.currentThreads,
    ...settings,
    decodeTokensPerSecond: ((sequences * (decodeTokens - 1)) / decodeMs) * 1000,
    promptTokensPerSecond: (promptTokens / promptMs) * 1000,
  };
  await context.dispose();
  return result;
}

function candidates(): readonly (Settings | null)[] {
  if (wanted === 'defaults') return [null];
  if (wanted !== 'search') return Array.from({ length: 2 }, () => JSON.parse(wanted) as Settings);
  return [1, cores].flatMap((threads) => [true, false].map((flashAttention) => ({ threads, flashAttention })));
}

const tried: Measured[] = [];
for (const settings of candidates()) tried.push(await measure(settings));
console.log(JSON.stringify(tried));
process.exit(0);
