/** From `npm start` to the first token of a first chat, on empty folders, over the same WebSocket that the page uses. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { WebSocket } from 'ws';
import type { HearthContract } from '../../preload/contract/contract.ts';
import { connect, isFrame, type Port } from '../../preload/contract/rpc.ts';

const root = path.join(import.meta.dirname, '../..');
const RUNS = 7;

async function once(): Promise<{ startToReadyMs: number; readyToFirstTokenMs: number; readyToReplyMs: number }> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-bench-'));
  const started = performance.now();
  const app = spawn(process.execPath, [path.join(root, 'main/start.ts'), '--serve', '--port', '0'], {
    env: { ...process.env, HEARTH_DATA_DIR: path.join(folder, 'data'), HEARTH_CACHE_DIR: path.join(folder, 'cache') },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const url = await new Promise<URL>((resolve) => {
      let said = '';
      app.stdout.on('data', (chunk: Buffer) => {
        said += chunk.toString();
        const match = /ready: (\S+)/.exec(said)?.[1];
        if (match) resolve(new URL(match));
      });
    });
    const ready = performance.now();
    const socket = new WebSocket(`ws://${url.host}/rpc`, {
      headers: { authorization: `Bearer ${url.searchParams.get('token') ?? ''}` },
    });
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    const port: Port = {
      post: (frame) => socket.send(JSON.stringify(frame)),
      onFrame: (listener) =>
        void socket.on('message', (data: Buffer) => {
          const frame: unknown = JSON.parse(data.toString());
          if (isFrame(frame)) listener(frame);
        }),
      onClose: (listener) => void socket.once('close', listener),
    };
    const client = connect<HearthContract>(port);
    const chat = await client.call('chat.create', { modelId: null });
    await client.call('chat.send', { chatId: chat.id, text: 'Who are you?' });
    let firstToken = 0;
    for await (const event of client.stream('chat.watch', { chatId: chat.id })) {
      const reply =
        event.type === 'snapshot' ? event.messages.at(-1) : event.type === 'message' ? event.message : undefined;
      if (firstToken === 0 && (event.type === 'append' || (reply?.role === 'assistant' && reply.content !== '')))
        firstToken = performance.now();
      if (reply?.role === 'assistant' && reply.status === 'complete') break;
    }
    const end = performance.now();
    socket.close();
    return { startToReadyMs: ready - started, readyToFirstTokenMs: firstToken - ready, readyToReplyMs: end - ready };
  } finally {
    const gone = new Promise((resolve) => app.once('exit', resolve));
    app.kill('SIGTERM');
    await gone;
    rmSync(folder, { recursive: true, force: true });
  }
}

const median = (values: number[]): number => Math.round([...values].sort((a, b) => a - b)[values.length >> 1] ?? 0);

/** Prints the medians of some runs; the target of the first light was 2,000 ms from ready to the first token. */
export async function run(print: (line: object) => void): Promise<void> {
  const runs = [];
  for (let i = 0; i < RUNS; i++) runs.push(await once());
  print({
    runs: RUNS,
    startToReadyMs: median(runs.map((r) => r.startToReadyMs)),
    readyToFirstTokenMs: median(runs.map((r) => r.readyToFirstTokenMs)),
    readyToReplyMs: median(runs.map((r) => r.readyToReplyMs)),
    slowestReadyToFirstTokenMs: Math.round(Math.max(...runs.map((r) => r.readyToFirstTokenMs))),
  });
}
