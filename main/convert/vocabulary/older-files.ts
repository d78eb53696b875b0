/**
 * The tokenizer.json of checkpoints that have only the older files: vocab.json with merges.txt, or vocab.txt. These say nothing of how a
 * text is divided; the class in tokenizer_config.json does, and its steps are those that transformers 5.12 makes of it. What is not certain
 * from the files is left out, and such a checkpoint has no tokenizer.
 */
import { decodeText, isFields, parseObject, type Fields } from './json-fields.ts';
import { sentencePieceFiles } from './kinds/sentencepiece-model.ts';
import type { TokenizerFiles } from './vocabulary-model.ts';

/** Qwen's pattern, which stands in the class and in none of the older files. */
const QWEN_SPLIT =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

type TokenizerClass = 'GPT2Tokenizer' | 'Qwen2Tokenizer' | 'BertTokenizer';

/** Classes of a `model_type` in config.json, which counts where no file names a class. */
const classes: Readonly<Record<string, TokenizerClass>> = {
  ...{ gpt2: 'GPT2Tokenizer', bert: 'BertTokenizer', distilbert: 'BertTokenizer' },
  ...{ qwen2: 'Qwen2Tokenizer', qwen2_moe: 'Qwen2Tokenizer', qwen3: 'Qwen2Tokenizer', qwen3_moe: 'Qwen2Tokenizer' },
};
const roles = ['bos', 'eos', 'unk', 'sep', 'pad', 'cls', 'mask'];
/** What the classes take where no file says otherwise. */
const gptRoles: Fields = { unk_token: '<|endoftext|>', eos_token: '<|endoftext|>' };
const bertRoles: Fields = {
  ...{ unk_token: '[UNK]', sep_token: '[SEP]', pad_token: '[PAD]', cls_token: '[CLS]', mask_token: '[MASK]' },
};
const others = ['tokenizer.json', ...sentencePieceFiles];

/**
 * The files, with a tokenizer.json made of the older ones where there is no other tokenizer.
 *
 * @throws AppError `tokenizer.invalid` for a file that is wrong.
 */
export function withTokenizerJson(files: TokenizerFiles, config: Fields = {}): TokenizerFiles {
  if (others.some((file) => files.has(file))) return files;
  const json = made(files, config);
  return json === null
    ? files
    : new Map([...files, ['tokenizer.json', new TextEncoder().encode(JSON.stringify(json))]]);
}

function made(files: TokenizerFiles, config: Fields): Fields | null {
  const settings = objectOf(files, 'tokenizer_config.json') ?? {};
  const merges = linesOf(files, 'merges.txt');
  const vocabulary = objectOf(files, 'vocab.json');
  const words = linesOf(files, 'vocab.txt');
  switch (classOf(settings, config)) {
    case 'GPT2Tokenizer':
      return vocabulary && merges && byteLevel(files, settings, vocabulary, merges, gpt2Steps(settings));
    case 'Qwen2Tokenizer':
      return vocabulary && merges && byteLevel(files, settings, vocabulary, merges, qwenSteps());
    case 'BertTokenizer':
      return words && bert(files, settings, words);
    case null:
      return null;
  }
}

function classOf(settings: Fields, config: Fields): TokenizerClass | null {
  const named = settings['tokenizer_class'] ?? config['tokenizer_class'];
  if (typeof named === 'string') {
    const name = named.replace(/Fast$/u, '').replace(/^DistilBert/u, 'Bert');
    return Object.values(classes).find((known) => known === name) ?? null;
  }
  const type = config['model_type'];
  return typeof type === 'string' && Object.hasOwn(classes, type) ? (classes[type] ?? null) : null;
}

function gpt2Steps(settings: Fields): Fields {
  return { normalizer: null, pre_tokenizer: byteLevelStep(settings['add_prefix_space'] === true, true) };
}

function qwenSteps(): Fields {
  const split = { type: 'Split', pattern: { Regex: QWEN_SPLIT }, behavior: 'Isolated', invert: false };
  return {
    normalizer: { type: 'NFC' },
    pre_tokenizer: { type: 'Sequence', pretokenizers: [split, byteLevelStep(false, false)] },
  };
}

function byteLevelStep(add_prefix_space: boolean, use_regex: boolean): Fields {
  return { type: 'ByteLevel', add_prefix_space, trim_offsets: true, use_regex };
}

