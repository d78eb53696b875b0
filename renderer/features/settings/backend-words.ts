import type { Backend } from '../../../preload/contract/engine.ts';
import { formatBytes } from '../../words/format.ts';
import { words } from '../../words/words.ts';

/** Whether GPU support is in use or can be installed, or the reason why not. */
export function backendWords(backend: Backend): string {
  const { backends } = words.settings;
  const problem = backend.problem === null ? null : backends.problems[backend.problem.code];
  if (backend.installed) return problem ?? backends.installed;
  if (!backend.available) return problem ?? backends.unavailable;
  const size = backend.sizeBytes === null ? null : formatBytes(backend.sizeBytes);
  return problem === null ? backends.fetch(size) : `${problem} ${backends.useless(size)}`;
}
