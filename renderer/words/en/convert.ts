/** Converting checkpoints to GGUF, and quantizing models. */
import { VERIFIED_TOKENS } from '../../../preload/contract/convert-limits.ts';
import type { OutputPurpose, Verification } from '../../../preload/contract/convert.ts';
import type { ConversionPhase } from '../../../preload/contract/jobs.ts';
import { formatInteger, plural } from '../format.ts';

const purposes: Record<OutputPurpose, string> = {
  as_source: 'Every value as the source has it. The best start for quantizing later.',
  larger_than_source: 'Larger than the source and no better. For programs that need this type.',
  half_precision: 'Half precision: the same answers, at half the size of F32.',
  nearly_exact: 'Almost no loss. A good choice where memory is plentiful.',
  very_close: 'Very close to the original.',
  close: 'Close to the original.',
  balanced: 'The usual balance of quality and size.',
  small: 'Small, with some loss of quality.',
  smaller: 'Smaller, and answers are noticeably worse.',
  smallest: 'Only for a large model that fits in no other way.',
};

/** The names of the steps of a conversion, as a list of steps shows them. */
const steps: Record<ConversionPhase, string> = {
  checking: 'Check',
  downloading: 'Download',
  converting: 'Convert',
  imatrix: 'Importance matrix',
  quantizing: 'Quantize',
  measuring: 'Measure',
  copying: 'Write',
  verifying: 'Verify',
};

/** The kinds of tokenizers by their names in GGUF. */
const tokenizerKinds: Readonly<Record<string, string>> = {
  gpt2: 'Byte-level BPE',
  llama: 'SentencePiece',
  t5: 'Unigram',
  bert: 'WordPiece',
};

