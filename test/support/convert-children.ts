/** Children of conversions for tests, from their source. */
import path from 'node:path';
import { createConvertChildren } from '../../main/app/convert-children.ts';

const root = path.join(import.meta.dirname, '../..');

export const convertChildren = createConvertChildren({
  nodePath: process.execPath,
  convertChildPath: path.join(root, 'main/convert/child/child.ts'),
  nativeChildPath: path.join(root, 'native/child.ts'),
  tokenizerChildPath: path.join(root, 'main/convert/tokenizer/tokenizer-child.ts'),
});
