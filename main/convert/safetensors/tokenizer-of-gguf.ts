/**
 * tokenizer.json, tokenizer_config.json and generation_config.json of the checkpoint that a GGUF file could have been made of, as far as
 * its metadata tells. What a tokenizer.json had beyond what llama.cpp reads, such as spaces that an added token takes with it, is lost.
 */
import { fillerText } from '../../base/token-words.ts';
import { preTokenizers } from '../vocabulary/pre-tokenizer/pre-tokenizer-table.ts';
import { tokenType } from '../vocabulary/token-types.ts';
import type { GgufToken, GgufVocabulary } from './gguf-vocabulary.ts';

type Json = Readonly<Record<string, unknown>>;

export type ReversedTokenizer =
  | { readonly tokenizer: Json; readonly tokenizerConfig: Json; readonly missing: null }
  /** Why there is none, as a sentence. */
  | { readonly tokenizer: null; readonly tokenizerConfig: null; readonly missing: string };

/** Other names that llama.cpp (llama-vocab.cpp, release 0.4.0) gives to a pre-tokenizer of the table. */
const aliases: Readonly<Record<string, string>> = {
  ...{ llama3: 'llama-bpe', 'llama-v3': 'llama-bpe', falcon3: 'llama-bpe', 'falcon-h1': 'llama-bpe' },
  ...{ pixtral: 'llama-bpe', lfm2: 'llama-bpe', 'deepseek-r1-qwen': 'qwen2', megrez: 'qwen2', kormo: 'qwen2' },
  ...{ mellum: 'gpt-2', 'a.x-4.0': 'gpt-2', 'jina-v2-code': 'gpt-2' },
};
/** Pre-tokenizers with which llama.cpp puts a token before the text unless the file says no. */
const beginsAlone: ReadonlySet<string> = new Set(['llama-bpe', 'tekken']);

/** The roles of tokens by the names of their keys in the GGUF file. */
const roles = {
  ...{ bos: 'bos_token', eos: 'eos_token', unknown: 'unk_token' },
  ...{ seperator: 'sep_token', padding: 'pad_token', mask: 'mask_token' },
} as const;

/** The parts of a tokenizer.json that differ by kind. */
interface Parts {
  readonly normalizer: Json | null;
  readonly preTokenizer: Json | null;
  readonly decoder: Json;
  readonly model: Json;
  /** What llama.cpp adds to a text where the file does not say. */
  readonly adds: { readonly bos: boolean; readonly eos: boolean };
  readonly isRoberta?: boolean;
  readonly isByteLevel?: boolean;
}

/** The tokenizer's files, or why they cannot be made. */
export function tokenizerOfGguf(vocabulary: GgufVocabulary): ReversedTokenizer {
  const parts = partsOf(withoutPadding(vocabulary));
  if (typeof parts === 'string') return { tokenizer: null, tokenizerConfig: null, missing: parts };
  const { tokens } = vocabulary;
  const { normalizer, preTokenizer, decoder, model } = parts;
  const added = tokens.filter(({ type }) => isAdded(type));
  return {
    tokenizer: {
      ...{ version: '1.0', truncation: null, padding: null },
      added_tokens: added.map(({ id, text, type }) => ({
        ...{ id, content: text, single_word: false, lstrip: false, rstrip: false, normalized: false },
        special: type !== tokenType.userDefined,
      })),
      ...{ normalizer, pre_tokenizer: preTokenizer, post_processor: postProcessor(vocabulary, parts), decoder, model },
    },
    tokenizerConfig: tokenizerConfig(vocabulary),
    missing: null,
  };
}

/** The ids with which transformers begins, ends and pads; null for a role that the file does not name. */
export function tokenIds({ id }: GgufVocabulary): Json {
  return { bos_token_id: id('bos'), eos_token_id: id('eos'), pad_token_id: id('padding') };
}

/** generation_config.json: the ids that end a reply are all that the file names. */
export function generationConfig(vocabulary: GgufVocabulary): Json {
  const { eos_token_id: _, ...others } = tokenIds(vocabulary);
  const ends = new Set(['eos', 'eot', 'eom'].flatMap((role) => vocabulary.id(role) ?? []));
  const known = Object.entries(others).filter(([, id]) => id !== null);
  return {
    ...Object.fromEntries(known),
    ...(ends.size > 0 && { eos_token_id: ends.size > 1 ? [...ends] : [...ends][0] }),
  };
}

/** Added tokens are cut out of a text before anything else happens to it. */
const isAdded = (type: number): boolean =>
  type === tokenType.control || type === tokenType.userDefined || type === tokenType.unknown;

/** Without the stand-ins at the end, which fill the vocabulary up to the rows of the embeddings. */
function withoutPadding(vocabulary: GgufVocabulary): GgufVocabulary {
  const { tokens } = vocabulary;
  const last = tokens.findLastIndex(({ id, text, type }) => type !== tokenType.unused || text !== fillerText(id));
  return { ...vocabulary, tokens: tokens.slice(0, last + 1) };
}

