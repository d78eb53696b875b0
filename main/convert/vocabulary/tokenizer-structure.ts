/**
 * tokenizer.json without its vocabulary: which steps a text goes through. The format is that of the `tokenizers` library; its steps nest
 * in `Sequence`, which are flattened here.
 */
import { isFields, textField, type Fields } from './json-fields.ts';
import { invalidTokenizer } from './refusals.ts';

const FILE = 'tokenizer.json';
/** Steps of a real tokenizer: at most some ten, and a sequence in a sequence. */
const MAX_STEPS = 64;
const MAX_DEPTH = 8;
const MAX_ADDED_TOKENS = 1024 * 1024;
/** Four times the largest published vocabulary. */
export const MAX_TOKENS = 4 * 1024 * 1024;
/** The longest known tokens are runs of some hundred spaces. */
const MAX_TOKEN_CHARS = 16 * 1024;

export type ModelType = 'BPE' | 'Unigram' | 'WordPiece' | 'WordLevel';

export interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly special: boolean;
  readonly normalized: boolean;
  readonly leftStrip: boolean;
  readonly rightStrip: boolean;
  readonly singleWord: boolean;
}

/** A normalizer, a pre-tokenizer, a post-processor or a decoder, with its own fields. */
export interface Step {
  readonly type: string;
  readonly fields: Fields;
}

export interface TokenizerStructure {
  readonly addedTokens: readonly AddedToken[];
  readonly normalizers: readonly Step[];
  readonly preTokenizers: readonly Step[];
  readonly postProcessors: readonly Step[];
  readonly decoders: readonly Step[];
  readonly model: ModelFacts;
}

/** The model without its vocabulary and merges. */
export interface ModelFacts {
  readonly type: ModelType;
  readonly unknownToken: string | null;
  readonly unknownId: number | null;
  readonly byteFallback: boolean;
  readonly ignoreMerges: boolean;
  readonly continuingPrefix: string;
  readonly wordEnd: string;
  readonly dropout: number;
  /** WordPiece has an unknown token for a word of more characters. */
  readonly maxWordChars: number;
}

/** @throws AppError `tokenizer.invalid` where a part has another form than the format gives it. */
export function readStructure(root: Fields): TokenizerStructure {
  const model = root['model'];
  if (!isFields(model)) throw invalidTokenizer(FILE, 'model', 'It has no model.');
  return {
    addedTokens: addedTokens(root['added_tokens']),
    normalizers: steps(root['normalizer'], 'normalizer', 'normalizers'),
    preTokenizers: steps(root['pre_tokenizer'], 'pre_tokenizer', 'pretokenizers'),
    postProcessors: steps(root['post_processor'], 'post_processor', 'processors'),
    decoders: steps(root['decoder'], 'decoder', 'decoders'),
    model: modelFacts(model),
  };
}

function modelFacts(model: Fields): ModelFacts {
  return {
    type: modelType(model),
    unknownToken: textField(model, 'unk_token'),
    unknownId: typeof model['unk_id'] === 'number' ? model['unk_id'] : null,
    byteFallback: model['byte_fallback'] === true,
    ignoreMerges: model['ignore_merges'] === true,
    continuingPrefix: textField(model, 'continuing_subword_prefix') ?? '',
    wordEnd: textField(model, 'end_of_word_suffix') ?? '',
    dropout: typeof model['dropout'] === 'number' ? model['dropout'] : 0,
    maxWordChars: typeof model['max_input_chars_per_word'] === 'number' ? model['max_input_chars_per_word'] : 100,
  };
}

/** The type is absent in files of the format's first versions; the fields tell it, as the library itself has it. */
function modelType(model: Fields): ModelType {
  const type = model['type'];
  switch (type) {
    case 'BPE':
    case 'Unigram':
    case 'WordPiece':
    case 'WordLevel':
      return type;
    case undefined:
      if ('merges' in model || 'fuse_unk' in model || 'end_of_word_suffix' in model) return 'BPE';
      if (Array.isArray(model['vocab']) || 'unk_id' in model) return 'Unigram';
      return 'max_input_chars_per_word' in model || 'continuing_subword_prefix' in model ? 'WordPiece' : 'WordLevel';
    default:
      throw invalidTokenizer(FILE, 'model', `Its model has the unknown type ${JSON.stringify(type)}.`);
  }
}

function steps(value: unknown, part: string, list: string): Step[] {
  const found: Step[] = [];
  collect(value, 0);
  return found;

  function collect(step: unknown, depth: number): void {
    if (step === null || step === undefined) return;
    if (!isFields(step)) throw invalidTokenizer(FILE, part, `Its ${part} is no object.`);
    const type = step['type'];
    if (typeof type !== 'string') throw invalidTokenizer(FILE, part, `Its ${part} has a step without a type.`);
    if (type !== 'Sequence') {
      found.push({ type, fields: step });
      if (found.length > MAX_STEPS) throw invalidTokenizer(FILE, part, `Its ${part} has more than ${MAX_STEPS} steps.`);
      return;
    }
    const inner = step[list];
    if (!Array.isArray(inner) || depth === MAX_DEPTH)
      throw invalidTokenizer(FILE, part, `Its ${part} is no sequence of steps.`);
    for (const one of inner as readonly unknown[]) collect(one, depth + 1);
  }
}

function addedTokens(value: unknown): AddedToken[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw invalidTokenizer(FILE, 'added_tokens', 'Its added_tokens are no list.');
  if (value.length > MAX_ADDED_TOKENS) throw invalidTokenizer(FILE, 'added_tokens', `It adds ${value.length} tokens.`);
  return (value as readonly unknown[]).map((token) => addedToken(FILE, token));
}

/** @throws AppError `tokenizer.invalid` */
export function addedToken(file: string, value: unknown): AddedToken {
  if (!isFields(value)) throw invalidTokenizer(file, 'added_tokens', 'An added token is no object.');
  const { id, content } = value;
  if (typeof content !== 'string') throw invalidTokenizer(file, 'added_tokens', 'An added token has no content.');
  const special = value['special'] === true;
  return {
    id: checkedId(file, content, id),
    content: checkedToken(file, content),
    special,
    normalized: typeof value['normalized'] === 'boolean' ? value['normalized'] : !special,
    leftStrip: value['lstrip'] === true,
    rightStrip: value['rstrip'] === true,
    singleWord: value['single_word'] === true,
  };
}

/** A token's id. The limit keeps a table of all ids small. */
export function checkedId(file: string, token: string, id: unknown): number {
  if (typeof id === 'number' && Number.isSafeInteger(id) && id >= 0 && id < MAX_TOKENS) return id;
  throw invalidTokenizer(
    file,
    'token_id',
    `The token ${JSON.stringify(token)} has the id ${String(JSON.stringify(id))}.`,
  );
}

export function checkedToken(file: string, token: string): string {
  if (token.length > MAX_TOKEN_CHARS)
    throw invalidTokenizer(file, 'token_length', `A token has ${token.length} characters.`);
  if (!token.isWellFormed()) throw invalidTokenizer(file, 'encoding', 'A token is no Unicode text.');
  return token;
}
