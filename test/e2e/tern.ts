import path from 'node:path';
import { filesOf } from '../support/folder-files.ts';
import { root } from './harness.ts';

/** The files of the small checkpoint that these tests convert, as a repository of the test Hub has them. */
export const ternFiles = (): Record<string, Uint8Array> => filesOf(path.join(root, 'test/fixtures/conversion/qwen3'));
