/**
 * Starting: `npm run serve` on empty folders to its ready line and to the first token of a first chat, over the page's
 * WebSocket; `hearth list`; and an empty Node process for comparison, in the same rounds.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { isBlank } from '../../preload/contract/message-parts.ts';
import { serveForBench } from './served-app.ts';

const RUNS = 9;
const root = path.join(import.meta.dirname, '../..');

interface FirstChat {
  readonly startToReadyMs: number;
  readonly readyToFirstTokenMs: number;
  readonly readyToReplyMs: number;
}

/** One start on empty folders, with one question to the built-in model. */
async function firstChat(): Promise<FirstChat> {
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

/** From the start of a Node process to its end. @throws Error when it fails. */
async function timeNode(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<number> {
  const begun = performance.now();
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const code = await new Promise((resolve, reject) => child.once('exit', resolve).once('error', reject));
  if (code !== 0) throw new Error(`node ${args.join(' ')} ended with ${String(code)}.`);
  return performance.now() - begun;
}

const bareNode = (): Promise<number> => timeNode(['-e', '0']);
const list = (folder: string): Promise<number> =>
  timeNode([path.join(root, 'main/hearth.mjs'), 'list'], {
    HEARTH_DATA_DIR: path.join(folder, 'data'),
    HEARTH_CACHE_DIR: path.join(folder, 'cache'),
  });

function spread(values: readonly number[]): { median: number; min: number; max: number } {
  const sorted = [...values].sort((a, b) => a - b).map(Math.round);
  return { median: sorted[sorted.length >> 1] ?? 0, min: sorted[0] ?? 0, max: sorted.at(-1) ?? 0 };
}

/**
 * Prints medians and extremes. Targets on a quiet machine: 300 ms to ready, 600 ms from there to the first token, 200
 * ms for a list.
 */
export async function run(print: (line: object) => void): Promise<void> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-bench-list-'));
  const [bare, lists, chats]: [number[], number[], FirstChat[]] = [[], [], []];
  try {
    // Builds stale outputs, and fills the compile cache.
    await list(folder);
    await firstChat();
    for (let round = 0; round < RUNS; round++) {
      bare.push(await bareNode());
      lists.push(await list(folder));
      chats.push(await firstChat());
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  print({ what: 'node -e 0', runs: RUNS, ms: spread(bare) });
  print({ what: 'hearth list', runs: RUNS, ms: spread(lists), targetMs: 200 });
  print({ what: 'start to ready', runs: RUNS, ms: spread(chats.map((one) => one.startToReadyMs)), targetMs: 300 });
  print({
    ...{ what: 'ready to first token', runs: RUNS, targetMs: 600 },
    ms: spread(chats.map((one) => one.readyToFirstTokenMs)),
  });
  print({ what: 'ready to the whole reply', runs: RUNS, ms: spread(chats.map((one) => one.readyToReplyMs)) });
}