export const convert = {
  steps,
  purposes,
  /** The act, on buttons that open the sheet. */
  convert: 'Convert',
  convertMore: 'Convert…',
  convertNamed: (name: string): string => `Convert ${name}`,
  convertTo: (type: string): string => `Convert to ${type}`,
  quantizeMore: 'Quantize…',
  quantizeNamed: (name: string): string => `Quantize ${name}`,
  startAs: (type: string): string => `Convert to ${type}`,
  quantizeTo: (type: string): string => `Quantize to ${type}`,
  started: (name: string): string => `Converting ${name}`,
  quantizeStarted: (name: string): string => `Quantizing ${name}`,
  startedText: 'Downloads shows how far it is.',
  safetensors: 'safetensors',
  folder: 'Convert a folder…',
  folderTitle: 'Convert a folder',
  folderText: 'Choose the folder with config.json, the tokenizer and the safetensors files.',
  folderUse: 'Look into this folder',
  folderKeywords: ['safetensors', 'checkpoint', 'gguf', 'import'],
  checkpoints: 'Original weights (safetensors)',
  checkpointsText: 'Hearth runs them after converting them to GGUF.',
  checking: 'Reading config.json, the tokenizer and the headers of the weights.',
  canConvert: 'Can be converted',
  cannotConvert: 'Cannot be converted yet',
  damaged: 'Something is wrong with its files',
  refusals: 'Why it cannot be converted',
  readNow: (size: string, requests: number): string =>
    `Checked from ${size} of the repository, in ${plural(requests, { one: '# request', other: '# requests' })}.`,
  facts: {
    modelClass: 'Model class',
    architecture: 'Architecture',
    tokenizer: 'Tokenizer',
    dtypes: 'Data type',
    quantizedBy: 'Quantized by its makers',
    source: 'Original weights',
    parameters: 'Parameters',
    context: 'Context size',
    chatTemplate: 'Chat template',
    license: 'License',
  },
  tokenizer: (model: string, pre: string | null, size: number | null): string =>
    [
      `${tokenizerKinds[model] ?? model}${pre === null || pre === 'default' ? '' : `, splits texts like ${pre}`}`,
      ...(size === null ? [] : [`vocabulary of ${plural(size, { one: '# token', other: '# tokens' })}`]),
    ].join(', '),
  hasTemplate: 'Yes',
  noTemplate: 'None: it continues texts',
  unpacked: (format: string): string => `${format}, unpacked on the way`,
  sourceHere: (size: string): string => `${size}, on this computer`,
  sourcePartly: (size: string, stored: string): string => `${size}, of which ${stored} is on this computer`,
  sourceRemote: (size: string): string => `${size} to download`,
  output: 'Output',
  outputs: 'Possible outputs',
  columns: { type: 'Type', size: 'Size', memory: 'Memory', speed: 'Predicted speed', act: 'Convert' },
  recommended: 'Recommended',
  moreTypes: (count: number): string => plural(count, { one: '# more type', other: '# more types' }),
  otherTypes: (count: number): string => plural(count, { one: '# other type', other: '# other types' }),
  fallsBack: (types: string, count: number): string =>
    `The rows of this model are too short for ${types}: most of its tensors get a larger type instead, so ${count === 1 ? 'it gains' : 'they gain'} little.`,
  speedNotes: {
    estimated: 'Speeds are estimated from the memory of this computer; no model was measured here yet.',
    on_gpu: 'For a GPU no speed is predicted. “Compare quality” measures it.',
    small: 'No speed is predicted: a model this small is faster than the memory of this computer.',
    not_measured: 'No speed is predicted yet: the memory of this computer is measured while nothing else is at work.',
  },
  needsMatrix: 'Needs an importance matrix.',
  helpsMatrix: 'Better with an importance matrix.',
  options: 'Options',
  correctOption: (name: string): string => `Correct “${name}” among the options.`,
  keepSource: 'Keep the original weights',
  keepSourceOn: (size: string): string =>
    `They are stored in the models folder too, which takes ${size}. Another output then needs no download.`,
  keepSourceOff: 'They are converted while they arrive and are not stored.',
  keepSourceHere: 'They are on this computer already and stay there.',
  matrix: 'Importance matrix',
  matrixText:
    'Tells which weights matter most, measured on a text. Quantizing loses less with it, most of all below 4 bits.',
  matrixUseless: (type: string): string => `${type} keeps every weight alike: a matrix would change nothing.`,
  matrixRequired: (type: string): string => `${type} needs one.`,
  matrixNone: 'None',
  matrixNoneText: 'Quantizes every weight alike.',
  matrixDefault: 'From the included text',
  matrixDefaultText: 'Prose, dialogue and code in several languages. Takes some minutes for a large model.',
  matrixOwn: 'From your own text',
  matrixOwnText: 'Text like that which the model will write and read.',
  matrixFile: 'One on this computer',
  matrixFileText: 'An importance matrix in the list of models.',
  matrixChoice: 'Matrix',
  matrixFileNeeded: 'Choose an importance matrix.',
  ownText: 'Your text',
  ownTextHint: 'Some pages are enough; more is slower and a little better.',
  ownTextEmpty: 'Paste a text, or choose a file.',
  ownTextTooLong: (limit: number): string => `A text has at most ${formatInteger(limit)} characters.`,
  textFile: 'Choose a text file…',
  textFileInput: 'Text file',
  clearText: 'Clear',
  characters: (count: number): string => plural(count, { one: '# character', other: '# characters' }),
  mixture: 'Types of tensors',
  pure: 'One type for all tensors',
  pureText: 'Without the mixture in which the more sensitive tensors get more bits. Smaller, and worse.',
  pureAlready: (type: string): string => `${type} is one type for all tensors that can have it.`,
  outputTensor: 'Output tensor',
  embeddingTensor: 'Token embeddings',
  asMixture: 'As usual for this type',
  byPattern: 'Types by name',
  byPatternText:
    'A regular expression for names of tensors, such as attn_v or ^blk.0. The first rule that matches counts.',
  pattern: 'Names that match',
  patternWrong: 'This is no regular expression.',
  patternEmpty: 'A rule among the options is empty: enter a regular expression, or remove it.',
  patternType: 'Type',
  addPattern: 'Add a rule',
  removePattern: (pattern: string): string => `Remove the rule for ${pattern === '' ? 'no tensor' : pattern}`,
  prune: 'Layers to leave out',
  pruneHint: (layers: number | null): string =>
    layers === null
      ? 'Numbers and ranges, such as 20-23, counted from 0. Empty keeps all.'
      : `Numbers and ranges from 0 to ${formatInteger(layers - 1)}, such as ${pruneExample(layers)}. Empty keeps all.`,
  pruneWrong: (layers: number | null): string =>
    `Write numbers and ranges, such as ${layers === null ? '20-23' : pruneExample(layers)}.`,
  pruneOutside: (layers: number): string => `The model has the layers 0 to ${formatInteger(layers - 1)}.`,
  pruneAll: 'At least one layer stays.',
  pruneWarning: (count: number): string =>
    `${plural(count, { one: 'The model loses # layer', other: 'The model loses # layers' })} and is no longer the one that was trained: it becomes smaller and faster, and its answers worse, often useless. “Compare quality” measures how much.`,
  pruned: (count: number): string => plural(count, { one: '# layer left out', other: '# layers left out' }),
  prunedText: (count: number): string =>
    `${plural(count, { one: '# layer was left out.', other: '# layers were left out.' })} This is no longer the model that was trained: its answers are worse, often useless.`,
  prunedAlone:
    'What that costs is measured against the whole model, which is not on this computer: convert it once more, with all its layers.',
  measureLoss: 'Measure the loss…',
  measureLossAgain: 'Measure again…',
  requantize: (from: string): string => `Quantize it again although it is ${from} already`,
  requantizeText: (from: string): string =>
    `${from} has lost some of its quality; a second quantization loses more than quantizing the original once. Convert the original weights instead where they can be had.`,
  requantizeNeeded: 'It is quantized already. Switch on the line above to quantize it again.',
  writes: (size: string): string => `Writes about ${size}.`,
  downloadsAndWrites: (download: string, size: string): string => `Downloads ${download} and writes about ${size}.`,
  writesExactly: (size: string): string => `Writes ${size}.`,
  quantized: 'quantized',
  noOutputs: 'There is nothing to choose: this model cannot be quantized.',
  tools: 'Tools',
  toolsThis: 'Tools for this model',
  quantizeHint: 'Make a smaller file of it',
  compareHint: 'Measure what a quantization costs',
  verifyStarted: (name: string): string => `Verifying ${name}`,
  verify: 'Verify',
  verifyHint: 'Load it, compare its tokenizer with the original one, generate 16 tokens',
  verification: 'Verification',
  notVerified: 'Not verified yet',
  verified: 'Verified',
  verificationFailed: 'Verification failed',
  failedHelp:
    'Its answers are not to be relied on. Convert the original weights again, to another type where the same happens.',
  convertAgain: 'Convert again…',
  firstDifference: 'The first text that differs',
  expectedIds: 'Original',
  foundIds: 'This file',
  found,
  madeFrom: (name: string, commit: string | null, version: string): string =>
    `Made by Hearth ${version} from ${name}${commit === null ? '' : `, commit ${commit}`}.`,
  compare: 'Compare quality…',
  progress: {
    chunk: (index: number, count: number): string =>
      `Chunk ${formatInteger(index)} of ${formatInteger(count)} of the text`,
    counted: (index: number, count: number): string => `${formatInteger(index)} of ${formatInteger(count)}`,
  },
  stepList: 'Steps',
  stepDone: 'done',
  stepNow: 'now',
  stepLater: 'later',
};

