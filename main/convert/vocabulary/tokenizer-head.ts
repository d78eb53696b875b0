/** What the beginning of a tokenizer.json tells, so that a tokenizer is refused before its many megabytes are fetched. */
import { chooseByStructure } from './choose-tokenizer.ts';
import { isFields, type Fields } from './json-fields.ts';
import { invalidTokenizer } from './refusals.ts';
import { readStructure } from './tokenizer-structure.ts';
import type { VocabularyKind } from './vocabulary-model.ts';

/** The bytes that tell enough for all published tokenizers; added tokens make most of it. */
export const TOKENIZER_HEAD_BYTES = 512 * 1024;

const FILE = 'tokenizer.json';
/** Parts of the file that decide. The model's vocabulary and merges are not among them. */
const parts = ['added_tokens', 'normalizer', 'pre_tokenizer', 'post_processor', 'decoder'];
const longFields = new Set(['vocab', 'merges']);

export interface TokenizerHead {
  readonly kind: VocabularyKind;
  /** llama.cpp's name, of byte-level BPE alone. */
  readonly preTokenizer: string | null;
}

/**
 * The kind of a tokenizer and its pre-tokenizer from the first bytes of tokenizer.json; null where they end before all that decides, so
 * that more of the file is needed.
 *
 * @throws AppError `convert.unsupported` and `tokenizer.invalid` as `readVocabulary` does.
 */
export function readTokenizerHead(prefix: Uint8Array, architecture: string): TokenizerHead | null {
  // A character may be cut in the middle at the end, which is in no part that is whole.
  const text = new TextDecoder().decode(prefix);
  const root = wholeFields(text, 0);
  if (root === null) return null;
  const model = modelFields(text, root);
  if (model === null || !parts.every((part) => part in root.fields || root.ended)) return null;
  const { kind, preTokenizer } = chooseByStructure(readStructure({ ...root.fields, model }), {
    architecture,
    cleansSpaces: true,
  });
  return { kind, preTokenizer };
}

/** The model without its vocabulary, whose kind shows in the first character; null where the text ends before it. */
function modelFields(text: string, root: Scan): Fields | null {
  const whole = root.fields['model'];
  if (isFields(whole)) return whole;
  if (root.cut?.name !== 'model') return null;
  const model = wholeFields(text, root.cut.start);
  if (model === null) return null;
  if (Object.keys(model.fields).some((name) => longFields.has(name))) return model.fields;
  if (model.cut === null || !longFields.has(model.cut.name)) return null;
  const isList = text[model.cut.start] === '[';
  return { ...model.fields, [model.cut.name]: isList ? [] : {} };
}

interface Scan {
  /** The fields whose values are whole. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** The field that the text ends in, with the place where its value begins. */
  readonly cut: { readonly name: string; readonly start: number } | null;
  /** Whether the object's end is there. */
  readonly ended: boolean;
}

/** The fields of the object that begins at `start`, as far as the text goes; null where not even its beginning is there. */
function wholeFields(text: string, start: number): Scan | null {
  let at = skipSpace(text, start);
  if (at === text.length) return null;
  if (text[at] !== '{') throw notJson();
  at = skipSpace(text, at + 1);
  const fields: Record<string, unknown> = {};
  if (text[at] === '}') return { fields, cut: null, ended: true };
  for (;;) {
    const nameEnd = valueEnd(text, at);
    if (nameEnd === null) return { fields, cut: null, ended: false };
    const name: unknown = parse(text.slice(at, nameEnd));
    const colon = skipSpace(text, nameEnd);
    if (typeof name !== 'string' || (colon < text.length && text[colon] !== ':')) throw notJson();
    const valueStart = skipSpace(text, colon + 1);
    const end = valueStart < text.length ? valueEnd(text, valueStart) : null;
    if (end === null) return { fields, cut: { name, start: valueStart }, ended: false };
    Object.defineProperty(fields, name, {
      value: parse(text.slice(valueStart, end)),
      enumerable: true,
      configurable: true,
    });
    const next = skipSpace(text, end);
    if (next === text.length) return { fields, cut: null, ended: false };
    if (text[next] === '}') return { fields, cut: null, ended: true };
    if (text[next] !== ',') throw notJson();
    at = skipSpace(text, next + 1);
  }
}

/** The place after the value that begins at `start`; null where the text ends in it. Brackets are counted, and strings passed over. */
function valueEnd(text: string, start: number): number | null {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    switch (text[at]) {
      case '"': {
        const end = stringEnd(text, at);
        if (end === null) return null;
        if (depth === 0) return end;
        at = end - 1;
        break;
      }
      case '{':
      case '[':
        depth += 1;
        break;
      case '}':
      case ']':
        depth -= 1;
        if (depth === 0) return at + 1;
        if (depth < 0) return at;
        break;
      case ',':
        if (depth === 0) return at;
        break;
      default:
    }
  }
  return null;
}

function stringEnd(text: string, start: number): number | null {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at + 1;
  }
  return null;
}

function skipSpace(text: string, start: number): number {
  let at = start;
  while (at < text.length && /\s/u.test(text[at] ?? '')) at += 1;
  return at;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw notJson();
    throw error;
  }
}

function notJson(): Error {
  return invalidTokenizer(FILE, 'json', 'It is no JSON object.');
}
