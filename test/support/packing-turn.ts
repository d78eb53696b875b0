/** One test at a time stages and packs the app, because all of them stage the page in the same folder of the checkout. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { lockBuilds } from '../../main/app/build-lock.ts';

/** Waits for the turn, and ends it with the scope. */
export function packingTurn(root: string): Disposable {
  const folder = path.join(root, 'dist/resources');
  mkdirSync(folder, { recursive: true });
  const release = lockBuilds(folder, () => {});
  return { [Symbol.dispose]: () => release?.() };
}
