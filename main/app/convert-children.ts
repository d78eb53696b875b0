/** The children of the conversion, on a plain Node binary with the rights that each needs. */
import type { ConvertChildren } from '../convert/convert.ts';
import { createSpawnChild } from '../process/spawn-child.ts';
import type { Layout } from './layout.ts';

export type ConvertStarts = Pick<ConvertChildren, 'startConvert' | 'startNative' | 'startTokenizer'>;

export function createConvertChildren(
  layout: Pick<Layout, 'nodePath' | 'convertChildPath' | 'nativeChildPath' | 'tokenizerChildPath'>,
): ConvertStarts {
  const { nodePath, convertChildPath, nativeChildPath, tokenizerChildPath } = layout;
  return {
    startConvert: (folder, variables) => createSpawnChild(nodePath, convertChildPath, folder)(variables, 'advanced'),
    startNative: (folder) => createSpawnChild(nodePath, nativeChildPath, folder)(),
    startTokenizer: (heapMb) =>
      createSpawnChild(nodePath, tokenizerChildPath)(
        { NODE_OPTIONS: `--max-old-space-size=${String(heapMb)}` },
        'advanced',
      ),
  };
}
