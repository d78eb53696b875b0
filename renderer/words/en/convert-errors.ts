/** Why a checkpoint cannot be converted, a model not quantized, or a tokenizer not used: by the reasons that main gives. */
import type { ErrorCode, ErrorData } from '../../../preload/wire/errors.ts';
import { formatDuration, formatInteger, plural } from '../format.ts';
import { isNumber, text, type ErrorText, type ErrorWords, type ReasonWords } from './error-facts.ts';

/** The file that it is about, as the beginning of a sentence. */
const file = (facts: ErrorData, otherwise: string): string => text(facts['file'], otherwise);

/** ` in FILE`, or nothing where main names no file. */
const inFile = (facts: ErrorData): string =>
  typeof facts['file'] === 'string' && facts['file'] !== '' ? ` in ${facts['file']}` : '';

const tensor = (facts: ErrorData): string => `The tensor ${text(facts['tensor'], 'of a layer')}`;

/** A figure or a text among the facts; `otherwise` where main gives neither. */
const fact = (value: unknown, otherwise: string): string =>
  isNumber(value) ? formatInteger(value) : text(value, otherwise);

/** Where several tensors are wrong, how many more; the details have them all. */
const others = ({ count }: ErrorData): string =>
  isNumber(count) && count > 1
    ? ` ${plural(count - 1, { one: '# more tensor is wrong.', other: '# more tensors are wrong.' })}`
    : '';

/** What helps with damaged or incomplete files: of a folder another copy, of a repository another one. */
const again = ({ inRepository }: ErrorData): string =>
  inRepository === true
    ? 'It is so in the repository itself: look for another version of the model.'
    : 'Download it again, or take another copy of the model.';

/** What helps where a file is missing: `inFolder` for a folder. */
const elsewhere = ({ inRepository }: ErrorData, inFolder: string): string =>
  inRepository === true ? 'Look for another version of the model.' : inFolder;

const unsupported: Readonly<Record<string, ErrorText | ReasonWords>> = {
  architecture: ({ found, architecture }) =>
    `Hearth does not know how to convert ${fact(found ?? architecture, 'its architecture')} yet. Look for a GGUF version, or for a newer Hearth.`,
  feature: ({ found }) =>
    `config.json asks for ${fact(found, 'something')} which Hearth cannot convert yet. Look for a GGUF version.`,
  tokenizer:
    'llama.cpp has no tokenizer that divides texts as this one does, and a wrong one would spoil every answer. Look for a GGUF version, or for a newer Hearth.',
  tokenizer_format: (facts) =>
    `Its tokenizer is there only in the form of ${fact(facts['found'], 'another program')}, which Hearth does not read: tokenizer.json is needed. ${elsewhere(facts, 'Add it from a version of the model for transformers.')}`,
  pre_tokenizer:
    'Its tokenizer splits texts in a way that llama.cpp does not know. Hearth does not guess, since a wrong split spoils every answer. Look for a newer Hearth.',
  quantization: ({ found }) =>
    `Its weights are quantized with ${fact(found, 'a format')} that Hearth cannot unpack. Take the original model, or a version in FP8, GPTQ, AWQ or compressed-tensors.`,
  layout: (facts) =>
    `Its weights are packed in a way that Hearth cannot unpack${inFile(facts)}. Take the original model, or another version of it.`,
  pooling: ({ found }) =>
    `It joins the vectors of a text in a way that llama.cpp does not know${typeof found === 'string' ? ` (${found})` : ''}. Look for another embedding model.`,
  pytorch_weights:
    'Its weights are a PyTorch pickle, which can run programs when it is opened. A version with safetensors files is needed.',
  consolidated_weights:
    'Its weights have the names of Mistral’s own programs. A version with model.safetensors is needed.',
  adapter: 'This is an adapter without its base model. Convert the base model, and the adapter beside it.',
  adapter_kind: ({ found }) =>
    `This adapter needs ${fact(found, 'something')}, which Hearth cannot convert. Plain LoRA adapters work.`,
  row_too_long: (facts) =>
    `${tensor(facts)} has rows that are longer than any model’s${isNumber(facts['found']) ? ` (${formatInteger(facts['found'])} values)` : ''}.`,
  dtype: (facts) =>
    `${tensor(facts)} has values of the type ${fact(facts['found'], 'that is unknown')}, which Hearth cannot read.`,
  tensor_type: ({ type }) => `There is no type ${fact(type, 'of this name')}. Choose another one.`,
  pattern: ({ pattern }) =>
    `${fact(pattern, 'The pattern')} is no regular expression for names of tensors. Change it in the options.`,
  pattern_unmatched: ({ pattern }) =>
    `${fact(pattern, 'The pattern')} is in the name of no tensor of this model. Change it in the options.`,
  requantize: {
    title: 'This model is quantized already',
    text: ({ from }) =>
      `Some of its tensors are ${fact(from, 'quantized')}. Quantizing again loses more than quantizing the original once. Take the original, or allow it in the options.`,
  },
  imatrix_needed: {
    title: 'An importance matrix is needed',
    text: ({ type }) =>
      `${fact(type, 'This type')} is of no use without one. Choose an importance matrix in the options.`,
  },
  imatrix_mismatch: {
    title: 'The importance matrix does not fit',
    text: 'It was made for another model. Choose another one, or let Hearth collect one from a text.',
  },
  prune_layers: {
    title: 'These layers cannot be left out',
    text: ({ layerCount, key }) =>
      isNumber(layerCount)
        ? `The model has the layers 0 to ${formatInteger(layerCount - 1)}, and at least one of them stays.`
        : `Layers of this model cannot be left out${typeof key === 'string' ? `, because ${key} has a value for each of them` : ''}.`,
  },
  reference: {
    title: 'These models cannot be compared',
    text: 'Their vocabularies or their texts differ. Choose models of one base.',
  },
  text_short: {
    title: 'The text is too short',
    text: ({ tokenCount, neededTokens }) =>
      isNumber(tokenCount) && isNumber(neededTokens)
        ? `It has ${plural(tokenCount, { one: '# token', other: '# tokens' })} for this model, and ${formatInteger(neededTokens)} are needed. Some pages are enough.`
        : 'It has too few tokens to measure on. Some pages are enough.',
  },
  no_decoder: {
    title: 'This model continues no texts',
    text: 'Only models that write text can be measured.',
  },
  imatrix_inputs: {
    title: 'No importance matrix can be collected',
    text: 'This model passes its values in a way that Hearth cannot read. Quantize it without a matrix.',
  },
  alignment: 'The tensors of this file are aligned in a way that llama.cpp cannot quantize.',
  library: {
    title: 'llama.cpp could not quantize this model',
    text: 'The details say what it answered.',
  },
};

