/**
 * The peer of the engine bench: node-llama-cpp alone, in a process of its own.
 * `node plain-llama.ts MODEL best|defaults|four PROMPT_TOKENS DECODE_TOKENS SHORT_TOKENS` prints one JSON line. Decoding goes on from
 * SHORT_TOKENS; `four` is four sequences of one context at once.
 */
import os from 'node:os';
import { getLlama, LlamaLogLevel, type LlamaContextSequence, type Token } from 'node-llama-cpp';

const [modelPath = '', mode = 'best', promptText = '512', decodeText = '64', shortText = '16'] = process.argv.slice(2);
const promptTokens = Number(promptText);
const decodeTokens = Number(decodeText);
const shortTokens = Number(shortText);
const cores = os.availableParallelism();

const llama = await getLlama({
  build: 'never',
  gpu: false,
  skipDownload: true,
  progressLogs: false,
  logLevel: LlamaLogLevel.disabled,
  ...(mode === 'defaults' ? {} : { maxThreads: 0 }),
});
const model = await llama.loadModel({ modelPath, gpuLayers: 0 });
const filler = model.tokenize('The quick brown fox jumps over the lazy dog. '.repeat(promptTokens));

/** From the first token on, as the app's is taken. */
async function decode(sequence: LlamaContextSequence, tokens: readonly Token[]): Promise<{ from: number; to: number }> {
  let count = 0;
  let from = 0;
  for await (const _ of sequence.evaluate([...tokens], { temperature: 0, yieldEogToken: true })) {
    if (count++ === 0) from = performance.now();
    if (count === decodeTokens) break;
  }
  return { from, to: performance.now() };
}

interface Measured {
  readonly threads: number;
  readonly flashAttention?: boolean;
  readonly decodeTokensPerSecond: number;
  readonly promptTokensPerSecond: number;
}

async function measure(
  settings: { readonly threads: number; readonly flashAttention: boolean } | null,
): Promise<Measured> {
  const sequences = mode === 'four' ? 4 : 1;
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

const candidates = [1, cores].flatMap((threads) =>
  [true, false].map((flashAttention) => ({ threads, flashAttention })),
);
const tried: Measured[] = [];
for (const settings of mode === 'defaults' ? [null] : candidates) tried.push(await measure(settings));
const best = (key: 'decodeTokensPerSecond' | 'promptTokensPerSecond'): number =>
  Math.max(...tried.map((one) => one[key]));
console.log(
  JSON.stringify({
    mode,
    decodeTokensPerSecond: best('decodeTokensPerSecond'),
    promptTokensPerSecond: best('promptTokensPerSecond'),
    tried,
  }),
);
process.exit(0);
