/**
 * The API server beside the engine called directly (the cost of a streamed token and of the first one), and beside llama-server with as
 * many slots as clients. llama-server is the program on the PATH, or the command in LLAMA_SERVER, such as `chroot FOLDER llama-server`;
 * the model must be readable for it at the same path, or is copied below LLAMA_SERVER_ROOT.
 */
import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { request, Agent, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import os from 'node:os';
import path from 'node:path';
import { createEngine } from '../../main/engine/engine.ts';
import { checkoutLayout } from '../../main/app/layout.ts';
import { createSpawnChild } from '../../main/process/spawn-child.ts';
import { writeGguf, type LlamaShape } from '../hub-server/gguf-file.ts';
import { serveForBench, type BenchApp } from './served-app.ts';

const ROUNDS = 5;
const TOKENS = 128;
const CLIENTS = [1, 4, 16];
const shapes = {
  // A token takes about a millisecond, so what is added to it shows.
  small: { name: 'm30', layers: 6, embedding: 512, heads: 8, kvHeads: 4, feedForward: 1536, vocabulary: 16_000 },
  large: { name: 'm400', layers: 24, embedding: 1024, heads: 16, kvHeads: 4, feedForward: 4096, vocabulary: 32_064 },
} as const;

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;
const round = (value: number, digits = 3): number => Number(value.toFixed(digits));
/** A processor that is busy with the last measurement, or with other programs, is given time to settle. */
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5000));

interface Times {
  readonly firstMs: number;
  /** Between two tokens, from the first to the last. */
  readonly tokenMs: number;
  readonly tokens: number;
}

/** Streams a reply over HTTP and takes the times at the client's end. */
async function stream(address: string, agent: Agent, model: string, text: string, tokens = TOKENS): Promise<Times> {
  const { hostname, port } = new URL(address);
  const started = performance.now();
  const sent = request({ hostname, port, agent, method: 'POST', path: '/v1/chat/completions' });
  sent.setHeader('content-type', 'application/json');
  sent.end(
    JSON.stringify({
      ...{ model, messages: [{ role: 'user', content: text }], stream: true, temperature: 0, max_tokens: tokens },
      // The model's replies have all the same length: ours and llama-server's names for that.
      ...{ min_tokens: tokens, ignore_eos: true, stream_options: { include_usage: true } },
    }),
  );
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  let [first, last] = [0, 0];
  let all = '';
  for await (const chunk of answer.setEncoding('utf8') as AsyncIterable<string>) {
    all += chunk;
    if (!/"content":"[^"]/.test(chunk)) continue;
    last = performance.now();
    if (first === 0) first = last;
  }
  const generated = Number(/"completion_tokens":(\d+)/.exec(all)?.[1]);
  if (answer.statusCode !== 200 || !Number.isFinite(generated))
    throw new Error(`${answer.statusCode}: ${all.slice(-500)}`);
  return { firstMs: first - started, tokenMs: (last - first) / (generated - 1), tokens: generated };
}