/** What a verification found, in one or two sentences. */
function found({ tokenizer, generated }: Pick<Verification, 'tokenizer' | 'generated'>): string {
  const compared =
    tokenizer === null
      ? 'Its tokenizer could not be compared: the original one is not at hand.'
      : tokenizer.mismatchCount === 0
        ? plural(tokenizer.textCount, {
            one: 'Its tokenizer divides # text as the original one does.',
            other: 'Its tokenizer divides # texts as the original one does.',
          })
        : `Its tokenizer divides ${formatInteger(tokenizer.mismatchCount)} of ${plural(tokenizer.textCount, { one: '# text', other: '# texts' })} otherwise than the original one.`;
  if (generated === null) return compared;
  const { tokenCount } = generated;
  const written = plural(tokenCount, { one: 'It wrote # token', other: 'It wrote # tokens' });
  return `${compared} ${written}${tokenCount >= VERIFIED_TOKENS ? ', as many as were asked for.' : ' and then ended its reply.'}`;
}

/** The last eighth of the layers but one: what is usually left out first. */
function pruneExample(layers: number): string {
  const last = Math.max(0, layers - 2);
  const first = Math.max(0, last - Math.max(0, Math.floor(layers / 8) - 1));
  return first === last ? String(first) : `${first}-${last}`;
}
