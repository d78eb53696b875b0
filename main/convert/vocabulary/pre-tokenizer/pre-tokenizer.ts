/** llama.cpp's name of a pre-tokenizer, found by the steps that tokenizer.json lists. */
import { GPT2_PATTERN, preTokenizers, type PreTokenizerName } from './pre-tokenizer-table.ts';
import { unsupportedTokenizer } from '../refusals.ts';
import { isFields, textField } from '../json-fields.ts';
import type { Step, TokenizerStructure } from '../tokenizer-structure.ts';

/** What chooses between names that split alike. */
export interface NameHints {
  readonly architecture: string;
  /** `clean_up_tokenization_spaces` of tokenizer_config.json; true where nothing says so, as it is in older files. */
  readonly cleansSpaces: boolean;
}

/**
 * The value of `tokenizer.ggml.pre` for byte-level BPE: one under which llama.cpp splits a text as the steps of tokenizer.json do.
 *
 * @throws AppError `convert.unsupported` (`reason: 'pre_tokenizer'`, `detail` with the steps) where llama.cpp has none.
 */
export function preTokenizerName(structure: TokenizerStructure, hints: NameHints): string {
  const steps = describeSteps(structure.preTokenizers);
  const row = preTokenizers.find(
    (one) => one.steps.length === steps.length && one.steps.every((step, index) => step === steps[index]),
  );
  if (row === undefined)
    throw unsupportedTokenizer(
      'pre_tokenizer',
      `llama.cpp does not split text as this tokenizer does: ${steps.join(' · ')}`,
    );
  const { ignoreMerges } = structure.model;
  const roberta = structure.postProcessors.some(({ type }) => type === 'RobertaProcessing');
  const composed = structure.normalizers.some(({ type }) => type === 'NFC');
  const fits = (one: PreTokenizerName): boolean =>
    (one.architectures?.includes(hints.architecture) ?? true) &&
    (one.cleansSpaces !== true || hints.cleansSpaces) &&
    (one.roberta !== true || roberta) &&
    (one.composed !== true || composed);
  const name =
    row.names.find((one) => fits(one) && (one.ignoresMerges ?? false) === ignoreMerges) ?? row.names.find(fits);
  if (name === undefined) throw unsupportedTokenizer('pre_tokenizer', `llama.cpp has no name for ${steps.join(' · ')}`);
  return name.name;
}

/** Whether the steps end in the bytes of GPT-2: a token is then a text of 256 stand-ins for bytes. */
export function isByteLevel(structure: TokenizerStructure): boolean {
  return structure.preTokenizers.some(({ type }) => type === 'ByteLevel');
}

/**
 * The steps of a pre-tokenizer in one form: `split PATTERN` isolates every match, `bytes` turns bytes into their stand-ins. Steps that
 * are written in different ways and do the same get the same text.
 */
export function describeSteps(steps: readonly Step[]): string[] {
  return steps.flatMap(describeStep);
}

function describeStep({ type, fields }: Step): string[] {
  switch (type) {
    case 'ByteLevel': {
      const prefix = fields['add_prefix_space'] === true ? ['prefix space'] : [];
      // The split by GPT-2's pattern is on where the field is absent.
      return [...prefix, ...(fields['use_regex'] === false ? [] : [`split ${GPT2_PATTERN}`]), 'bytes'];
    }
    case 'Digits':
      return [fields['individual_digits'] === true ? String.raw`split \p{N}` : String.raw`split \p{N}+`];
    case 'Punctuation':
      return [`punctuation ${(textField(fields, 'behavior') ?? 'Isolated').toLowerCase()}`];
    case 'Split':
      return [describeSplit(fields)];
    default:
      return [type];
  }
}

/** A pattern that covers every text splits alike whether what is between matches is kept or removed. */
function describeSplit(fields: Step['fields']): string {
  const pattern = isFields(fields['pattern']) ? fields['pattern'] : {};
  const behavior = textField(fields, 'behavior') ?? 'none';
  const inverted = fields['invert'] === true;
  const text = typeof pattern['Regex'] === 'string' ? pattern['Regex'] : null;
  if (text === null) return `split text ${JSON.stringify(pattern['String'] ?? null)} ${behavior}`;
  const covers = text.endsWith(String.raw`|\s+`) || text.endsWith(String.raw`|\s{1}`);
  if ((behavior === 'Isolated' && !inverted) || (covers && behavior === 'Removed' && inverted)) return `split ${text}`;
  return `split ${text} (${behavior}${inverted ? ', inverted' : ''})`;
}
