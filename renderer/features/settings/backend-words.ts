import type { Backend } from '../../../preload/contract/engine.ts';
import { formatBytes } from '../../words/format.ts';
import { words } from '../../words/words.ts';

/** Whether GPU support is in use, can be installed, or why not. */
export function backendWords(backend: Backend): string {
  const { backends } = words.settings;
  if (backend.installed) return backend.problem ?? backends.installed;
  if (!backend.available) return backend.problem ?? backends.unavailable;
  const size = backend.sizeBytes === null ? null : formatBytes(backend.sizeBytes);
  return backend.problem === null ? backends.fetch(size) : `${backend.problem} ${backends.useless(size)}`;
}
