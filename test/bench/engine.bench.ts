/**
 * The engine through the whole app (contract, main, child, stream back) beside node-llama-cpp alone, on one model in
 * one run.
 */
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Message, Sampling } from '../../preload/contract/chat.ts';
import { writeGguf } from '../hub-server/gguf-file.ts';
import type { Measured, Settings } from './plain-llama.ts';
import { serveForBench, type BenchApp } from './served-app.ts';

const MODEL_ID = 'bench/m400/m400-Q4_0.gguf';
const ROUNDS = 5;
/** Replies of each side per round. */
const TURNS = 2;
const DECODE_TOKENS = 128;
/** The tokens of the app's own short messages with the template. */
const SHORT_TOKENS = 16;
const greedy: Sampling = {
  temperature: 0,
  topK: 0,
  topP: 1,
  minP: 0,
  repeatPenalty: 1,
  maxTokens: DECODE_TOKENS,
  seed: 1,
};

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;
const round = (value: number, digits = 1): number => Number(value.toFixed(digits));

interface Reply {
  readonly message: Message;
  readonly firstTokenMs: number;
  readonly firstAt: number;
  readonly lastAt: number;
  readonly tokensPerSecond: number;
}

/** Sends one message and takes the times at the client's end of the wire. */
async function ask(app: BenchApp, chatId: string, text: string): Promise<Reply> {
  const abort = new AbortController();
  const events = app.client.stream('chat.watch', { chatId }, { signal: abort.signal });
  await events.next();
  const sent = performance.now();
  const { replyId } = await app.client.call('chat.send', {
    chat: { id: chatId },
    parts: [{ type: 'text', text }],
    ...(unasked.delete(chatId) ? { parentId: null } : {}),
  });
  let first = 0;
  let last = 0;
  for await (const event of events) {
    if (event.type === 'append' && event.messageId === replyId) {
      last = performance.now();
      if (first === 0) first = last;
    }
    if (
      event.type === 'message' &&
      event.message.id === replyId &&
      !['pending', 'streaming'].includes(event.message.status)
    ) {
      abort.abort();
      const { message } = event;
      if (message.status !== 'complete')
        throw new Error(`The reply ended as ${message.status}: ${message.error?.message ?? ''}`);
      const tokens = message.timing?.generatedTokens ?? 0;
      return {
        message,
        firstTokenMs: first - sent,
        firstAt: first,
        lastAt: last,
        tokensPerSecond: ((tokens - 1) / (last - first)) * 1000,
      };
    }
  }
  throw new Error('the chat went away');
}

/** Chats whose next message starts a new branch: the prompt contains nothing of the message that created the chat. */
const unasked = new Set<string>();

async function newChat(app: BenchApp, sampling: Partial<Sampling> = {}): Promise<string> {
  const least = { ...greedy, maxTokens: 1 };
  const { chatId } = await app.client.call('chat.send', {
    chat: { fresh: { modelId: MODEL_ID, systemPrompt: '', sampling: least, contextPolicy: null } },
    parts: [{ type: 'text', text: 'Hi' }],
  });
  const abort = new AbortController();
  for await (const event of app.client.stream('chat.watch', { chatId }, { signal: abort.signal }))
    if ('chat' in event && !event.chat.busy) break;
  abort.abort();
  await app.client.call('chat.update', { chatId, sampling: { ...greedy, ...sampling } });
  unasked.add(chatId);
  return chatId;
}

/**
 * The app uses fewer threads while other programs are busy, as the peer was. This pause is longer than it remembers
 * them.
 */
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 12_000));

interface PeerWork {
  readonly promptTokens: number;
  readonly decodeTokens: number;
  readonly shortTokens: number;
  readonly sequences: number;
  readonly settings: 'defaults' | 'search' | Settings;
}

/** Runs the peer without blocking this process: the app closes a connection that does not answer its pings. */
async function plain(modelPath: string, work: PeerWork): Promise<readonly Measured[]> {
  const { promptTokens, decodeTokens, shortTokens, sequences, settings } = work;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      path.join(import.meta.dirname, 'plain-llama.ts'),
      modelPath,
      ...[promptTokens, decodeTokens, shortTokens, sequences].map(String),
      typeof settings === 'string' ? settings : JSON.stringify(settings),
    ],
    { env: { ...process.env, ...(settings === 'defaults' ? {} : { UV_THREADPOOL_SIZE: '1' }) } },
  );
  return JSON.parse(stdout) as Measured[];
}

/** Messages that the synthetic model answers up to the token limit: replies that end early would not overlap. */
async function longAnswered(app: BenchApp, count: number): Promise<string[]> {
  const texts: string[] = [];
  for (let i = 0; texts.length < count && i < 60; i++) {
    const text = `${i} go on`;
    const { message } = await ask(app, await newChat(app), text);
    if (message.timing?.generatedTokens === DECODE_TOKENS) texts.push(text);
  }
  if (texts.length < count) throw new Error('The model answers too few messages at length.');
  return texts;
}