/** Tokens per second of so many clients, each with one request after the other. */
async function throughput(address: string, model: string, clients: number): Promise<number> {
  const agents = Array.from({ length: clients }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
  const started = performance.now();
  const replies = await Promise.all(agents.map((agent, n) => stream(address, agent, model, `${n} Tell me a story.`)));
  const ms = performance.now() - started;
  for (const agent of agents) agent.destroy();
  return (replies.reduce((sum, { tokens }) => sum + tokens, 0) * 1000) / ms;
}

async function writeModel(
  folder: string,
  shape: (typeof shapes)[keyof typeof shapes],
): Promise<{ id: string; file: string }> {
  const snapshot = path.join(folder, `cache/models--bench--${shape.name}/snapshots`, 'b'.repeat(40));
  mkdirSync(snapshot, { recursive: true });
  const file = path.join(snapshot, `${shape.name}-Q4_0.gguf`);
  const full: LlamaShape = { ...shape, contextLength: 2048, tied: true };
  await writeGguf(file, { shape: full, quantization: 'Q4_0', seed: 1 });
  return { id: `bench/${shape.name}/${shape.name}-Q4_0.gguf`, file };
}

async function startApi(app: BenchApp, slots: number): Promise<string> {
  await app.client.call('server.update', { port: 20_000 + (process.pid % 20_000), slots });
  const { address } = await app.client.call('server.start', {});
  if (address === null) throw new Error('The API server did not start.');
  return address;
}

/** What a token and the first token cost over the engine called directly in this process. */
async function compareWithEngine(app: BenchApp, folder: string, print: (line: object) => void): Promise<void> {
  const { id, file } = await writeModel(folder, shapes.small);
  const engine = createEngine({
    spawnChild: createSpawnChild(process.execPath, checkoutLayout().engineChildPath),
    onChange: () => {},
  });
  const settings = { contextSize: 2048, sequences: 1 } as const;
  const own = await app.client.call('engine.settings', { modelId: id });
  await app.client.call('engine.saveSettings', { modelId: id, settings: { ...own.settings, ...settings } });
  const loaded = await app.client.call('engine.load', { modelId: id });
  const model = { modelId: id, name: 'm30', path: file, weightsBytes: 30e6, contextSize: 2048 };
  using lease = await engine.open(model);
  const address = await startApi(app, 1);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const direct: Times[] = [];
  const served: Times[] = [];
  for (let i = 0; i < ROUNDS * 4; i++) {
    const text = `${i} Tell me a story.`;
    const started = performance.now();
    let [first, last, tokens] = [0, 0, 0];
    const sampling = {
      ...{ temperature: 0, topK: 40, topP: 0.95, minP: 0.05, repeatPenalty: 1, maxTokens: TOKENS, minTokens: TOKENS },
      seed: null,
    };
    const input = { messages: [{ role: 'user' as const, content: text }] };
    for await (const event of lease.generate({ input, sampling }, new AbortController().signal)) {
      if (event.type === 'end') tokens = event.result.generatedTokens;
      if (event.type !== 'text') continue;
      last = performance.now();
      if (first === 0) first = last;
    }
    direct.push({ firstMs: first - started, tokenMs: (last - first) / (tokens - 1), tokens });
    served.push(await stream(address, agent, id, text));
  }
  agent.destroy();
  await engine.close();
  const medianOf = (times: readonly Times[], key: 'firstMs' | 'tokenMs'): number =>
    median(times.map((one) => one[key]));
  for (const [what, key, target] of [
    ['token', 'tokenMs', 0.15],
    ['first-token', 'firstMs', 8],
  ] as const)
    print({
      what: `overhead-${what}`,
      ...{ servedMs: round(medianOf(served, key)), directMs: round(medianOf(direct, key)) },
      ...{
        overheadMs: round(medianOf(served, key) - medianOf(direct, key)),
        targetMs: target,
        threads: loaded.threads,
      },
    });
  await app.client.call('server.stop', {});
}

interface Peer {
  readonly address: string;
  close(): void;
}

/** llama-server with so many slots, with the context of our own slots for each; null where there is none. */
async function startPeer(modelPath: string, slots: number, threads: number): Promise<Peer | null> {
  const command = (process.env['LLAMA_SERVER'] ?? onPath('llama-server') ?? '').split(' ');
  const [program = '', ...before] = command;
  if (program === '') return null;
  const peerRoot = process.env['LLAMA_SERVER_ROOT'];
  const peerModel = peerRoot === undefined ? modelPath : `/tmp/${path.basename(modelPath)}`;
  if (peerRoot !== undefined) copyFileSync(modelPath, path.join(peerRoot, peerModel));
  const port = 18_080;
  const args = [
    '-m',
    peerModel,
    '--port',
    String(port),
    '-t',
    String(threads),
    '-np',
    String(slots),
    '-c',
    String(2048 * slots),
  ];
  const server = spawn(program, [...before, ...args, '--no-webui'], { stdio: 'ignore' });
  const address = `http://127.0.0.1:${port}`;
  for (;;) {
    if (server.exitCode !== null) throw new Error(`llama-server ended with ${server.exitCode}.`);
    if (
      await fetch(`${address}/health`).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      break;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return { address, close: () => void server.kill('SIGKILL') };
}

const onPath = (name: string): string | undefined =>
  (process.env['PATH'] ?? '')
    .split(path.delimiter)
    .map((folder) => path.join(folder, name))
    .find(existsSync);

async function compareWithServer(app: BenchApp, folder: string, print: (line: object) => void): Promise<void> {
  const { id, file } = await writeModel(folder, shapes.large);
  for (const clients of CLIENTS) {
    const own = await app.client.call('engine.settings', { modelId: id });
    const settings = { ...own.settings, contextSize: 2048, sequences: clients };
    await app.client.call('engine.saveSettings', { modelId: id, settings });
    await app.client.call('engine.unload', { modelId: id }).catch(() => null);
    const { threads } = await app.client.call('engine.load', { modelId: id });
    const address = await startApi(app, clients);
    const peer = await startPeer(file, clients, os.availableParallelism());
    if (peer === null) return print({ what: 'throughput', skipped: 'there is no llama-server on the PATH' });
    const [ours, theirs]: [number[], number[]] = [[], []];
    for (let i = 0; i <= ROUNDS; i++) {
      await settle();
      const a = await throughput(address, id, clients);
      await settle();
      const b = await throughput(peer.address, 'any', clients);
      // The first round loads pages and compiles code.
      if (i === 0) continue;
      ours.push(a);
      theirs.push(b);
    }
    peer.close();
    await app.client.call('server.stop', {});
    print({
      ...{ what: 'throughput', clients, threads, tokensPerSecond: round(median(ours), 1) },
      ...{ llamaServer: round(median(theirs), 1), ratio: round(median(ours) / median(theirs)), target: 1 },
    });
  }
}

export async function run(print: (line: object) => void): Promise<void> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-bench-'));
  const app = await serveForBench(folder);
  try {
    await compareWithEngine(app, folder, print);
    await compareWithServer(app, folder, print);
  } finally {
    await app.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
