/** What tells the path of a model's file from the name of a model. */
import { stat } from 'node:fs/promises';
import { beginsAsGguf } from '../library/library.ts';

/** Whether a reference is the path of a GGUF file. */
export async function isModelFile(reference: string): Promise<boolean> {
  const isFile = (await stat(reference).catch(() => null))?.isFile() === true;
  return isFile && (/\.gguf$/i.test(reference) || (await beginsAsGguf(reference)));
}