function byteLevel(
  files: TokenizerFiles,
  settings: Fields,
  vocabulary: Fields,
  lines: readonly string[],
  steps: Fields,
): Fields | null {
  // The order of the tokens around a text is another file's in these.
  if (settings['add_bos_token'] === true || settings['add_eos_token'] === true) return null;
  const added = addedTokens(files, { ...gptRoles, ...settings }, vocabulary);
  const merges = lines.filter((line, index) => line !== '' && !(index === 0 && line.startsWith('#version')));
  return (
    added && {
      ...{ version: '1.0', added_tokens: added, ...steps },
      ...{ post_processor: byteLevelStep(true, true), decoder: byteLevelStep(true, true) },
      model: { type: 'BPE', byte_fallback: false, ignore_merges: false, vocab: vocabulary, merges },
    }
  );
}

function bert(files: TokenizerFiles, settings: Fields, words: readonly string[]): Fields | null {
  const unusual = settings['do_basic_tokenize'] === false || settings['tokenize_chinese_chars'] === false;
  const vocab = Object.fromEntries(words.map((word, id) => [word, id]));
  const all = { ...bertRoles, ...settings };
  const added = addedTokens(files, all, vocab);
  if (unusual || added === null) return null;
  const idOf = new Map(added.map(({ content, id }) => [content, id]));
  const [cls, sep] = [textOf(all['cls_token']), textOf(all['sep_token'])];
  if (cls === null || sep === null) return null;
  const piece = (text: string, type_id: number): Fields => ({ SpecialToken: { id: text, type_id } });
  const single = [piece(cls, 0), { Sequence: { id: 'A', type_id: 0 } }, piece(sep, 0)];
  const named = (text: string): Fields => ({ id: text, ids: [idOf.get(text)], tokens: [text] });
  const { strip_accents = null, do_lower_case } = settings;
  return {
    ...{ version: '1.0', added_tokens: added },
    normalizer: {
      ...{ type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, strip_accents },
      lowercase: do_lower_case !== false,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      ...{ type: 'TemplateProcessing', single, special_tokens: { [cls]: named(cls), [sep]: named(sep) } },
      pair: [...single, { Sequence: { id: 'B', type_id: 1 } }, piece(sep, 1)],
    },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      ...{ type: 'WordPiece', unk_token: textOf(all['unk_token']), continuing_subword_prefix: '##' },
      ...{ max_input_chars_per_word: 100, vocab },
    },
  };
}

/** By id; null where a token with a role has no id in any file. */
function addedTokens(
  files: TokenizerFiles,
  settings: Fields,
  vocabulary: Fields,
): readonly { readonly id: unknown; readonly content: string }[] | null {
  const byText = new Map<string, Fields & { id: unknown; content: string }>();
  const put = (content: string, id: unknown, fields: Fields): void => {
    byText.set(content, { single_word: false, lstrip: false, rstrip: false, ...fields, id, content });
  };
  for (const [content, id] of Object.entries(objectOf(files, 'added_tokens.json') ?? {}))
    put(content, id, { normalized: true, special: false });
  const decoder = settings['added_tokens_decoder'];
  for (const [id, fields] of Object.entries(isFields(decoder) ? decoder : {})) {
    if (isFields(fields) && typeof fields['content'] === 'string') put(fields['content'], Number(id), fields);
  }
  const special = { ...objectOf(files, 'special_tokens_map.json'), ...settings };
  const list = special['additional_special_tokens'];
  const wanted = [
    ...roles.map((role) => special[`${role}_token`]),
    ...(Array.isArray(list) ? (list as unknown[]) : []),
  ];
  for (const content of wanted.flatMap((token) => textOf(token) ?? [])) {
    const known = byText.get(content);
    const id = known?.id ?? (Object.hasOwn(vocabulary, content) ? vocabulary[content] : undefined);
    if (id === undefined) return null;
    put(content, id, { normalized: false, ...known, special: true });
  }
  return [...byText.values()].toSorted((one, other) => Number(one.id) - Number(other.id));
}

/** A token is written as its text or as an object with its `content`. */
function textOf(token: unknown): string | null {
  if (isFields(token)) return textOf(token['content']);
  return typeof token === 'string' && token !== '' ? token : null;
}

function objectOf(files: TokenizerFiles, path: string): Fields | null {
  const bytes = files.get(path);
  return bytes === undefined ? null : parseObject(path, decodeText(path, bytes));
}

/** The lines of a file, without the empty one after its last end of a line. */
function linesOf(files: TokenizerFiles, path: string): string[] | null {
  const bytes = files.get(path);
  if (bytes === undefined) return null;
  const lines = decodeText(path, bytes).split(/\r\n|\r|\n/u);
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}
