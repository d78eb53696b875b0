import { expect, it } from 'vitest';
import { alone } from '../../test/support/alone.ts';
import type { Hub } from '../hub/hub.ts';
import { createDownload, type DownloadOptions } from './download.ts';

it('begins in the new folder although the old one, of a drive that is gone, cannot be cleaned', async () => {
  const file = {
    ...{ repoId: 'o/m', commit: 'a'.repeat(40), path: 'a.gguf', sizeBytes: 5, wasThere: false },
    ...{ sha256: 'b'.repeat(64), gitOid: 'c'.repeat(40) },
  };
  const folders: string[] = [];
  const lines: string[] = [];
  const hub: Partial<Hub> = {
    cacheFolder: () => '/new',
    isJoined: async () => false,
    localBytes: async () => ({ bytes: 0, isComplete: false }),
    discardFile: () => Promise.reject(new Error('EIO')),
    fetchFile: async (_file, { folder }) => {
      folders.push(folder);
      return folder;
    },
  };
  const options = { hub, assertSpace: async () => {}, maxRunning: () => 1, onState: () => {} };
  const spec = { folder: '/old', revision: 'main', files: [file] };
  const download = createDownload(spec as Parameters<typeof createDownload>[0], options as unknown as DownloadOptions);
  await download.order.run({ ...alone, log: (line) => void lines.push(line) });
  expect(folders).toEqual(['/new']);
  expect(lines).toContain('The received bytes stay in the old folder, which cannot be reached.');
});
