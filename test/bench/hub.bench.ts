/**
 * Downloads over loopback, beside `curl` and `sha256sum` in the same run: verified speed, speed from a server that
 * limits each connection, blocking of the main thread, and memory. The server, the app's part and curl are separate
 * processes.
 */
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const GIB = 1024 ** 3;
const RUNS = 3;

interface Served {
  readonly endpoint: string;
  readonly repoId: string;
  readonly path: string;
  readonly sizeBytes: number;
}
interface Fetched {
  readonly ms: number;
  readonly connections: number;
  readonly delayP50Ms: number;
  readonly delayP99Ms: number;
  readonly delayMaxMs: number;
  readonly grownBytes: number;
}

const script = (name: string): string => path.join(import.meta.dirname, name);
const execute = promisify(execFile);

/** Runs `work` against a server in a process of its own. */
async function withServer(
  args: readonly (string | number)[],
  work: (served: Served, folder: string) => Promise<void>,
): Promise<void> {
  const server = spawn(process.execPath, [script('hub-child-server.ts'), ...args.map(String)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-bench-'));
  try {
    const served = await new Promise<Served>((resolve, reject) => {
      let said = '';
      server.once('exit', () => reject(new Error('The server ended.')));
      server.stdout.on('data', (chunk: Buffer) => {
        said += chunk.toString();
        if (said.endsWith('\n')) resolve(JSON.parse(said) as Served);
      });
    });
    await work(served, folder);
  } finally {
    server.removeAllListeners('exit');
    server.kill('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  }
}

async function hearth(served: Served, folder: string): Promise<Fetched> {
  const cache = path.join(folder, 'cache');
  const { stdout } = await execute(process.execPath, [script('hub-child-client.ts'), JSON.stringify(served), cache]);
  rmSync(cache, { recursive: true });
  return JSON.parse(stdout) as Fetched;
}

/** The time to fetch the file with curl, and then to hash it. */
async function curl(served: Served, folder: string): Promise<{ curlMs: number; sha256sumMs: number }> {
  const file = path.join(folder, 'curl.bin');
  const began = performance.now();
  await execute('curl', ['-sL', '-o', file, `${served.endpoint}/${served.repoId}/resolve/main/${served.path}`]);
  const fetched = performance.now();
  await execute('sha256sum', [file]);
  const hashed = performance.now();
  if (statSync(file).size !== served.sizeBytes) throw new Error('curl did not get the whole file.');
  rmSync(file);
  return { curlMs: fetched - began, sha256sumMs: hashed - fetched };
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
const speed = (bytes: number, ms: number): number => Math.round(bytes / ms / 1000);
const round = (value: number): number => Math.round(value * 100) / 100;

/** Prints the figures with their targets. */
export async function run(print: (line: object) => void): Promise<void> {
  await withServer([2 * GIB, 0], async (served, folder) => {
    const pairs: { own: Fetched; peer: { curlMs: number; sha256sumMs: number } }[] = [];
    // Alternating, so that other load on the machine affects both.
    for (let i = 0; i < RUNS; i++) pairs.push({ peer: await curl(served, folder), own: await hearth(served, folder) });
    const ownMs = median(pairs.map(({ own }) => own.ms));
    const peerMs = median(pairs.map(({ peer }) => peer.curlMs + peer.sha256sumMs));
    print({
      figure: 'verified download, 2 GiB',
      runs: RUNS,
      hearthMegabytesPerSecond: speed(served.sizeBytes, ownMs),
      curlMegabytesPerSecond: speed(served.sizeBytes, median(pairs.map(({ peer }) => peer.curlMs))),
      curlAndSha256sumMegabytesPerSecond: speed(served.sizeBytes, peerMs),
      ratio: round(peerMs / ownMs),
      target: 1.3,
    });
    print({
      figure: 'delay of the event loop meanwhile',
      p50Ms: round(median(pairs.map(({ own }) => own.delayP50Ms))),
      p99Ms: round(median(pairs.map(({ own }) => own.delayP99Ms))),
      worstP99Ms: round(Math.max(...pairs.map(({ own }) => own.delayP99Ms))),
      maxMs: round(Math.max(...pairs.map(({ own }) => own.delayMaxMs))),
      targetP99Ms: 20,
    });
  });
  await withServer([GIB / 2, 20_000_000], async (served, folder) => {
    const peer = await curl(served, folder);
    const own = await hearth(served, folder);
    print({
      figure: 'each connection limited to 20 MB/s, 512 MiB',
      connections: own.connections,
      hearthMegabytesPerSecond: speed(served.sizeBytes, own.ms),
      curlMegabytesPerSecond: speed(served.sizeBytes, peer.curlMs),
      ratio: round(peer.curlMs / own.ms),
      target: 4,
    });
  });
  await withServer([8 * GIB, 0, 'sparse'], async (served, folder) => {
    const own = await hearth(served, folder);
    print({
      figure: 'memory, 8 GiB of nothing',
      hearthMegabytesPerSecond: speed(served.sizeBytes, own.ms),
      connections: own.connections,
      grownMegabytes: round(own.grownBytes / 1e6),
      targetMegabytes: 80,
      delayP99Ms: round(own.delayP99Ms),
    });
  });
}
