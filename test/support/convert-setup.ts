/** A test Hub with safetensors repositories, and the conversion over a new cache. */
import { cpSync, existsSync } from 'node:fs';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { createConvert, type Convert, type ConvertOptions } from '../../main/convert/convert.ts';
import { createHub, type Hub, type HubOptions } from '../../main/hub/hub.ts';
import { readHeaderOfFile } from '../../main/library/library.ts';
import { fitIn } from '../../main/model-file/fit-of.ts';
import { startHub, type Hub as TestHub, type HubOptions as TestHubOptions } from '../hub-server/hub-server.ts';
import { convertChildren } from './convert-children.ts';
import { filesOf } from './folder-files.ts';
import { directFetch, temporaryFolder } from './hub-setup.ts';

const root = path.join(import.meta.dirname, '../..');
/** A checkpoint of three shards with an architecture and a tokenizer of Llama 3, and random weights. */
export const shardedLlama = path.join(root, 'test/fixtures/conversion/llama-sharded');
/** What lies beside the repository on some machines only. */
export const sharedConversions = path.join(root, '../shared/fixtures/conversion');
export const hasShared = existsSync(sharedConversions);

/** A copy of a checkpoint that a test may change. */
export async function copyOf(folder: string): Promise<string> {
  const copy = path.join(await temporaryFolder(), path.basename(folder));
  cpSync(folder, copy, { recursive: true, filter: (from) => path.basename(from) !== 'expected.json' });
  return copy;
}

export interface ConvertSetup {
  readonly server: TestHub;
  readonly hub: Hub;
  readonly convert: Convert;
  readonly cacheFolder: string;
  /** Shows a folder, as a dialog does, and returns its id. */
  show(folder: string): string;
}

/** `fileServer` are options of the test Hub, `options` those of the app's own client. */
export async function setUpConvert(
  server: TestHubOptions = {},
  options: Partial<HubOptions> = {},
  convertOptions: Partial<ConvertOptions> = {},
): Promise<ConvertSetup> {
  const testHub = await startHub({ repos: [{ id: 'owner/sharded', files: filesOf(shardedLlama) }], ...server });
  onTestFinished(() => testHub.close());
  const cacheFolder = await temporaryFolder();
  const fitOf = fitIn(() => ({ freeRamBytes: 8e9, totalRamBytes: 16e9 }));
  const hub = createHub({
    endpoint: testHub.url,
    token: () => null,
    fetch: directFetch,
    offlineBy: null,
    cacheFolder: () => cacheFolder,
    fitOf,
    fileState: () => 'remote',
    ...options,
  });
  const shown: string[] = [];
  const convert = createConvert({
    hub,
    fitOf,
    folders: {
      pick: async () => null,
      pathOf: (folderId) => shown[Number(folderId)] ?? '',
    },
    // These tests start no jobs.
    library: {
      find: () => Promise.reject(new Error('There are no models.')),
      matrixPath: async (modelId) => modelId,
      converted: async () => [],
      rescan: async () => {},
      readHeader: readHeaderOfFile,
    },
    jobs: { run: () => ({ jobId: '' }) },
    ...{ convertedFolder: path.join(cacheFolder, '../none'), workFolder: path.join(cacheFolder, '../none') },
    measurementsFolder: path.join(cacheFolder, '../none'),
    measuredTextPath: path.join(root, 'assets/texts/varied.txt'),
    children: convertChildren,
    ...{ runner: null, freeBytes: async () => null, threads: () => 1, version: '0.0.0' },
    ...convertOptions,
  });
  return { server: testHub, hub, convert, cacheFolder, show: (folder) => String(shown.push(folder) - 1) };
}
