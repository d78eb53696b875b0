import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { threadFile } from './thread-file.ts';

describe('threadFile', () => {
  it('is the source beside a source, and the file of that name beside a bundle', () => {
    expect(threadFile('../b/c-worker.ts', 'file:///app/main/a/x.ts').href).toBe('file:///app/main/b/c-worker.ts');
    expect(threadFile('../b/c-worker.ts', 'file:///app/dist/main/start-A1b2.js').href).toBe(
      'file:///app/dist/main/c-worker.js',
    );
  });

  it('starts a thread from the text of a file in Electron’s archive', async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-thread-'));
    const main = path.join(folder, 'app.asar/dist/main');
    try {
      mkdirSync(main, { recursive: true });
      writeFileSync(
        path.join(main, 'echo-worker.js'),
        `import { parentPort } from 'node:worker_threads';
         import os from 'node:os';
         parentPort.on('message', (text) => parentPort.postMessage(text + os.EOL));`,
      );
      const file = threadFile('../a/echo-worker.ts', pathToFileURL(path.join(main, 'electron.js')).href);
      expect(file.protocol).toBe('data:');
      const worker = new Worker(file);
      worker.postMessage('wörld');
      expect(await once(worker, 'message')).toEqual([`wörld${os.EOL}`]);
      await worker.terminate();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
