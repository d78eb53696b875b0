/** The children of the conversion, on a plain Node binary with the rights that each needs. */
import type { ConvertChildren } from '../convert/convert.ts';
import { createSpawnChild } from '../process/spawn-child.ts';
import type { Layout } from './layout.ts';

export type ConvertStarts = Pick<ConvertChildren, 'startConvert' | 'startNative' | 'startTokenizer'>;

/**
 * The heap grows as little as it can: a vocabulary of 262,144 tokens takes the child half of the memory then, and a second longer.
 */
const convertFlags = ['--optimize-for-size'];

export function createConvertChildren(
  layout: Pick<Layout, 'nodePath' | 'convertChildPath' | 'nativeChildPath' | 'tokenizerChildPath'>,
): ConvertStarts {
  const { nodePath, convertChildPath, nativeChildPath, tokenizerChildPath } = layout;
  return {
    startConvert: (folder, variables) =>
      createSpawnChild(nodePath, convertChildPath, folder, null, convertFlags)(variables, 'advanced'),
    startNative: (folder) => createSpawnChild(nodePath, nativeChildPath, folder)(),
    startTokenizer: (heapMb) =>
      createSpawnChild(nodePath, tokenizerChildPath)(
        { NODE_OPTIONS: `--max-old-space-size=${String(heapMb)}` },
        'advanced',
      ),
  };
}
