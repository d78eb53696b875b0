/** What the load settings offer, and what is said about them and about what a load came to. */
import type { Calibration, LoadSettings } from '../../../preload/contract/engine.ts';
import type { KvCacheType } from '../../../preload/contract/model.ts';
import { formatDuration, formatInteger, formatRelativeDate } from '../../words/format.ts';

/** KV types from the most exact to the smallest, with what one gives up. */
export const kvTypes: readonly { readonly value: KvCacheType; readonly label: string; readonly detail: string }[] = [
  { value: 'F32', label: 'F32', detail: 'Twice the room of F16, and seldom any better' },
  { value: 'F16', label: 'F16', detail: 'The usual' },
  { value: 'BF16', label: 'BF16', detail: 'As large as F16, for models trained in it' },
  { value: 'Q8_0', label: 'Q8_0', detail: 'About half of F16, hardly any difference' },
  { value: 'Q5_1', label: 'Q5_1', detail: 'About three eighths of F16' },
  { value: 'Q5_0', label: 'Q5_0', detail: 'About a third of F16' },
  { value: 'Q4_1', label: 'Q4_1', detail: 'About a third of F16; long texts may suffer' },
  { value: 'Q4_0', label: 'Q4_0', detail: 'About a quarter of F16; long texts may suffer' },
  { value: 'IQ4_NL', label: 'IQ4_NL', detail: 'About a quarter of F16; long texts may suffer' },
];

/** Why these settings cannot work together, or null. llama.cpp reads a quantised V cache through flash attention alone. */
export function settingsProblem(settings: LoadSettings): string | null {
  const quantised = !['F32', 'F16', 'BF16'].includes(settings.kvCacheType);
  return quantised && settings.flashAttention === false
    ? `The type ${settings.kvCacheType} needs flash attention, which is off.`
    : null;
}

/** Whether two sets of settings are the same, whatever the order of their fields. */
export function sameSettings(one: LoadSettings, other: LoadSettings): boolean {
  return canonical(one) === canonical(other);
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

/** How many of the layers the settings ask to put on the GPU; null leaves it to the engine. */
export function layersAsked(settings: LoadSettings, layerCount: number): number | null {
  if (settings.gpuLayers === 'auto') return null;
  return settings.gpuLayers === 'all' ? layerCount : Math.min(settings.gpuLayers, layerCount);
}

/** What the short run found, as a sentence. */
export function calibrationWords(calibration: Calibration, nowMs: number = Date.now()): string {
  const threads = (count: number): string => (count === 1 ? '1 thread' : `${count} threads`);
  const { decodeTokensPerSecond, decodeThreads, promptTokensPerSecond, promptThreads, batchSize } = calibration;
  return (
    `Writes ${rate(decodeTokensPerSecond)} with ${threads(decodeThreads)} and reads ${rate(promptTokensPerSecond)} with ` +
    `${threads(promptThreads)}, ${formatInteger(batchSize)} at a time. Measured ${formatRelativeDate(calibration.at, nowMs)} in ` +
    `${formatDuration(calibration.tookMs)}.`
  );
}

/** `127 tokens/s`, `4.2 tokens/s`. */
export function rate(tokensPerSecond: number): string {
  const figure = tokensPerSecond < 10 ? tokensPerSecond.toFixed(1) : formatInteger(tokensPerSecond);
  return `${figure} tokens/s`;
}
