/**
 * One download as the app's main process does it, in a process of its own. Arguments: the server's JSON, the folder of
 * the cache. Prints as JSON the milliseconds from the first request to the verified file under its final name, the
 * delay of the event loop meanwhile, the growth of memory, and the largest number of connections.
 */
import { open, rename, symlink } from 'node:fs/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createHubClient } from '../../main/hub/api/hub-client.ts';
import { freeDiskBytes } from '../../main/base/disk.ts';
import { fetchFile } from '../../main/hub/cache/fetch-file.ts';
import type { RemoteFile } from '../../main/hub/cache/remote-file.ts';
import { createNetworkFetch } from '../../main/hub/api/network.ts';
import { createTokenBucket } from '../../main/hub/transfer/token-bucket.ts';

const [facts = '', folder = ''] = process.argv.slice(2);
const file = JSON.parse(facts) as RemoteFile & { readonly endpoint: string };
const client = createHubClient({
  endpoint: () => file.endpoint,
  token: () => null,
  fetch: createNetworkFetch(() => ({ proxy: null, httpProxy: null, noProxy: null, certificates: null })),
  offlineBy: null,
  now: Date.now,
  sleep: () => Promise.resolve(),
});
const clock = { now: Date.now, elapsedMs: () => performance.now(), sleep: () => Promise.resolve() };
const context = {
  client,
  clock,
  stallMs: 30_000,
  bucket: createTokenBucket(() => null, clock),
  segmentBytes: null,
  maxConnections: 8,
  openFile: open,
  renameFile: rename,
  makeLink: symlink,
  freeBytes: freeDiskBytes,
};
const resident = (): number => process.memoryUsage.rss();
// The memory after an idle second is the baseline.
await new Promise((resolve) => setTimeout(resolve, 500));
const before = resident();
let most = before;
const watch = setInterval(() => (most = Math.max(most, resident())), 50);
// The histogram holds the time of a timer of `resolution`; the excess is the delay.
const resolution = 2;
const delay = monitorEventLoopDelay({ resolution });
delay.enable();
let connections = 0;
const signal = new AbortController().signal;
const began = performance.now();
await fetchFile(context, file, {
  folder,
  ref: 'main',
  signal,
  onProgress: ({ segments }) => (connections = Math.max(connections, segments.length)),
  log: (text) => {
    if (process.env['BENCH_LOG']) console.error(text);
  },
});
const ms = performance.now() - began;
delay.disable();
clearInterval(watch);
console.log(
  JSON.stringify({
    ms,
    connections,
    delayP50Ms: delay.percentile(50) / 1e6 - resolution,
    delayP99Ms: delay.percentile(99) / 1e6 - resolution,
    delayMaxMs: delay.max / 1e6 - resolution,
    grownBytes: most - before,
  }),
);
process.exit(0);