function partsOf(vocabulary: GgufVocabulary): Parts | string {
  if (vocabulary.tokens.length === 0 || vocabulary.model === null) return 'The file has no vocabulary.';
  switch (vocabulary.model) {
    case 'gpt2':
      return byteLevel(vocabulary);
    case 'llama':
      return sentencePiece(vocabulary);
    case 't5':
      return unigram(vocabulary);
    case 'bert':
      return wordPiece(vocabulary);
    default:
      return `The tokenizer of the kind "${vocabulary.model}" has no form in tokenizer.json that is known here.`;
  }
}

const byText = (tokens: readonly GgufToken[]): Json => Object.fromEntries(tokens.map(({ text, id }) => [text, id]));

const pairs = (merges: readonly string[]): string[][] =>
  merges.map((merge) => {
    const space = merge.indexOf(' ', 1);
    return [merge.slice(0, space), merge.slice(space + 1)];
  });

function byteLevel({ tokens, merges, pre, flag }: GgufVocabulary): Parts | string {
  const name = aliases[pre ?? ''] ?? pre ?? '';
  const row = preTokenizers.find(({ names }) => names.some((one) => one.name === name));
  const steps = row?.steps.map(preTokenizerStep);
  if (steps === undefined || steps.includes(null))
    return `How the pre-tokenizer "${name}" divides a text is not known here.`;
  if (merges.length === 0) return 'The file has no merges.';
  return {
    normalizer: flag('normalizer.nfc') === true ? { type: 'NFC' } : null,
    preTokenizer: { type: 'Sequence', pretokenizers: steps },
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: bpe(tokens, pairs(merges), {
      ignore_merges: row?.names.find((one) => one.name === name)?.ignoresMerges === true,
    }),
    adds: { bos: beginsAlone.has(name), eos: false },
    ...{ isByteLevel: true, isRoberta: name === 'roberta-bpe' },
  };
}

const bpe = (tokens: readonly GgufToken[], merges: readonly (readonly string[])[], more: Json): Json => ({
  ...{ type: 'BPE', dropout: null, unk_token: null, continuing_subword_prefix: null, end_of_word_suffix: null },
  ...{ fuse_unk: false, byte_fallback: false, ignore_merges: false, ...more },
  ...{ vocab: byText(tokens), merges },
});

/** A step of the table as tokenizer.json has it; null for one that is in no published form here. */
function preTokenizerStep(step: string): Json | null {
  if (step === 'bytes') return { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false };
  if (step === 'punctuation contiguous') return { type: 'Punctuation', behavior: 'Contiguous' };
  if (!step.startsWith('split ')) return null;
  const pattern = step.slice('split '.length);
  return { type: 'Split', pattern: { Regex: pattern }, behavior: 'Isolated', invert: false };
}

function sentencePiece({ tokens, id, flag }: GgufVocabulary): Parts | string {
  const merges = mergesByScore(tokens);
  if (merges === null) return 'Its tokens have no scores from which merges follow.';
  const addsPrefix = flag('add_space_prefix') ?? true;
  const marks = { type: 'Replace', pattern: { String: ' ' }, content: '▁' };
  return {
    normalizer: addsPrefix ? { type: 'Sequence', normalizers: [{ type: 'Prepend', prepend: '▁' }, marks] } : marks,
    preTokenizer: null,
    decoder: {
      type: 'Sequence',
      decoders: [
        { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
        ...[{ type: 'ByteFallback' }, { type: 'Fuse' }],
        ...(addsPrefix ? [{ type: 'Strip', content: ' ', start: 1, stop: 0 }] : []),
      ],
    },
    model: bpe(tokens, merges, {
      ...{ unk_token: tokens[id('unknown') ?? 0]?.text ?? null, fuse_unk: true },
      byte_fallback: tokens.some(({ type }) => type === tokenType.byte),
    }),
    adds: { bos: true, eos: false },
  };
}

/**
 * The merges that SentencePiece's scores stand for: every division of a token into two others, the token with the best score first. Null
 * where the scores tell no order.
 */
function mergesByScore(tokens: readonly GgufToken[]): string[][] | null {
  const normal = tokens.filter(({ type }) => type === tokenType.normal);
  const known = new Map(normal.map((token) => [token.text, token]));
  const found = normal.flatMap(({ text, score }) => {
    const characters = [...text];
    const own: { readonly pair: string[]; readonly score: number; readonly order: readonly [number, number] }[] = [];
    for (let at = 1; at < characters.length; at++) {
      const pair = [characters.slice(0, at).join(''), characters.slice(at).join('')];
      const [left, right] = [known.get(pair[0] ?? ''), known.get(pair[1] ?? '')];
      if (left !== undefined && right !== undefined) own.push({ pair, score, order: [left.id, right.id] });
    }
    return own.sort((a, b) => a.order[0] - b.order[0] || a.order[1] - b.order[1]);
  });
  if (found.length > 1 && found.every(({ score }) => score === found[0]?.score)) return null;
  return found.sort((a, b) => b.score - a.score).map(({ pair }) => pair);
}

function unigram({ tokens, characterMap, id, flag }: GgufVocabulary): Parts | string {
  const unknown = tokens.find(({ type }) => type === tokenType.unknown)?.id ?? id('unknown');
  const addsPrefix = flag('add_space_prefix') ?? false;
  const normalizers = [
    ...(characterMap.byteLength > 0
      ? [{ type: 'Precompiled', precompiled_charsmap: Buffer.from(characterMap).toString('base64') }]
      : []),
    ...(flag('remove_extra_whitespaces') === true
      ? [{ type: 'Replace', pattern: { Regex: ' {2,}' }, content: ' ' }]
      : []),
  ];
  const spaces = { replacement: '▁', prepend_scheme: addsPrefix ? 'always' : 'never', split: true };
  return {
    normalizer: normalizers.length > 0 ? { type: 'Sequence', normalizers } : null,
    preTokenizer: { type: 'Metaspace', ...spaces },
    decoder: { type: 'Metaspace', ...spaces },
    model: {
      ...{ type: 'Unigram', unk_id: unknown, vocab: tokens.map(({ text, score }) => [text, score]) },
      byte_fallback: tokens.some(({ type }) => type === tokenType.byte),
    },
    adds: { bos: false, eos: true },
  };
}

/** llama.cpp marks the beginning of words, BERT their continuation. */
function wordPiece({ tokens, id, flag }: GgufVocabulary): Parts {
  const own = tokens.map((token) => {
    if (isAdded(token.type)) return token;
    return { ...token, text: token.text.startsWith('▁') ? token.text.slice(1) : `##${token.text}` };
  });
  return {
    normalizer: {
      ...{ type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true },
      ...{ strip_accents: flag('normalizer.strip_accents'), lowercase: flag('normalizer.lowercase') ?? true },
    },
    preTokenizer: { type: 'BertPreTokenizer' },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      ...{ type: 'WordPiece', unk_token: tokens[id('unknown') ?? -1]?.text ?? '[UNK]' },
      ...{ continuing_subword_prefix: '##', max_input_chars_per_word: 100, vocab: byText(own) },
    },
    adds: { bos: true, eos: true },
  };
}

