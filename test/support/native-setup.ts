/** Native children for tests, from their source. */
import path from 'node:path';
import { createSpawnChild } from '../../main/process/spawn-child.ts';
import type { NativeWorkOptions } from '../../main/convert/native-work.ts';

const root = path.join(import.meta.dirname, '../..');
export const nativeChildPath = path.join(root, 'native/child.ts');
export const storiesPath = path.join(root, 'test/fixtures/stories260K/stories260K-F32.gguf');
export const quantizeFixtures = path.join(root, 'test/fixtures/quantize');

/** `started` gets the process id of each child. */
export function nativeOptions(started: (pid: number) => void = () => {}): NativeWorkOptions {
  return {
    startChild(writableFolder) {
      const child = createSpawnChild(process.execPath, nativeChildPath, writableFolder)();
      if (child.pid !== undefined) started(child.pid);
      return child;
    },
  };
}
