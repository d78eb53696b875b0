/** From `npm start` to the first token of a first chat, on empty folders, over the same WebSocket that the page uses. */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { isBlank } from '../../preload/contract/message-parts.ts';
import { serveForBench } from './served-app.ts';

const RUNS = 7;

async function once(): Promise<{ startToReadyMs: number; readyToFirstTokenMs: number; readyToReplyMs: number }> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-bench-'));
  const app = await serveForBench(folder);
  try {
    const ready = performance.now();
    const { chatId } = await app.client.call('chat.send', {
      chat: { fresh: { modelId: null, systemPrompt: '', sampling: null, contextPolicy: null } },
      parts: [{ type: 'text', text: 'Who are you?' }],
    });
    let firstToken = 0;
    for await (const event of app.client.stream('chat.watch', { chatId })) {
      const reply =
        event.type === 'snapshot' ? event.messages.at(-1) : event.type === 'message' ? event.message : undefined;
      const hasText = event.type === 'append' || (reply?.role === 'assistant' && !isBlank(reply));
      if (firstToken === 0 && hasText) firstToken = performance.now();
      if (reply?.role === 'assistant' && reply.status === 'complete') break;
    }
    const end = performance.now();
    return { startToReadyMs: app.startToReadyMs, readyToFirstTokenMs: firstToken - ready, readyToReplyMs: end - ready };
  } finally {
    await app.close();
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