const invalid: Readonly<Record<string, ErrorText | ReasonWords>> = {
  no_config: (facts) =>
    `There is no ${text(facts['file'], 'config.json')}, which says what the model is. ${elsewhere(facts, 'Choose the folder that has it.')}`,
  no_weights: (facts) => `There is no safetensors file. ${elsewhere(facts, 'Choose the folder that has the weights.')}`,
  missing_tokenizer: (facts) =>
    `There is no tokenizer: tokenizer.json or tokenizer.model is needed. ${elsewhere(facts, 'Add it from the model’s repository.')}`,
  config: (facts) =>
    `config.json has ${fact(facts['found'], 'no value')} for ${fact(facts['key'], 'a setting')}, and ${fact(facts['expected'], 'another value')} is expected.`,
  vocabulary: ({ expected, found }) =>
    isNumber(expected) && isNumber(found)
      ? `The tokenizer has ${plural(found, { one: '# token', other: '# tokens' })}, and the weights have ${formatInteger(expected)}. They do not belong together.`
      : 'The tokenizer does not belong to these weights.',
  several_models: ({ found }) =>
    `There are several sets of weights, and none is called “model”: ${fact(found, 'see the details')}. Keep one of them in a folder of its own.`,
  shard_missing: (facts) => `${file(facts, 'A file of the weights')} is missing. ${again(facts)}`,
  bad_index: (facts) =>
    `${file(facts, 'The index of the weights')} does not say where the tensors are. ${again(facts)}`,
  index_mismatch: (facts) =>
    `${tensor(facts)} is not in ${file(facts, 'the file')} where the index says. The files are of different versions. ${again(facts)}`,
  missing_tensor: (facts) =>
    `${tensor(facts)} is missing. The weights are incomplete, or config.json is that of another model.${others(facts)}`,
  unexpected_tensor: (facts) =>
    `${tensor(facts)} has no place in this architecture. config.json may be that of another model.${others(facts)}`,
  duplicate_tensor: (facts) => `${tensor(facts)} is there twice. Remove one of the two files.${others(facts)}`,
  wrong_shape: (facts) =>
    `${tensor(facts)} is ${fact(facts['found'], 'of another shape')}, and config.json implies ${fact(facts['expected'], 'another one')}. They do not belong together.${others(facts)}`,
  shape_mismatch: (facts) =>
    `${tensor(facts)} is ${fact(facts['found'], 'of another shape')}, and the tensors that belong to it make it ${fact(facts['expected'], 'another one')}.`,
  wrong_dtype: (facts) =>
    `${tensor(facts)} is stored as ${fact(facts['found'], 'another type')}, and ${fact(facts['expected'], 'numbers')} are expected.${others(facts)}`,
  dtype: (facts) =>
    `${tensor(facts)} has values of the type ${fact(facts['found'], 'that is unknown')}, and ${fact(facts['expected'], 'another type')} is expected.`,
  quantization: (facts) => `config.json does not say how ${text(facts['tensor'], 'a tensor')} is quantized.`,
  group_index: (facts) =>
    `${tensor(facts)} names the group ${fact(facts['found'], '')}, and there are ${fact(facts['expected'], 'others')}.`,
  not_finite: (facts) =>
    `${tensor(facts)} has values that are no numbers (NaN) or infinite. The training of this model went wrong, or the file is damaged.${others(facts)}`,
  cut_short: (facts) => `${file(facts, 'A file')} ends too early. ${again(facts)}`,
  size_mismatch: (facts) =>
    `${tensor(facts)} has another number of bytes than its shape needs${inFile(facts)}. The file is damaged. ${again(facts)}`,
  bad_offsets: (facts) =>
    `${tensor(facts)} lies where it cannot be${inFile(facts)}. The file is damaged. ${again(facts)}`,
  bad_shape: (facts) =>
    `${tensor(facts)} has a shape that cannot be${inFile(facts)}. The file is damaged. ${again(facts)}`,
  overlap: (facts) => `Tensors lie over each other${inFile(facts)}. The file is damaged. ${again(facts)}`,
  gap: (facts) =>
    `There are bytes between the tensors that belong to none${inFile(facts)}. The file is damaged. ${again(facts)}`,
  trailing_bytes: (facts) =>
    `There are bytes after the last tensor that belong to none${inFile(facts)}. The file is damaged. ${again(facts)}`,
  lfs_pointer: (facts) =>
    `${file(facts, 'A file')} is only a pointer of Git LFS, without the content. ${facts['inRepository'] === true ? again(facts) : 'Run “git lfs pull” in the folder, or download the model again.'}`,
  not_safetensors: (facts) => `${file(facts, 'A file')} is no safetensors file. ${again(facts)}`,
  header_not_json: (facts) => `The header of ${file(facts, 'a file')} is damaged. ${again(facts)}`,
  header_past_end: (facts) =>
    `The header of ${file(facts, 'a file')} is said to be longer than the file. ${again(facts)}`,
  header_too_long: (facts) => `The header of ${file(facts, 'a file')} is longer than any model needs.`,
  field_missing: (facts) => `The header of ${file(facts, 'a file')} lacks a part of a tensor’s entry. ${again(facts)}`,
  unknown_field: (facts) => `The header of ${file(facts, 'a file')} has something that no safetensors file has.`,
  name_too_long: (facts) => `The header of ${file(facts, 'a file')} has a name that is longer than any model needs.`,
  name_taken: (facts) => `The header of ${file(facts, 'a file')} has one name twice. ${again(facts)}`,
  too_many_tensors: ({ expected }) =>
    `It has more tensors than any model${isNumber(expected) ? ` (over ${formatInteger(expected)})` : ''}.`,
  too_much_metadata: (facts) => `The header of ${file(facts, 'a file')} has more notes than any model needs.`,
  too_many_files: ({ expected }) =>
    `There are more files than any model has${isNumber(expected) ? ` (over ${formatInteger(expected)})` : ''}. Choose the folder of the model itself.`,
  file_too_large: (facts) => `${file(facts, 'A file')} is larger than any model needs.`,
  not_text: (facts) => `${file(facts, 'A file')} is no text. ${again(facts)}`,
  verification: ({ detail }) => `The file was tried, and failed: ${text(detail, 'it does not answer.')}`,
  not_json: (facts) => `${file(facts, 'A file')} is no JSON. ${again(facts)}`,
  changed: (facts) =>
    `${file(facts, 'A file')} was changed while it was read. Wait until nothing writes to it, then try again.`,
  imatrix_format: {
    title: 'This is no importance matrix',
    text: 'The file cannot be read as one. Hearth takes those in GGUF form, as llama-imatrix writes them today.',
  },
  imatrix_mismatch: {
    title: 'The importance matrix does not fit',
    text: 'It was made for another model. Choose another one, or let Hearth collect one from a text.',
  },
  overflow: (facts) =>
    `${tensor(facts)} has values that are too large for ${fact(facts['expected'], 'F16')}. Choose BF16 or F32.${others(facts)}`,
  vector: {
    title: 'The model gives no usable vectors',
    text: 'The vector of a text has values that are no numbers. Its file may be damaged.',
  },
  size_differs: 'The output has another size than was planned, so it was discarded. Trying again may help.',
  library: {
    title: 'llama.cpp cannot read this model',
    text: 'Its header cannot be read. Download or convert it again.',
  },
};

