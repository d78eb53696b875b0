import type { SamplingPreset } from '../../../preload/contract/personas.ts';
import { words } from '../../words/words.ts';

const { builtIn } = words.presets;

const isBuiltIn = (id: string): id is keyof typeof builtIn => Object.hasOwn(builtIn, id);

/** The name of a preset: those that come with the app have one in each language. */
export function presetName({ id, name, builtIn: comesWithApp }: SamplingPreset): string {
  return comesWithApp && isBuiltIn(id) ? builtIn[id].name : name;
}

/** What a preset of the app is for. */
export function presetDetail({ id, builtIn: comesWithApp }: SamplingPreset): string | undefined {
  return comesWithApp && isBuiltIn(id) ? builtIn[id].detail : undefined;
}
