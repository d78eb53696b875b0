/** The options of the load settings, their conflicts, and the result of the calibration. */
import type { Calibration, LoadedModel, LoadSettings } from '../../../preload/contract/engine.ts';
import type { ChatSummary } from '../../../preload/contract/chat.ts';
import type { KvCacheType } from '../../../preload/contract/model.ts';
import { formatDuration, formatList, formatRelativeDate, formatTokensPerSecond } from '../../words/format.ts';
import { words } from '../../words/words.ts';

/** Types of the KV cache from the most exact to the smallest, each with its cost. */
export const kvTypes: readonly { readonly value: KvCacheType; readonly label: string; readonly detail: string }[] = (
  ['F32', 'F16', 'BF16', 'Q8_0', 'Q5_1', 'Q5_0', 'Q4_1', 'Q4_0', 'IQ4_NL'] as const
).map((value) => ({ value, label: value, detail: words.load.kvTypes[value] }));

/** The conflict between these settings, or null. llama.cpp reads a quantized V cache only with flash attention. */
export function settingsProblem(settings: LoadSettings): string | null {
  const quantized = !['F32', 'F16', 'BF16'].includes(settings.kvCacheType);
  return quantized && settings.flashAttention === false ? words.load.needsFlash(settings.kvCacheType) : null;
}

/** Whether two sets of settings are equal, whatever the order of their fields. */
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

/** The number of layers that the settings put on the GPU; null leaves it to the engine. */
export function layersAsked(settings: LoadSettings, layerCount: number): number | null {
  if (settings.gpuLayers === 'auto') return null;
  return settings.gpuLayers === 'all' ? layerCount : Math.min(settings.gpuLayers, layerCount);
}

/** The result of the calibration, in two sentences. */
export function calibrationWords(calibration: Calibration, nowMs: number = Date.now()): string {
  const { decodeTokensPerSecond, decodeThreads, promptTokensPerSecond, promptThreads, batchSize } = calibration;
  const found = words.load.speed.found(
    formatTokensPerSecond(decodeTokensPerSecond),
    decodeThreads,
    formatTokensPerSecond(promptTokensPerSecond),
    promptThreads,
    batchSize,
  );
  return `${found} ${words.load.speed.measured(formatRelativeDate(calibration.at, nowMs), formatDuration(calibration.tookMs))}`;
}

/**
 * The replies that a reload of the model would end, or null when it writes none. Replies of programs have no chat with
 * a title.
 */
export function endsRepliesWords(loaded: LoadedModel | undefined, chats: Iterable<ChatSummary>): string | null {
  if (loaded?.status !== 'generating') return null;
  const titles = [...chats].filter(({ busy, usesModelId, title }) => busy && usesModelId === loaded.modelId && title);
  return words.load.endsReplies(
    Math.max(1, loaded.activeSequences, titles.length),
    formatList(titles.map(({ title }) => words.load.chatTitle(title))),
  );
}

/** Whether the chosen context size is longer than the one that the model was trained with. */
export function exceedsTraining({ contextSize }: LoadSettings, trainedContextSize: number | null): boolean {
  return typeof contextSize === 'number' && trainedContextSize !== null && contextSize > trainedContextSize;
}
