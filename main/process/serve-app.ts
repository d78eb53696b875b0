/** What every child process of the app does beside its work: it answers the app, and ends with it. */
import { Worker } from 'node:worker_threads';
import { serve, type CallContext, type Contract, type Handlers } from '../../preload/wire/rpc.ts';
import { threadFile } from '../base/thread-file.ts';
import { ipcPort } from './ipc-port.ts';

/**
 * Starts the thread that ends this process when the app is gone, before anything that may hang. On Windows the system itself ends a child
 * with its parent. The limits are the lowest that let a thread start; it takes 9 MB, most of it Node's own.
 */
export function startLifeline(): void {
  if (process.platform === 'win32') return;
  new Worker(threadFile('./lifeline-worker.ts', import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2, codeRangeSizeMb: 4, stackSizeMb: 0.5 },
    env: {},
  }).unref();
}

/** Answers the app over the IPC channel, and ends this process at once when the app closes that. */
export function serveApp<C extends Contract>(contract: C, handlers: Handlers<C, CallContext>): void {
  serve(contract, handlers, ipcPort(process), (signal) => ({ signal }));
  // While the main thread is busy the lifeline's thread does it. Not by exit(), which waits for libuv's threads: they may be in a long call.
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  // Ctrl+C in a terminal reaches the whole process group. The app decides when a child ends.
  process.on('SIGINT', () => {});
}
