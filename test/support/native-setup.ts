/** Native children for tests, from their source. */
import path from 'node:path';
import type { NativeWorkOptions } from '../../main/convert/native-work.ts';
import { convertChildren } from './convert-children.ts';

const root = path.join(import.meta.dirname, '../..');
export const storiesPath = path.join(root, 'test/fixtures/stories260K/stories260K-F32.gguf');
export const quantizeFixtures = path.join(root, 'test/fixtures/quantize');

/** `started` gets the process id of each child. */
export function nativeOptions(started: (pid: number) => void = () => {}): NativeWorkOptions {
  return {
    startChild(writableFolder) {
      const child = convertChildren.startNative(writableFolder);
      if (child.pid !== undefined) started(child.pid);
      return child;
    },
  };
}
