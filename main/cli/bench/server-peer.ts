/** llama-server as the peer of a benchmark: started once on the loopback interface, and asked for each sample. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../../../preload/wire/errors.ts';
import { lastLine, type Peer, type PeerModel } from './peer.ts';
import type { BenchTest } from '../../inference/inference.ts';
import { nameOf } from './tests.ts';

/** A large model may be read from a slow disk. */
const START_LIMIT_MS = 600_000;
const LOOK_EVERY_MS = 50;
const MAX_KEPT_CHARS = 20_000;
/** An ordinary token of nearly every vocabulary: one of the first, behind the special ones. */
const FILLER_TOKEN = 300;

/**
 * Starts the server with the threads of its first sample; another number of threads starts it again.
 * @throws AppError `unsupported` with its last line where it does not start.
 */
export async function startServerPeer(
  file: string,
  version: string | null,
  model: PeerModel,
  signal: AbortSignal,
): Promise<Peer> {
  let running: { readonly threads: number; readonly origin: string; close(): Promise<void> } | null = null;
  const withThreads = async (threads: number): Promise<string> => {
    if (running?.threads !== threads) {
      await running?.close();
      running = null;
      running = { threads, ...(await startServer(file, model, threads, signal)) };
    }
    return running.origin;
  };
  return {
    ...{ name: 'llama-server', file, version },
    async sample(tests, stop) {
      const rates: number[] = [];
      for (const test of tests) rates.push(await measured(await withThreads(test.threads), test, stop));
      return rates;
    },
    async close() {
      await running?.close();
    },
  };
}

async function measured(origin: string, test: BenchTest, signal: AbortSignal): Promise<number> {
  const { promptTokens, replyTokens } = test;
  const response = await fetch(`${origin}/completion`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      prompt: Array.from({ length: Math.max(1, promptTokens) }, (_, at) => FILLER_TOKEN + (at % 64)),
      n_predict: Math.max(1, replyTokens),
      ...{ temperature: 0, ignore_eos: true, cache_prompt: false },
    }),
    signal,
  });
  const answer = (await response.json().catch(() => null)) as {
    readonly timings?: Readonly<Record<string, unknown>>;
  } | null;
  const rate = answer?.timings?.[promptTokens > 0 ? 'prompt_per_second' : 'predicted_per_second'];
  if (typeof rate === 'number' && rate > 0) return rate;
  throw new AppError('unsupported', `llama-server did not measure ${nameOf(test)} (status ${response.status}).`);
}

async function startServer(
  file: string,
  model: PeerModel,
  threads: number,
  signal: AbortSignal,
): Promise<{ readonly origin: string; close(): Promise<void> }> {
  const port = await freePort();
  const args = ['-m', model.file, '--host', '127.0.0.1', '--port', String(port), '-np', '1'];
  const child = spawn(
    file,
    [...args, '-t', String(threads), '-c', String(model.contextSize), '-ngl', String(model.gpuLayers())],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-MAX_KEPT_CHARS)));
  let failure: Error | null = null;
  child.once('error', (error) => (failure = error));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const close = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  // Whatever ends this process ends the server.
  const onExit = (): void => void child.kill('SIGKILL');
  process.once('exit', onExit);
  void ended.then(() => process.off('exit', onExit));
  const origin = `http://127.0.0.1:${port}`;
  const endAt = performance.now() + START_LIMIT_MS;
  try {
    for (;;) {
      if (failure !== null || child.exitCode !== null || child.signalCode !== null || performance.now() > endAt)
        throw new AppError('unsupported', `llama-server does not start: ${lastLine(said)}`);
      if (
        await fetch(`${origin}/health`, { signal }).then(
          (answer) => answer.ok,
          () => false,
        )
      )
        return { origin, close };
      await delay(LOOK_EVERY_MS, undefined, { signal });
    }
  } catch (error) {
    await close();
    throw error;
  }
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new AppError('internal', 'There is no free port.');
  return address.port;
}
