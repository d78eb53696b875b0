/** What is said of a loaded model wherever one is listed: the chat's menu, the gauge of the rail, the models. */
import type { LoadedModel } from '../../preload/contract/engine.ts';
import { formatBytes, formatPercent } from '../words/format.ts';

/** `1.2 GB on CPU`, with what of it lies on the GPU, whether it writes, and when it goes. Times are milliseconds since the epoch. */
export function loadedWords(loaded: LoadedModel, nowMs: number): string {
  switch (loaded.status) {
    case 'loading':
      return loadingWords(loaded.progress);
    case 'failed':
      return 'Could not be loaded';
    case 'generating':
      return `${memoryWords(loaded)} · ${loaded.activeSequences > 1 ? `writing ${loaded.activeSequences} replies` : 'writing'}`;
    case 'ready': {
      const idle = loaded.leases > 0 ? 'in use' : unloadWords(loaded.unloadsAt, nowMs);
      return idle === null ? memoryWords(loaded) : `${memoryWords(loaded)} · ${idle}`;
    }
    default:
      return loaded.status satisfies never;
  }
}

/** `Loading, 40%`; after the last byte the engine still makes room and, at the first load, measures. */
export function loadingWords(progress: number): string {
  return progress < 1 ? `Loading, ${formatPercent(progress)}` : 'Getting ready';
}

/** `1.2 GB on CPU`, `1.2 GB, 4.4 GB on NVIDIA L4`. */
export function memoryWords(loaded: LoadedModel): string {
  const ram = loaded.memoryBytes > 0 ? formatBytes(loaded.memoryBytes) : '';
  if (loaded.vramBytes <= 0) return ram === '' ? `on ${loaded.device}` : `${ram} on ${loaded.device}`;
  const vram = `${formatBytes(loaded.vramBytes)} on ${loaded.device}`;
  return ram === '' ? vram : `${ram}, ${vram}`;
}

/** `unloads in 12 min`; null when it will not. */
export function unloadWords(unloadsAt: number | null, nowMs: number): string | null {
  if (unloadsAt === null) return null;
  const minutes = Math.round((unloadsAt - nowMs) / 60_000);
  if (minutes < 1) return 'unloads in under a minute';
  return minutes < 120 ? `unloads in ${minutes} min` : `unloads in ${Math.round(minutes / 60)} h`;
}
