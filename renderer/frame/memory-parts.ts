import type { LoadedModel } from '../../preload/contract/engine.ts';
import type { Memory } from '../../preload/contract/system.ts';
import { formatBytes } from '../words/format.ts';
import type { MeterPart } from '../ui/display/MeterBar.tsx';
import { words } from '../words/words.ts';

const shades = ['var(--c-weights)', 'var(--c-kv)', 'var(--c-compute)'] as const;

/**
 * The used memory of this computer as the parts of one bar: each loaded model, the rest of the engine, other programs.
 * What remains of the bar is free. Pages that several processes share are counted with the models. The sum never
 * exceeds the used memory.
 */
export function memoryParts(memory: Memory, loaded: readonly LoadedModel[]): MeterPart[] {
  const used = Math.max(0, memory.ramTotalBytes - memory.ramFreeBytes);
  // The models have the figures of the list of loaded models; the sum of their processes is measured at another moment.
  const ofModels = loaded.reduce((sum, model) => sum + model.memoryBytes, 0);
  const ofHearth = Math.min(Math.max(memory.ramModelsBytes, ofModels), used);
  let left = ofHearth;
  const parts: MeterPart[] = [];
  const take = (key: string, name: string, bytes: number, color: string): void => {
    const value = Math.min(bytes, left);
    left -= value;
    if (value > 0) parts.push({ key, label: words.gauge.labeled(name, formatBytes(value)), value, color });
  };
  const inMemory = loaded.filter((model) => model.memoryBytes > 0);
  inMemory.forEach((model, index) =>
    take(model.modelId, model.name, model.memoryBytes, shades[index % shades.length] ?? shades[0]),
  );
  if (inMemory.length === 0) take('models', words.gauge.models, left, shades[0]);
  // A spare process that waits for the next model.
  else take('engine', words.gauge.engine, left, 'color-mix(in srgb, var(--c-weights) 45%, var(--c-other))');
  const others = used - ofHearth;
  parts.push({
    key: 'others',
    label: words.gauge.labeled(words.gauge.otherPrograms, formatBytes(others)),
    value: others,
    color: 'var(--c-other)',
  });
  return parts;
}
