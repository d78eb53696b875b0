/** The children of the conversion, on a plain Node binary with the rights that each needs. */
import type { ConvertChildren } from '../convert/convert.ts';
import { createSpawnChild } from '../process/spawn-child.ts';
import type { Layout } from './layout.ts';

export type ConvertStarts = Pick<ConvertChildren, 'startConvert' | 'startNative'>;

export function createConvertChildren(
  layout: Pick<Layout, 'nodePath' | 'convertChildPath' | 'nativeChildPath'>,
): ConvertStarts {
  const { nodePath, convertChildPath, nativeChildPath } = layout;
  return {
    startConvert: (folder, variables) => createSpawnChild(nodePath, convertChildPath, folder)(variables, 'advanced'),
    startNative: (folder) => createSpawnChild(nodePath, nativeChildPath, folder)(),
  };
}
