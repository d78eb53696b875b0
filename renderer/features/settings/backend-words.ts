import type { Backend } from '../../../preload/contract/engine.ts';
import { formatBytes } from '../../words/format.ts';

export const backendNames: Record<Backend['id'], string> = {
  cuda: 'CUDA (NVIDIA)',
  vulkan: 'Vulkan (AMD, Intel, NVIDIA)',
  metal: 'Metal (Apple)',
};

/** Whether a backend is in use, can be fetched, or why not, in plain words. */
export function backendWords(backend: Backend): string {
  if (backend.installed) return backend.problem ?? 'Models can run on the graphics card.';
  if (!backend.available) return backend.problem ?? 'Not for this kind of computer.';
  const size = backend.sizeBytes === null ? '' : ` (${formatBytes(backend.sizeBytes)})`;
  return backend.problem === null
    ? `Fetched from the npm registry and checked against its hash${size}.`
    : `${backend.problem} As it is, fetching it${size} would not help.`;
}
