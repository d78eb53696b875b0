/** The options of `hearth convert` and `hearth quantize` that say what a quantization does. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import {
  quantizeOptionsSchema,
  outputTypeSchema,
  outputTypes,
  tensorTypeSchema,
  type OutputType,
  type QuantizeOptions,
} from '../../../preload/contract/convert.ts';
import { physicalCores } from '../../engine/engine.ts';
import { numberOption, UsageError, type Values } from '../invocation.ts';

/** The type of `--to`, in any spelling. @throws UsageError. */
export function typeOption(text: string): OutputType {
  const parsed = outputTypeSchema.safeParse(text.toUpperCase());
  if (parsed.success) return parsed.data;
  // llama-quantize takes these for the ones that end in _M.
  const like = outputTypes.filter((type) => text !== '' && type.startsWith(`${text.toUpperCase()}_`));
  const hint = like.length === 0 ? '' : ` Did you mean ${like.join(', ')}?`;
  throw new UsageError(`--to takes a type such as Q4_K_M or F16, not "${text}".${hint}`);
}

/** More threads than any computer has cores would only wait for each other. */
const MAX_THREADS = 1024;

/** The threads that `--threads` asks for; all cores without it. @throws UsageError. */
export function threadsOption(values: Values<'convert' | 'quantize'>): () => number {
  const threads = numberOption(values, 'threads');
  if (threads === undefined) return physicalCores;
  if (!Number.isInteger(threads) || threads < 1 || threads > MAX_THREADS)
    throw new UsageError(`--threads takes a whole number from 1 to ${MAX_THREADS}.`);
  return () => threads;
}

/** The options of a quantization. @throws UsageError for a value that none can have. */
export function quantizeOptions(values: Values<'convert' | 'quantize'>): QuantizeOptions {
  const tensorTypes = splitOutside(values['tensor-types'] ?? '').map((part) => {
    const at = part.lastIndexOf('=');
    if (at < 1) throw new UsageError(`--tensor-types takes PATTERN=TYPE, not "${part}".`);
    return { pattern: part.slice(0, at), type: tensorType('tensor-types', part.slice(at + 1)) };
  });
  const pruneLayers = (values['prune-layers'] ?? '').split(',').filter((part) => part.trim() !== '');
  for (const part of pruneLayers)
    if (!/^\s*\d{1,4}\s*$/.test(part))
      throw new UsageError(`--prune-layers takes numbers of layers such as 3,4, not "${part.trim()}".`);
  const parsed = quantizeOptionsSchema.safeParse({
    pure: values.pure,
    outputTensorType: tensorTypeOrNull('output-tensor-type', values['output-tensor-type']),
    embeddingTensorType: tensorTypeOrNull('embedding-type', values['embedding-type']),
    tensorTypes,
    pruneLayers: pruneLayers.map(Number),
    allowRequantize: 'allow-requantize' in values && values['allow-requantize'],
  });
  // The schema has ids of the list; a command names files as well.
  if (parsed.success) return { ...parsed.data, imatrix: imatrixOption(values.imatrix) };
  const [issue] = parsed.error.issues;
  const option = optionOf[String(issue?.path[0])] ?? 'An option';
  throw new UsageError(`${option} has a value that it cannot have: ${issue?.message ?? 'wrong'}.`);
}

const optionOf: Readonly<Record<string, string>> = {
  tensorTypes: '--tensor-types',
  pruneLayers: '--prune-layers',
};

/** A file by its path, a model of the list, or the text that Hearth brings. */
function imatrixOption(value: string | undefined): QuantizeOptions['imatrix'] {
  if (value === undefined) return { kind: 'none' };
  if (value === 'text') return { kind: 'text', text: null };
  return { kind: 'file', modelId: existsSync(value) ? path.resolve(value) : value };
}

function tensorTypeOrNull(option: string, text: string | undefined): string | null {
  return text === undefined ? null : tensorType(option, text);
}

function tensorType(option: string, text: string): string {
  const parsed = tensorTypeSchema.safeParse(text.toUpperCase());
  if (!parsed.success) throw new UsageError(`--${option} takes types such as Q6_K or F16, not "${text}".`);
  return parsed.data;
}

/** The parts between commas, of which those within brackets belong to a pattern. */
function splitOutside(text: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const [character] of text.matchAll(/\\.|[^]/gu)) {
    if ('([{'.includes(character)) depth += 1;
    if (')]}'.includes(character)) depth -= 1;
    if (character === ',' && depth <= 0) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts.filter((part) => part !== '');
}
