/**
 * The description of a loaded model, shared by the model menu of the chat, the gauge of the rail and the model list.
 */
import type { LoadedModel } from '../../../preload/contract/engine.ts';
import { formatBytes, formatPercent } from '../../words/format.ts';
import { words } from '../../words/words.ts';

/**
 * `1.2 GB on CPU`, with the GPU memory, whether it generates, and when it is unloaded. Times are milliseconds since the
 * epoch.
 */
export function loadedWords(loaded: LoadedModel, nowMs: number): string {
  switch (loaded.status) {
    case 'loading':
      return loadingWords(loaded.progress);
    case 'failed':
      return words.models.loaded.failed;
    case 'generating':
      return `${memoryWords(loaded)} · ${loaded.activeSequences > 1 ? words.models.loaded.writingReplies(loaded.activeSequences) : words.models.loaded.writing}`;
    case 'ready': {
      const idle = loaded.leases > 0 ? words.models.loaded.inUse : unloadWords(loaded.unloadsAt, nowMs);
      return idle === null ? memoryWords(loaded) : `${memoryWords(loaded)} · ${idle}`;
    }
    default:
      return loaded.status satisfies never;
  }
}

/** `Loading, 40%`. After the last byte the engine still allocates buffers and, at the first load, measures. */
export function loadingWords(progress: number): string {
  return progress < 1 ? words.models.loaded.loading(formatPercent(progress)) : words.models.loaded.preparing;
}

/** `1.2 GB on CPU`, `1.2 GB, 4.4 GB on NVIDIA L4`. */
export function memoryWords(loaded: LoadedModel): string {
  const ram = loaded.memoryBytes > 0 ? formatBytes(loaded.memoryBytes) : '';
  if (loaded.vramBytes <= 0)
    return ram === '' ? words.models.loaded.on(loaded.device) : words.models.loaded.sizeOn(ram, loaded.device);
  const vram = words.models.loaded.sizeOn(formatBytes(loaded.vramBytes), loaded.device);
  return ram === '' ? vram : words.models.loaded.ramAndVram(ram, vram);
}

/** `unloads in 12 min`; null when it is not going to be unloaded. */
export function unloadWords(unloadsAt: number | null, nowMs: number): string | null {
  if (unloadsAt === null) return null;
  const minutes = Math.round((unloadsAt - nowMs) / 60_000);
  if (minutes < 1) return words.models.loaded.unloadsSoon;
  return minutes < 120
    ? words.models.loaded.unloadsInMinutes(minutes)
    : words.models.loaded.unloadsInHours(Math.round(minutes / 60));
}
