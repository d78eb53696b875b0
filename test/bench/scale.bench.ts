/**
 * 1, 4 and 16 clients at once on one model: in Hearth's own slots, at a llama-server beside it through the provider of servers elsewhere, and
 * at the same llama-server without Hearth. Each with as many slots as clients, in turns, on plain prompts of different texts. Without
 * HEARTH_LLAMA_SERVER (test/support/llama-server.ts) only the first.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Sampling } from '../../preload/contract/chat.ts';
import { buildStale, freshBuild } from '../../main/app/bundles.ts';
import {
  createEngine,
  physicalCores,
  type Engine,
  type EngineModel,
  type GenerateEvent,
} from '../../main/engine/engine.ts';
import {
  createInference,
  createLocalProvider,
  createRemoteProviders,
  type Inference,
} from '../../main/inference/inference.ts';
import { createSpawnChild } from '../../main/process/spawn-child.ts';
import { createSecrets } from '../../main/store/secrets.ts';
import { openStore } from '../../main/store/store.ts';
import { writeGguf } from '../hub-server/gguf-file.ts';
import { llamaServerCommand, startLlamaServer, type LlamaServer } from '../support/llama-server.ts';

const MODEL_ID = 'bench/m60/m60-Q4_0.gguf';
const CLIENTS = (process.env['HEARTH_BENCH_CLIENTS'] ?? '1,4,16').split(',').map(Number);
const ROUNDS = Number(process.env['HEARTH_BENCH_ROUNDS'] ?? 3);
const TOKENS = 32;
/** Of llama-server. Its threads wait for each other without sleep: on a busy machine more than the free cores are many times slower. */
const THREADS = Number(process.env['HEARTH_BENCH_THREADS'] ?? physicalCores());
/** Tokens of one slot. */
const CONTEXT = 1024;
const sampling: Sampling = {
  ...{ temperature: 0, topK: 0, topP: 1, minP: 0, repeatPenalty: 1 },
  ...{ maxTokens: TOKENS, seed: 1 },
};

const root = path.join(import.meta.dirname, '../..');
const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;

/** A prompt of some 120 tokens, which no other client has, and no other side: none of it is in a cache. */
const promptOf = (side: string, client: number, round: number): string =>
  `${side}, client ${client} in round ${round}: ${'the quick brown fox jumps over the lazy dog. '.repeat(8)}`;

/** One client's reply: its tokens, and the milliseconds until the first of them. */
interface Reply {
  readonly tokens: number;
  readonly firstMs: number;
}
type Ask = (client: number, round: number) => Promise<Reply>;

interface Measured {
  readonly tokensPerSecond: number;
  readonly firstMs: number;
}

/** All clients at the same moment. */
async function together(clients: number, round: number, ask: Ask): Promise<Measured> {
  const begun = performance.now();
  const replies = await Promise.all(Array.from({ length: clients }, (_, client) => ask(client, round)));
  const tokens = replies.reduce((sum, reply) => sum + reply.tokens, 0);
  return {
    tokensPerSecond: (tokens / (performance.now() - begun)) * 1000,
    firstMs: median(replies.map(({ firstMs }) => firstMs)),
  };
}

function askOf(side: string, inference: Inference, modelId: string, sequences: number): Ask {
  return async (client, round) => {
    const begun = performance.now();
    let firstMs = 0;
    const request = {
      ...{ modelId, sequences, priority: 'api' as const, client: `client ${client}` },
      ...{ input: { rawPrompt: promptOf(side, client, round) }, sampling },
    };
    for await (const event of inference.generate(
      request,
      new AbortController().signal,
    ) as AsyncIterable<GenerateEvent>) {
      if (event.type === 'text' && firstMs === 0) firstMs = performance.now() - begun;
      if (event.type === 'end') return { tokens: event.result.generatedTokens, firstMs };
    }
    throw new Error('The reply has no end.');
  };
}