function postProcessor({ tokens, id, flag }: GgufVocabulary, { adds, isRoberta, isByteLevel }: Parts): Json | null {
  const [bos, eos] = [tokens[id('bos') ?? -1], tokens[id('eos') ?? -1]];
  if (isRoberta === true && bos !== undefined && eos !== undefined)
    return {
      ...{ type: 'RobertaProcessing', sep: [eos.text, eos.id], cls: [bos.text, bos.id] },
      ...{ trim_offsets: true, add_prefix_space: false },
    };
  const first = (flag('add_bos_token') ?? adds.bos) ? bos : undefined;
  const last = (flag('add_eos_token') ?? adds.eos) ? eos : undefined;
  const bytes = { type: 'ByteLevel', add_prefix_space: true, trim_offsets: false, use_regex: true };
  if (first === undefined && last === undefined) return isByteLevel === true ? bytes : null;
  const special = (token: GgufToken | undefined, type_id: number): Json[] =>
    token === undefined ? [] : [{ SpecialToken: { id: token.text, type_id } }];
  const template = {
    type: 'TemplateProcessing',
    single: [...special(first, 0), { Sequence: { id: 'A', type_id: 0 } }, ...special(last, 0)],
    pair: [
      ...[...special(first, 0), { Sequence: { id: 'A', type_id: 0 } }, ...special(last, 0)],
      ...[...(last === undefined ? special(first, 1) : []), { Sequence: { id: 'B', type_id: 1 } }, ...special(last, 1)],
    ],
    special_tokens: Object.fromEntries(
      [first, last].flatMap((token) =>
        token === undefined ? [] : [[token.text, { id: token.text, ids: [token.id], tokens: [token.text] }] as const],
      ),
    ),
  };
  return isByteLevel === true ? { type: 'Sequence', processors: [bytes, template] } : template;
}

function tokenizerConfig({ model, tokens, templates, id, flag }: GgufVocabulary): Json {
  const isBert = model === 'bert';
  const texts = Object.entries(roles).flatMap(([role, name]) => {
    const text = tokens[id(role) ?? -1]?.text;
    if (text === undefined || (isBert && role === 'eos')) return [];
    return [[isBert && role === 'bos' ? 'cls_token' : name, text] as const];
  });
  const added = (['bos', 'eos'] as const).flatMap((role) => {
    const value = flag(`add_${role}_token`);
    return value === null || isBert ? [] : [[`add_${role}_token`, value] as const];
  });
  const [only, ...others] = templates;
  return {
    tokenizer_class: 'PreTrainedTokenizerFast',
    clean_up_tokenization_spaces: false,
    ...Object.fromEntries<string | boolean>([...texts, ...added]),
    ...(model === 'gpt2' && flag('add_space_prefix') === false && { add_prefix_space: false }),
    ...(only !== undefined && {
      chat_template:
        others.length === 0 && only[0] === 'default'
          ? only[1]
          : [...templates].map(([name, template]) => ({ name, template })),
    }),
  };
}
