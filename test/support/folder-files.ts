import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** The files of a folder, as a repository of the test Hub has them, without the values of the reference in expected.json. */
export function filesOf(folder: string, below = ''): Record<string, Uint8Array> {
  const files: Record<string, Uint8Array> = {};
  for (const name of readdirSync(path.join(folder, below))) {
    const inside = below === '' ? name : `${below}/${name}`;
    if (name === 'expected.json') continue;
    if (statSync(path.join(folder, inside)).isDirectory()) Object.assign(files, filesOf(folder, inside));
    else files[inside] = readFileSync(path.join(folder, inside));
  }
  return files;
}