/** A text of about this many tokens: words of the synthetic vocabulary have about four letters. */
const words = (count: number): string => Array.from({ length: count }, (_, i) => `${(i * 7919) % 97} fox`).join(' ');

export async function run(print: (line: object) => void): Promise<void> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-bench-'));
  const snapshot = path.join(folder, 'cache/models--bench--m400/snapshots', 'b'.repeat(40));
  mkdirSync(snapshot, { recursive: true });
  const modelPath = path.join(snapshot, 'm400-Q4_0.gguf');
  const { sizeBytes } = await writeGguf(modelPath, {
    shape: {
      name: 'm400',
      layers: 24,
      embedding: 1024,
      heads: 16,
      kvHeads: 4,
      feedForward: 4096,
      vocabulary: 32_064,
      contextLength: 8192,
      tied: true,
    },
    quantization: 'Q4_0',
    seed: 1,
  });
  const app = await serveForBench(folder);
  try {
    print({ what: 'model', sizeBytes });
    const { settings } = await app.client.call('engine.settings', { modelId: MODEL_ID });
    await app.client.call('engine.saveSettings', {
      modelId: MODEL_ID,
      settings: { ...settings, contextSize: 8192, sequences: 1 },
    });
    const loaded = await app.client.call('engine.load', { modelId: MODEL_ID });
    print({
      what: 'load',
      loadMs: round(loaded.loadMs, 0),
      threads: loaded.threads,
      batchSize: loaded.batchSize,
      calibration: loaded.calibration,
    });

    // Alternating, so that other load on the machine affects both.
    const ours: number[] = [];
    const ourPrompt: number[] = [];
    const best: number[] = [];
    const bestPrompt: number[] = [];
    const texts = await longAnswered(app, 4);
    const first = await ask(app, await newChat(app, { maxTokens: 1 }), words(70));
    const promptTokens = first.message.timing?.promptTokens ?? 512;
    const work = { promptTokens, decodeTokens: DECODE_TOKENS, shortTokens: SHORT_TOKENS, sequences: 1 };
    const tried = await plain(modelPath, { ...work, settings: 'search' });
    const fastest = (key: 'decodeTokensPerSecond' | 'promptTokensPerSecond'): Settings => {
      const { threads, flashAttention = true } = tried.reduce((a, b) => (b[key] > a[key] ? b : a));
      return { threads, flashAttention };
    };
    const [peerSettings, peerPrompt] = [fastest('decodeTokensPerSecond'), fastest('promptTokensPerSecond')];
    print({ what: 'peer', decode: peerSettings, prompt: peerPrompt });
    await settle();
    for (let i = 0; i < ROUNDS; i++) {
      for (let turn = 0; turn < TURNS; turn++) {
        // The long prompt first: an idle processor is slow at first, and the peer's has just loaded a model.
        const long = await ask(app, await newChat(app, { maxTokens: 1 }), `${i * TURNS + turn} ${words(70)}`);
        const timing = long.message.timing;
        if (timing) ourPrompt.push(((timing.promptTokens - timing.reusedTokens) / timing.promptMs) * 1000);
        const reply = await ask(app, await newChat(app), texts[(i + turn) % texts.length] ?? '');
        ours.push(reply.tokensPerSecond);
      }
      const peers = await plain(modelPath, { ...work, settings: peerSettings });
      best.push(...peers.map(({ decodeTokensPerSecond }) => decodeTokensPerSecond));
      const prompts = await plain(modelPath, { ...work, decodeTokens: 8, settings: peerPrompt });
      bestPrompt.push(...prompts.map(({ promptTokensPerSecond }) => promptTokensPerSecond));
      await settle();
    }
    const [defaults] = await plain(modelPath, { ...work, promptTokens: 64, decodeTokens: 8, settings: 'defaults' });
    await settle();
    print({
      what: 'decode',
      tokensPerSecond: round(median(ours)),
      nodeLlamaCppBest: round(median(best)),
      ratio: round(median(ours) / median(best), 3),
      target: 0.97,
    });
    print({
      what: 'decode-defaults',
      nodeLlamaCppDefaults: round(defaults?.decodeTokensPerSecond ?? NaN, 2),
      ratio: round(median(ours) / (defaults?.decodeTokensPerSecond ?? NaN)),
      target: 250,
    });
    print({
      what: 'prompt',
      tokensPerSecond: round(median(ourPrompt)),
      nodeLlamaCppBest: round(median(bestPrompt)),
      ratio: round(median(ourPrompt) / median(bestPrompt), 3),
      target: 0.97,
    });
    await compareWithServer(modelPath, median(ours), print);

    const chatId = await newChat(app, { maxTokens: 16 });
    const cold = await ask(app, chatId, words(580));
    const second = await ask(app, chatId, 'And then?');
    print({
      what: 'second-turn',
      promptTokens: second.message.timing?.promptTokens,
      coldMs: round(cold.firstTokenMs),
      secondMs: round(second.firstTokenMs),
      reused: second.message.timing?.reusedTokens,
      ratio: round(second.firstTokenMs / cold.firstTokenMs, 4),
      target: 0.03,
    });

    await app.restart();
    await app.client.call('engine.load', { modelId: MODEL_ID });
    const reopened = await ask(app, chatId, 'And after that?');
    print({
      what: 'reopened',
      ms: round(reopened.firstTokenMs),
      reused: reopened.message.timing?.reusedTokens,
      ratio: round(reopened.firstTokenMs / cold.firstTokenMs, 4),
      target: 0.15,
    });

    const stopping = await newChat(app, { maxTokens: null });
    const { replyId } = await app.client.call('chat.send', {
      chat: { id: stopping },
      parts: [{ type: 'text', text: 'Go on.' }],
    });
    await new Promise((resolve) => setTimeout(resolve, 700));
    const stopAt = performance.now();
    await app.client.call('chat.stop', { chatId: stopping });
    const tokenMs = 1000 / median(ours);
    print({
      what: 'cancel',
      ms: round(performance.now() - stopAt),
      oneTokenMs: round(tokenMs),
      targetMs: round(tokenMs + 20),
      replyId: replyId.length > 0,
    });

    await app.client.call('engine.saveSettings', {
      modelId: MODEL_ID,
      settings: { ...settings, contextSize: 8192, sequences: 4 },
    });
    await app.client.call('engine.unload', { modelId: MODEL_ID });
    await app.client.call('engine.load', { modelId: MODEL_ID });
    const single: number[] = [];
    const together: number[] = [];
    const peers: number[] = [];
    for (let i = 0; i < ROUNDS; i++) {
      single.push((await ask(app, await newChat(app), texts[i % texts.length] ?? '')).tokensPerSecond);
      const chats = await Promise.all(texts.map(() => newChat(app)));
      const replies = await Promise.all(chats.map((id, n) => ask(app, id, texts[n] ?? '')));
      const tokens = replies.reduce((sum, reply) => sum + (reply.message.timing?.generatedTokens ?? 0) - 1, 0);
      const from = Math.min(...replies.map(({ firstAt }) => firstAt));
      together.push((tokens / (Math.max(...replies.map(({ lastAt }) => lastAt)) - from)) * 1000);
      const four = await plain(modelPath, { ...work, sequences: 4, settings: peerSettings });
      peers.push(...four.map(({ decodeTokensPerSecond }) => decodeTokensPerSecond));
      await settle();
    }
    print({
      what: 'four-chats',
      one: round(median(single)),
      four: round(median(together)),
      nodeLlamaCppFour: round(median(peers)),
      ratio: round(median(together) / median(single), 2),
      target: 2,
    });
  } finally {
    await app.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** llama-server on the same file, if it is on the PATH. */
async function compareWithServer(modelPath: string, ours: number, print: (line: object) => void): Promise<void> {
  const binary = (process.env['PATH'] ?? '')
    .split(path.delimiter)
    .map((folder) => path.join(folder, 'llama-server'))
    .find(existsSync);
  if (binary === undefined) return print({ what: 'llama-server', skipped: 'there is none on the PATH' });
  const port = 18_080;
  const server = spawn(
    binary,
    ['-m', modelPath, '--port', String(port), '-t', String(os.availableParallelism()), '-c', '8192'],
    { stdio: 'ignore' },
  );
  try {
    for (let i = 0; i < 100; i++) {
      if (
        await fetch(`http://127.0.0.1:${port}/health`).then(
          (r) => r.ok,
          () => false,
        )
      )
        break;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    const speeds: number[] = [];
    for (let i = 0; i < ROUNDS; i++) {
      const answer = (await (
        await fetch(`http://127.0.0.1:${port}/completion`, {
          method: 'POST',
          body: JSON.stringify({ prompt: 'Once', n_predict: DECODE_TOKENS, temperature: 0, ignore_eos: true }),
        })
      ).json()) as { timings: { predicted_per_second: number } };
      speeds.push(answer.timings.predicted_per_second);
    }
    print({
      what: 'llama-server',
      tokensPerSecond: round(median(speeds)),
      ratio: round(ours / median(speeds), 3),
      target: 1,
    });
  } finally {
    server.kill('SIGKILL');
  }
}