const tokenizer: Readonly<Record<string, ErrorText | ReasonWords>> = {
  missing: {
    title: 'There is no tokenizer here',
    text: 'The repository has no tokenizer.json. Choose the model’s own repository, or a model on this computer.',
  },
  unknown: 'tokenizer.json asks for something that Hearth does not know. The details say what.',
  too_slow: ({ limitMs }) =>
    `It did not finish${isNumber(limitMs) ? ` within ${formatDuration(limitMs)}` : ''}. Try a shorter text.`,
  ended: 'It failed at this text. The details say why.',
  memory: 'It needs more memory than a tokenizer may take. The file is damaged, or was made to do harm.',
  growth: (facts) =>
    `${file(facts, 'tokenizer.json')} makes a text many times as long as it was, which no tokenizer needs.`,
  no_such_id: {
    title: 'There is no such token',
    text: ({ id, vocabularySize }) =>
      isNumber(id) && isNumber(vocabularySize)
        ? `No token has the id ${String(id)}. The vocabulary has ${plural(vocabularySize, { one: '# token', other: '# tokens' })}.`
        : 'No token has one of these ids.',
  },
  json: (facts) => `${file(facts, 'tokenizer.json')} is no JSON. ${again(facts)}`,
  encoding: (facts) => `${file(facts, 'tokenizer.json')} has text that is no Unicode. ${again(facts)}`,
  too_large: (facts) => `${file(facts, 'tokenizer.json')} is larger than any tokenizer needs.`,
  too_many: (facts) => `${file(facts, 'tokenizer.json')} has more entries than any tokenizer needs.`,
  truncated: (facts) => `${file(facts, 'tokenizer.model')} ends too early. ${again(facts)}`,
  format: (facts) => `${file(facts, 'tokenizer.model')} is no SentencePiece model. ${again(facts)}`,
  model: (facts) => `${file(facts, 'tokenizer.json')} has no model of a kind that is known.`,
  vocab: (facts) => `The vocabulary of ${file(facts, 'tokenizer.json')} is damaged. ${again(facts)}`,
  merges: (facts) => `The merges of ${file(facts, 'tokenizer.json')} are damaged. ${again(facts)}`,
  added_tokens: (facts) => `The added tokens of ${file(facts, 'tokenizer.json')} are damaged. ${again(facts)}`,
  token_id: (facts) => `${file(facts, 'tokenizer.json')} has token ids that cannot be. ${again(facts)}`,
  token_length: (facts) => `${file(facts, 'tokenizer.json')} has a token that is longer than any needs to be.`,
  normalizer: (facts) => `The normalizer of ${file(facts, 'tokenizer.json')} is damaged. ${again(facts)}`,
  pre_tokenizer: (facts) => `The pre-tokenizer of ${file(facts, 'tokenizer.json')} is damaged. ${again(facts)}`,
  post_processor: (facts) => `The post-processor of ${file(facts, 'tokenizer.json')} is damaged. ${again(facts)}`,
  decoder: (facts) => `The decoder of ${file(facts, 'tokenizer.json')} is damaged. ${again(facts)}`,
  chat_template: (facts) => `The chat template of ${file(facts, 'tokenizer_config.json')} is too long, or no text.`,
};

type Codes = Extract<ErrorCode, 'convert.unsupported' | 'convert.invalid' | 'tokenizer.invalid'>;

/** Without a reason that is known here, main's own sentence is more than none. */
export const convertErrors: Readonly<Record<Codes, ErrorWords>> = {
  'convert.unsupported': {
    title: 'This model cannot be converted yet',
    text: ({ detail }) => text(detail, 'Hearth does not know its format.'),
    reasons: unsupported,
  },
  'convert.invalid': {
    title: 'This checkpoint is not whole',
    text: ({ detail }) => text(detail, 'One of its files is missing or damaged.'),
    reasons: invalid,
  },
  'tokenizer.invalid': {
    title: 'This tokenizer cannot be used',
    text: ({ detail }) => text(detail, 'One of its files is missing or damaged.'),
    reasons: tokenizer,
  },
};
