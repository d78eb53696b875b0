/** The content of a repository's safetensors files, and the GGUF files that a conversion would give. */
import type { HubModel } from '../../../preload/contract/hub.ts';
import type { Fit } from '../../../preload/contract/model.ts';
import { nominalBitsPerWeight } from '../../model-file/quantization.ts';

/** A file with weights. */
export interface ListedFile {
  readonly path: string;
  readonly sizeBytes: number;
}

/** The usual targets of a conversion, from the most to the fewest bits. */
const targets = ['F16', 'Q8_0', 'Q6_K', 'Q5_K_M', 'Q4_K_M'] as const;
/** Tasks whose models write text; llama.cpp cannot run the others (images, sound, vectors) as chat models. */
const textTasks = new Set([
  'text-generation',
  'text2text-generation',
  'image-text-to-text',
  'audio-text-to-text',
  'any-to-any',
  'question-answering',
  'summarization',
  'translation',
]);

interface Repository {
  readonly task: string | null;
  readonly tags: readonly string[];
  readonly files: readonly ListedFile[];
  readonly parameterCount: number | null;
  /** Parameters by dtype. */
  readonly dtypes: Readonly<Record<string, number>> | null;
}

/** Null for a repository without safetensors, and for one whose headers the Hub has not read. Sizes are estimates. */
export function safetensorsOf(repository: Repository, fitOf: (sizeBytes: number) => Fit): HubModel['safetensors'] {
  const { parameterCount } = repository;
  const files = weightFiles(repository.files);
  if (parameterCount === null || files.length === 0) return null;
  const conversions = writesText(repository)
    ? targets.map((quantization) => {
        const sizeBytes = Math.round((parameterCount * (nominalBitsPerWeight(quantization) ?? 16)) / 8);
        return { quantization, sizeBytes, fit: fitOf(sizeBytes) };
      })
    : [];
  return {
    parameterCount,
    sizeBytes: files.reduce((sum, file) => sum + file.sizeBytes, 0),
    dtypes: repository.dtypes ?? {},
    conversions,
  };
}

/** The model's own files: those in folders or with other names are usually the same model in another form. */
function weightFiles(files: readonly ListedFile[]): readonly ListedFile[] {
  const atRoot = files.filter(({ path }) => /^[^/]+\.safetensors$/i.test(path) && !/^adapter_/i.test(path));
  const usual = atRoot.filter(({ path }) => /^model(-\d{5}-of-\d{5})?\.safetensors$/i.test(path));
  return usual.length > 0 ? usual : atRoot;
}

function writesText({ task, tags }: Repository): boolean {
  if (tags.includes('peft') || tags.includes('lora')) return false;
  return task === null ? tags.includes('transformers') : textTasks.has(task);
}
