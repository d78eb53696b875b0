/**
 * The pre-tokenizers that llama.cpp has for byte-level BPE, each with the steps of tokenizer.json that split a text alike. The patterns
 * are those that the published models of a family have in their tokenizer.json; llama.cpp's source (llama-vocab.cpp, release 0.4.0)
 * quotes most of them beside its own.
 */

/** One of llama.cpp's names. Names in one row split alike and differ only in the defaults that stand here. */
export interface PreTokenizerName {
  readonly name: string;
  /** Architectures whose published models go by this name. The first name in a row without any is for all others. */
  readonly architectures?: readonly string[];
  /** True where llama.cpp takes a word that is a token before it looks at merges. Absent: false. */
  readonly ignoresMerges?: boolean;
  /** Only for tokenizers whose post-processor is RoBERTa's, as llama.cpp then adds a separator. */
  readonly roberta?: boolean;
  /** Only where decoding removes the spaces before punctuation, as llama.cpp then does too. */
  readonly cleansSpaces?: boolean;
  /** Only with the normalizer NFC. */
  readonly composed?: boolean;
}

export interface PreTokenizerRow {
  /** The steps, as `describeSteps` writes them. */
  readonly steps: readonly string[];
  readonly names: readonly PreTokenizerName[];
}

export const GPT2_PATTERN = String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`;

const CONTRACTIONS = String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)`;
const REST = String.raw` ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`;
const REST_WITH_SLASH = String.raw` ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`;
const WORD = String.raw`[^\r\n\p{L}\p{N}]?\p{L}+`;
const UPPER = String.raw`[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`;
const LOWER = String.raw`[\p{Ll}\p{Lm}\p{Lo}\p{M}]`;
const CASED_WORD_1 = String.raw`[^\r\n\p{L}\p{N}]?${UPPER}*${LOWER}+`;
const CASED_WORD_2 = String.raw`[^\r\n\p{L}\p{N}]?${UPPER}+${LOWER}*`;
const GPT4O_PATTERN = String.raw`${CASED_WORD_1}${CONTRACTIONS}?|${CASED_WORD_2}${CONTRACTIONS}?|\p{N}{1,3}|${REST_WITH_SLASH}`;
const JAIS2_SPACES = ['512', '256', '128', '64', '32', '16', '8', '4', '1,2']
  .map((count) => String.raw`\s{${count}}(?!\S)`)
  .join('|');
const DEEPSEEK_LETTERS =
  'A-Za-zµÀ-ÖØ-öø-ƺƼ-ƿǄ-ʓʕ-ʯͰ-ͳͶͷͻ-ͽͿΆΈ-ΊΌΎ-ΡΣ-ϵϷ-ҁҊ-ԯԱ-ՖႠ-ჅᎠ-Ᏽᏸ-ᏽᲐ-ᲺᲽ-Ჿᴀ-ᴫᵫ-ᵷᵹ-ᶚḀ-ἕἘ-Ἕἠ-ὅὈ-Ὅὐ-ὗὙὛὝὟ-ώᾀ-ᾴᾶ-ᾼιῂ-ῄῆ-ῌῐ-ΐῖ-Ίῠ-Ῥῲ-ῴῶ-ῼℂℇℊ-ℓℕℙ-ℝℤΩℨK-ℭℯ-ℴℹℼ-ℿⅅ-ⅉⅎↃↄⰀ-ⱻⱾ-ⳤⳫ-ⳮⳲⳳꙀ-ꙭꚀ-ꚛꜢ-ꝯꝱ-ꞇꞋ-ꞎꭰ-ꮿﬀ-ﬆﬓ-ﬗＡ-Ｚａ-ｚ𐐀-𐑏𐒰-𐓓𐓘-𐓻𐲀-𐲲𐳀-𐳲𑢠-𑣟𞤀-𞥃';
const DEEPSEEK_CJK = '[一-龥ࠀ-一가-퟿]+';
const DEEPSEEK3_WORDS = String.raw`[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_${'`'}{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`;
const BLOOM_PATTERN = ' ?[^(\\s|[.,!?…。，、।۔،])]+';

const split = (pattern: string): string => `split ${pattern}`;
const ONE_DIGIT = split(String.raw`\p{N}`);
const BYTES = 'bytes';