/** The same request without Hearth. */
function askDirectly(server: LlamaServer): Ask {
  return async (client, round) => {
    const begun = performance.now();
    const answer = await fetch(`${server.url}/v1/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        ...{ prompt: promptOf('direct', client, round), max_tokens: TOKENS, temperature: 0, stream: true },
        stream_options: { include_usage: true },
      }),
    });
    let firstMs = 0;
    let text = '';
    for await (const chunk of (answer.body ?? []) as AsyncIterable<Uint8Array>) {
      if (firstMs === 0) firstMs = performance.now() - begun;
      text += Buffer.from(chunk).toString('latin1');
    }
    const counts = [...text.matchAll(/"completion_tokens":(\d+)/g)];
    return { tokens: Number(counts.at(-1)?.[1] ?? 0), firstMs };
  };
}

export async function run(print: (line: object) => void): Promise<void> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-bench-scale-'));
  await buildStale(root, ['engine']);
  const modelPath = path.join(folder, 'm60-Q4_0.gguf');
  const { sizeBytes } = await writeGguf(modelPath, {
    shape: {
      ...{ name: 'm60', layers: 12, embedding: 512, heads: 8, kvHeads: 4, feedForward: 2048 },
      ...{ vocabulary: 32_064, contextLength: 8192, tied: true },
    },
    quantization: 'Q4_0',
    seed: 1,
  });
  print({
    model: 'm60-Q4_0',
    sizeBytes,
    tokens: TOKENS,
    context: CONTEXT,
    against: llamaServerCommand.join(' '),
    threads: THREADS,
  });
  const model: EngineModel = {
    modelId: MODEL_ID,
    name: 'm60',
    path: modelPath,
    weightsBytes: sizeBytes,
    contextSize: CONTEXT,
  };
  const store = openStore(folder, path.join(root, 'main/store/migrations'));
  const elsewhere = createRemoteProviders({
    ...{ store, secrets: createSecrets(folder, null), offlineBy: null },
    network: () => ({ proxy: null, httpProxy: null, noProxy: null, certificates: null }),
  });
  for (const clients of CLIENTS) {
    const engine: Engine = createEngine({
      spawnChild: createSpawnChild(
        process.execPath,
        freshBuild(root, 'engine') ?? path.join(root, 'main/engine/child/child.ts'),
      ),
      onChange: () => {},
    });
    const inference = createInference(
      createLocalProvider({ engine, findModel: () => Promise.resolve(model) }),
      elsewhere,
    );
    const asks = new Map<string, Ask>([['hearth', askOf('hearth', inference, MODEL_ID, clients)]]);
    let server: LlamaServer | undefined;
    if (llamaServerCommand.length > 0) {
      server = await startLlamaServer(modelPath, [
        ...['-np', String(clients), '-c', String(clients * CONTEXT), '-t', String(THREADS)],
        // As Hearth's slots: each has its own share of the context, and nothing of other prompts is kept.
        ...['--no-kv-unified', '--cache-ram', '0'],
      ]);
      const { id } = elsewhere.save({
        ...{
          id: null,
          kind: 'openai-compatible',
          name: `bench ${clients}`,
          address: server.url,
          headers: [],
          enabled: true,
        },
      });
      const [remote] = (await elsewhere.list()).filter(({ modelId }) => modelId.startsWith(`remote--${id}/`));
      asks.set('elsewhere', askOf('elsewhere', inference, remote?.modelId ?? '', clients));
      asks.set('direct', askDirectly(server));
    }
    const measured = new Map<string, Measured[]>([...asks.keys()].map((name) => [name, []]));
    // The first round loads the model and warms both up; it does not count.
    for (let round = 0; round <= ROUNDS; round++)
      for (const [name, ask] of asks) {
        const found = await together(clients, round, ask);
        if (round > 0) measured.get(name)?.push(found);
      }
    print({
      clients,
      slots: engine.loaded()[0]?.sequences,
      ...Object.fromEntries(
        [...measured].map(([name, rounds]) => [
          name,
          {
            tokensPerSecond: Number(median(rounds.map(({ tokensPerSecond }) => tokensPerSecond)).toFixed(1)),
            firstMs: Math.round(median(rounds.map(({ firstMs }) => firstMs))),
          },
        ]),
      ),
    });
    await engine.close();
    await server?.close();
    if (server) elsewhere.remove(`bench-${clients}`);
  }
  elsewhere.close();
  store.close();
  rmSync(folder, { recursive: true });
}
