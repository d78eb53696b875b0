/** Adapters, models of several files, and GGUF back to safetensors. */
import { plural } from '../format.ts';

export const sideways = {
  adapter: 'Adapter (LoRA)',
  adapterOf: (name: string): string => `Adapter ${name}`,
  changes: (count: number): string =>
    `It changes ${plural(count, { one: '# matrix', other: '# matrices' })} of its base and runs only with that.`,
  /** `name` is as the adapter has it, which may be a folder of another computer. */
  isFor: (name: string): string => `This is an adapter for ${name}.`,
  isForUnknown: 'This is an adapter that does not name its base.',
  base: 'Base model',
  baseHint: 'The original weights (safetensors), not a GGUF.',
  otherBase: 'Another repository…',
  repository: 'Repository of the base',
  repositoryForm: 'OWNER/NAME',
  useBase: 'Use this base',
  checkingBase: 'Reading the headers of the base.',
  baseHere: (size: string): string => `The base is on this computer (${size}).`,
  basePartly: (missing: string): string => `A part of the base needs to be fetched: ${missing}.`,
  baseRemote: (size: string): string => `The base needs to be fetched: ${size}.`,
  /** `tensor` is the first one that has no place in the base; empty where none is named. */
  doesNotFit: (base: string, tensor: string): string =>
    `This adapter does not fit ${base}${tensor === '' ? '' : `, which has no matrix of this shape for ${tensor}`}. Choose the base that it was trained on.`,
  baseDeleted: 'They are downloaded for the merge, and deleted after it.',
  merge: 'Merge and convert…',
  mergeText: 'Recommended: one model with the adapter in its weights, in any type. It runs like every other one.',
  mergeNamed: (name: string): string => `Merge ${name} into its base`,
  alone: 'Keep as a GGUF adapter',
  aloneText:
    'A small file. Get a GGUF of the base, and choose the adapter under Adapters in its Load settings. Of the base only config.json is read.',
  aloneStarted: (name: string): string => `Converting the adapter ${name}`,
  split: 'Split…',
  splitHint: 'Divide it into several smaller files',
  splitTitle: (name: string): string => `Split ${name}`,
  splitText: 'The parts run like the whole: llama.cpp opens them all by the first one. The present file stays.',
  splitSize: 'Largest part',
  splitInto: (count: number): string => `About ${plural(count, { one: '# file', other: '# files' })}.`,
  splitStart: 'Split',
  splitStarted: (name: string): string => `Splitting ${name}`,
  join: 'Join the files',
  joinHint: 'Make one file of its several. They stay too',
  joinStarted: (name: string): string => `Joining the files of ${name}`,
  export: 'Export as safetensors…',
  exportHint: 'With config.json, into a folder of your choice',
  exportTitle: 'Export as safetensors',
  exportText: 'A new folder is made in the one that you choose. Quantized tensors become F16.',
  exportUse: 'Export into this folder',
  exportStarted: (name: string): string => `Exporting ${name}`,
};
