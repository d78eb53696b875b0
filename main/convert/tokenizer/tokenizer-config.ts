/**
 * A tokenizer.json for @huggingface/tokenizers 0.2.0: the steps that the package takes otherwise than the `tokenizers` library does are
 * written in a form that both take alike. docs/decisions/0048 says what was compared.
 */
import { GPT2_PATTERN } from '../vocabulary/pre-tokenizer/pre-tokenizer-table.ts';
import { isFields, type Fields } from '../vocabulary/json-fields.ts';

/** White space as the library's regular expressions have it: JavaScript's `\s` has U+FEFF too, and not U+0085. */
const SPACE = String.raw`\t-\r\x20\x85\xA0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000`;
const MAX_DEPTH = 8;

/** The same tokenizer.json with other pre-tokenizers, and with null for parts that are absent. */
export function adaptTokenizerJson(root: Fields): Fields {
  return {
    ...root,
    added_tokens: root['added_tokens'] ?? [],
    normalizer: root['normalizer'] ?? null,
    pre_tokenizer: adaptStep(root['pre_tokenizer'] ?? null, 0),
    post_processor: null,
    decoder: root['decoder'] ?? null,
  };
}

function adaptStep(step: unknown, depth: number): unknown {
  if (!isFields(step) || depth > MAX_DEPTH) return step;
  switch (step['type']) {
    case 'Sequence': {
      const inner = step['pretokenizers'];
      return Array.isArray(inner)
        ? { ...step, pretokenizers: (inner as readonly unknown[]).map((one) => adaptStep(one, depth + 1)) }
        : step;
    }
    case 'Digits':
      return splitAt(step['individual_digits'] === true ? String.raw`\p{N}` : String.raw`\p{N}+`);
    case 'ByteLevel':
      if (step['use_regex'] === false || step['add_prefix_space'] === true) return step;
      return {
        type: 'Sequence',
        pretokenizers: [splitAt(withSpaces(GPT2_PATTERN)), { ...step, use_regex: false }],
      };
    case 'Split': {
      const pattern = step['pattern'];
      if (!isFields(pattern) || typeof pattern['Regex'] !== 'string') return step;
      return { ...step, pattern: { Regex: withSpaces(pattern['Regex']) } };
    }
    default:
      return step;
  }
}

function splitAt(pattern: string): Fields {
  return { type: 'Split', pattern: { Regex: pattern }, behavior: 'Isolated', invert: false };
}

/** The pattern with `\s` and `\S` spelled out, but for a `\S` in a class, which no class can spell. */
function withSpaces(pattern: string): string {
  let result = '';
  let depth = 0;
  for (let at = 0; at < pattern.length; at += 1) {
    const char = pattern.charAt(at);
    if (char !== '\\') {
      if (char === '[') depth += 1;
      else if (char === ']' && depth > 0) depth -= 1;
      result += char;
      continue;
    }
    at += 1;
    const escaped = pattern.charAt(at);
    if (escaped === 's') result += depth > 0 ? SPACE : `[${SPACE}]`;
    else if (escaped === 'S' && depth === 0) result += `[^${SPACE}]`;
    else result += char + escaped;
  }
  return result;
}