export const preTokenizers: readonly PreTokenizerRow[] = [
  {
    steps: [split(GPT2_PATTERN), BYTES],
    names: [
      { name: 'roberta-bpe', roberta: true },
      { name: 'olmo', architectures: ['olmo', 'olmoe'], composed: true },
      { name: 'mpt', composed: true },
      { name: 'phi-2', architectures: ['phi2'] },
      { name: 'modern-bert', architectures: ['modern-bert'] },
      { name: 'jais', architectures: ['jais'] },
      { name: 'gpt-2' },
    ],
  },
  {
    steps: [ONE_DIGIT, split(GPT2_PATTERN), BYTES],
    names: [
      { name: 'command-r', architectures: ['command-r', 'cohere2'] },
      { name: 'smollm', architectures: ['llama', 'smollm3'] },
      { name: 'refact', architectures: ['refact', 'granite', 'granitemoe', 'granitehybrid'] },
      { name: 'exaone', architectures: ['exaone'] },
      { name: 'starcoder' },
    ],
  },
  {
    steps: [split(`${CONTRACTIONS}|${WORD}|${String.raw`\p{N}{1,3}`}|${REST}`), BYTES],
    names: [
      { name: 'llama-bpe', ignoresMerges: true },
      { name: 'glm4', architectures: ['glm4', 'chatglm', 'glm4moe'] },
      { name: 'smaug-bpe', architectures: ['llama'] },
      { name: 'dbrx' },
    ],
  },
  {
    steps: [split(`${CONTRACTIONS}|${WORD}|${String.raw`\p{N}`}|${REST}`), BYTES],
    names: [{ name: 'stablelm2', architectures: ['stablelm'], cleansSpaces: true }, { name: 'qwen2' }],
  },
  {
    steps: [
      split(
        String.raw`${CONTRACTIONS}|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
      ),
      BYTES,
    ],
    names: [{ name: 'qwen35' }],
  },
  {
    steps: [split(String.raw`${CASED_WORD_1}|${CASED_WORD_2}|\p{N}|${REST_WITH_SLASH}`), BYTES],
    names: [{ name: 'tekken', ignoresMerges: true }],
  },
  {
    steps: [split(GPT4O_PATTERN), BYTES],
    names: [
      { name: 'granite-embed-multi-97m', ignoresMerges: true },
      { name: 'llama4', architectures: ['llama4'] },
      { name: 'gpt-4o' },
    ],
  },
  {
    steps: [split(String.raw`\d{1,3}(?=(?:\d{3})*\b)`), split(GPT4O_PATTERN), BYTES],
    names: [{ name: 'tiny_aya' }],
  },
  {
    steps: ['punctuation contiguous', split(GPT2_PATTERN), BYTES, split(String.raw`\p{N}+`), split('[0-9][0-9][0-9]')],
    names: [{ name: 'falcon' }],
  },
  {
    steps: [
      split('[\r\n]'),
      split(`\\s?[${DEEPSEEK_LETTERS}]+`),
      split('\\s?[!-/:-~！-／：-～‘-‟　-。]+'),
      split('\\s+$'),
      split(DEEPSEEK_CJK),
      split(String.raw`\p{N}+`),
      BYTES,
    ],
    names: [{ name: 'deepseek-llm' }],
  },
  {
    steps: [
      split('[\r\n]'),
      split(String.raw`\s?\p{L}+`),
      split(String.raw`\s?\p{P}+`),
      split(DEEPSEEK_CJK),
      ONE_DIGIT,
      BYTES,
    ],
    names: [{ name: 'deepseek-coder' }],
  },
  {
    steps: [split(String.raw`\p{N}{1,3}`), split('[一-龥぀-ゟ゠-ヿ]+'), split(DEEPSEEK3_WORDS), BYTES],
    names: [{ name: 'deepseek-v3' }],
  },
  {
    steps: [
      split(
        `${CONTRACTIONS}|${WORD}|${String.raw`\p{N}{1,3}`}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|${JAIS2_SPACES}|\\s{1}`,
      ),
      BYTES,
    ],
    names: [{ name: 'jais-2' }],
  },
  { steps: [split(BLOOM_PATTERN), BYTES], names: [{ name: 'bloom', architectures: ['bloom'] }, { name: 'poro-chat' }] },
  { steps: [split(BLOOM_PATTERN), ONE_DIGIT, BYTES], names: [{ name: 'viking' }] },
  {
    steps: [
      split(
        String.raw`'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+`,
      ),
      BYTES,
    ],
    names: [{ name: 'bailingmoe' }],
  },
  {
    steps: [
      split(
        String.raw`${CONTRACTIONS}|${WORD}|\p{N}{1}| ?[^\s\p{L}\p{N}` +
          '\r\n' +
          String.raw`]+|\s*[` +
          '\r\n' +
          String.raw`]+|\s+(?!\S)|\s+`,
      ),
      BYTES,
    ],
    names: [{ name: 'seed-coder' }],
  },
  {
    steps: [
      split(
        String.raw`${CONTRACTIONS}|[^\r\n\p{L}\p{N}]?(?:\p{L}\p{M}*(?: \p{L}\p{M}*)*)+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]?|\s*[\r\n]|\s+(?!\S)|\s+`,
      ),
      BYTES,
    ],
    names: [{ name: 'exaone-moe' }],
  },
  {
    steps: [split(String.raw`\p{N}{1,3}`), split(`${CONTRACTIONS}|${WORD}|${String.raw`\p{N}+`}|${REST}`), BYTES],
    names: [{ name: 'minicpm5', ignoresMerges: true }],
  },
  {
    steps: [split(String.raw`\p{N}+`), split(String.raw`(?=(\d{3})+(?!\d))`), BYTES],
    names: [{ name: 'superbpe' }],
  },
];
