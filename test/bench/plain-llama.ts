/**
 * The peer of the engine bench: node-llama-cpp alone, in a process of its own.
 * `node plain-llama.ts MODEL best|defaults PROMPT_TOKENS DECODE_TOKENS` prints one JSON line.
 */
import os from 'node:os';
import { getLlama, LlamaLogLevel } from 'node-llama-cpp';

const [modelPath = '', mode = 'best', promptText = '512', decodeText = '64'] = process.argv.slice(2);
const promptTokens = Number(promptText);
const decodeTokens = Number(decodeText);
const cores = os.availableParallelism();

const llama = await getLlama({
  build: 'never',
  gpu: false,
  skipDownload: true,
  progressLogs: false,
  logLevel: LlamaLogLevel.disabled,
  ...(mode === 'best' ? { maxThreads: 0 } : {}),
});
const model = await llama.loadModel({ modelPath, gpuLayers: 0 });

async function measure(
  threads: number | undefined,
): Promise<{ threads: number; decodeTokensPerSecond: number; promptTokensPerSecond: number }> {
  const context = await model.createContext({ contextSize: 2048, ...(threads === undefined ? {} : { threads }) });
  const sequence = context.getSequence();
  const text = 'The quick brown fox jumps over the lazy dog. '.repeat(promptTokens);
  const tokens = model.tokenize(text).slice(0, promptTokens);
  const started = performance.now();
  await sequence.evaluateWithoutGeneratingNewTokens(tokens.slice(0, -1));
  const promptMs = performance.now() - started;
  let count = 0;
  let first = 0;
  for await (const _ of sequence.evaluate(tokens.slice(-1), { temperature: 0, yieldEogToken: true })) {
    if (count++ === 0) first = performance.now();
    if (count > decodeTokens) break;
  }
  const decodeMs = performance.now() - first;
  const result = {
    threads: context.currentThreads,
    decodeTokensPerSecond: ((count - 1) / decodeMs) * 1000,
    promptTokensPerSecond: ((tokens.length - 1) / promptMs) * 1000,
  };
  await context.dispose();
  return result;
}

const tried = mode === 'best' ? [await measure(1), await measure(cores)] : [await measure(undefined)];
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
