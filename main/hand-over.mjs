// Hands a command over to another Node. Plain JavaScript without newer syntax, because Node 20 runs it.
import { spawn } from 'node:child_process';
import os from 'node:os';

/**
 * Runs `file` with `args` on the Node binary `node`, passes every signal on, and answers its exit code. The channel tells it the end of this
 * process, however that comes.
 */
export function handOver(node, file, args) {
  const child = spawn(node, [file, ...args], { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  // A terminal sends Ctrl+C to both, and the app takes two within half a second for one.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? 128 + os.constants.signals[signal]));
  });
}

/** In the other process: ends it as a supervisor would when the one that started it is gone. */
export function endWithParent() {
  if (!process.channel) return;
  process.channel.unref();
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
}
