/**
 * A real llama-server on a free port of loopback, for tests that compare with it. HEARTH_LLAMA_SERVER is its command, such as
 * `llama-server` or `chroot /FOLDER llama-server`; HEARTH_LLAMA_ROOT is what such a folder is, so that models are put where it sees them.
 */
import { spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import path from 'node:path';

export const llamaServerCommand = (process.env['HEARTH_LLAMA_SERVER'] ?? '').split(' ').filter((word) => word !== '');

export interface LlamaServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Starts it with a model, and waits until that is loaded. */
export async function startLlamaServer(modelPath: string, args: readonly string[]): Promise<LlamaServer> {
  const [command = '', ...before] = llamaServerCommand;
  const root = process.env['HEARTH_LLAMA_ROOT'] ?? '';
  const folder = mkdtempSync(path.join(root === '' ? '/' : root, 'tmp/hearth-llama-'));
  const model = path.join(folder, path.basename(modelPath));
  copyFileSync(modelPath, model);
  const port = await freePort();
  const seenPath = root === '' ? model : model.slice(root.length);
  const child = spawn(command, [...before, '-m', seenPath, '--host', '127.0.0.1', '--port', String(port), ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-2000)));
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = `http://127.0.0.1:${port}`;
  const close = async (): Promise<void> => {
    child.kill('SIGKILL');
    await gone;
    rmSync(folder, { recursive: true });
  };
  for (;;) {
    if (child.exitCode !== null) throw new Error(`llama-server ended: ${said}`);
    const answer = await fetch(`${url}/health`).catch(() => null);
    if (answer?.ok === true) return { url, close };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
