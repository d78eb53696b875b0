/** A test Hub with one repository, and the app's hub module over a new temporary cache. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createHub, createNetworkFetch, type Clock, type Hub, type HubOptions } from '../../main/hub/hub.ts';
import { startHub, type Hub as TestHub, type HubOptions as TestHubOptions } from '../hub-server/hub-server.ts';
import { fitIn } from '../../main/model-file/fit-of.ts';

export const repoId = 'owner/Tiny-GGUF';
export const path = 'tiny-Q4_K_M.gguf';
/** 3 MB of random bytes: several different chunks. */
export const content = randomBytes(3_000_000);
export const sha256 = createHash('sha256').update(content).digest('hex');
export const never = new AbortController().signal;

/** The app's `fetch` without a proxy. */
export const directFetch = createNetworkFetch(() => ({
  proxy: null,
  httpProxy: null,
  noProxy: null,
  certificates: null,
}));

/** A clock whose sleeps return at once and are counted. */
export function hastyClock(): Clock & { readonly pauses: number[] } {
  const pauses: number[] = [];
  return {
    pauses,
    now: () => Date.now(),
    elapsedMs: () => performance.now(),
    async sleep(ms, signal) {
      signal.throwIfAborted();
      pauses.push(ms);
      await new Promise((resolve) => setTimeout(resolve, 2));
      signal.throwIfAborted();
    },
  };
}

/** A new temporary folder that is deleted after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'hearth-hub-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export async function setUp(
  options: Partial<HubOptions> = {},
  server: TestHubOptions = {},
): Promise<{ server: TestHub; hub: Hub; folder: string; clock: ReturnType<typeof hastyClock> }> {
  const testHub = await startHub({
    repos: [{ id: repoId, files: { [path]: content, 'README.md': '# Tiny\n' } }],
    ...server,
  });
  onTestFinished(() => testHub.close());
  const folder = await temporaryFolder();
  const clock = hastyClock();
  const hub = createHub({
    endpoint: testHub.url,
    token: () => null,
    fetch: directFetch,
    offlineBy: null,
    cacheFolder: () => folder,
    fitOf: fitIn(() => ({ freeRamBytes: 8e9, totalRamBytes: 16e9 })),
    fileState: () => 'remote',
    clock,
    ...options,
  });
  return { server: testHub, hub, folder, clock };
}

/** Every file, link and folder under `folder`, sorted; folders end with a slash. */
export async function tree(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1) + (entry.isDirectory() ? '/' : ''))
    .sort();
}
