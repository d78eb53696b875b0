/** tokenizer.json, read and checked: its structure, its vocabulary and its merges. */
import { decodeText, isFields, parseObject, type Fields } from './json-fields.ts';
import { invalidTokenizer } from './refusals.ts';
import { checkedId, checkedToken, MAX_TOKENS, readStructure, type TokenizerStructure } from './tokenizer-structure.ts';

const FILE = 'tokenizer.json';
const MAX_MERGES = 8 * 1024 * 1024;

export interface TokenizerJson extends TokenizerStructure {
  /** Tokens by id, without the added ones that the model does not have. */
  readonly vocabulary: ReadonlyMap<number, string>;
  /** Logarithms of probabilities by id, of a Unigram model. */
  readonly scores: ReadonlyMap<number, number>;
  /** The pairs of a BPE model, the first merged first. */
  readonly merges: readonly (readonly [string, string])[];
}

/** @throws AppError `tokenizer.invalid` */
export function readTokenizerJson(bytes: Uint8Array): TokenizerJson {
  const root = parseObject(FILE, decodeText(FILE, bytes));
  const structure = readStructure(root);
  const model = root['model'] as Fields;
  const { tokens, scores } =
    structure.model.type === 'Unigram'
      ? unigramVocabulary(model['vocab'])
      : { tokens: tokenTable(FILE, model['vocab']), scores: new Map() };
  const merges = structure.model.type === 'BPE' ? readMerges(model['merges']) : [];
  return { ...structure, vocabulary: tokens, scores, merges };
}

/** A table from tokens to ids, turned around. @throws AppError `tokenizer.invalid` where two tokens have one id. */
function tokenTable(file: string, value: unknown): Map<number, string> {
  if (!isFields(value)) throw invalidTokenizer(file, 'vocab', 'Its vocabulary is no table of tokens.');
  const byId = new Map<number, string>();
  for (const token in value) {
    const id = checkedId(file, token, value[token]);
    const other = byId.get(id);
    if (other !== undefined)
      throw invalidTokenizer(
        file,
        'token_id',
        `${JSON.stringify(other)} and ${JSON.stringify(token)} have the same id ${id}.`,
      );
    byId.set(id, checkedToken(file, token));
  }
  return byId;
}

function unigramVocabulary(value: unknown): { tokens: Map<number, string>; scores: Map<number, number> } {
  if (!Array.isArray(value)) throw invalidTokenizer(FILE, 'vocab', 'Its vocabulary is no list of tokens with scores.');
  if (value.length > MAX_TOKENS) throw invalidTokenizer(FILE, 'vocab', `It has ${value.length} tokens.`);
  const tokens = new Map<number, string>();
  const scores = new Map<number, number>();
  for (const [id, pair] of (value as readonly unknown[]).entries()) {
    const [token, score] = Array.isArray(pair) ? (pair as readonly unknown[]) : [];
    if (typeof token !== 'string' || typeof score !== 'number')
      throw invalidTokenizer(FILE, 'vocab', `Token ${id} is no text with a score.`);
    tokens.set(id, checkedToken(FILE, token));
    scores.set(id, score);
  }
  return { tokens, scores };
}

/** Merges are texts with a space between the two tokens in older files, and pairs in newer ones. */
function readMerges(value: unknown): [string, string][] {
  if (!Array.isArray(value)) throw invalidTokenizer(FILE, 'merges', 'Its merges are no list.');
  if (value.length > MAX_MERGES) throw invalidTokenizer(FILE, 'merges', `It has ${value.length} merges.`);
  return (value as readonly unknown[]).map((merge, index) => {
    if (typeof merge === 'string') return splitMerge(FILE, merge, index);
    const [left, right] = Array.isArray(merge) ? (merge as readonly unknown[]) : [];
    if (typeof left !== 'string' || typeof right !== 'string')
      throw invalidTokenizer(FILE, 'merges', `Merge ${index} is no pair of tokens.`);
    checkedToken(FILE, left);
    checkedToken(FILE, right);
    // The parsed pair itself: there may be half a million of them.
    return merge as [string, string];
  });
}

/** @throws AppError `tokenizer.invalid` where the text is not two tokens with one space between. */
function splitMerge(file: string, merge: string, index: number): [string, string] {
  const space = merge.indexOf(' ');
  if (space <= 0 || space !== merge.lastIndexOf(' ') || space === merge.length - 1)
    throw invalidTokenizer(file, 'merges', `Merge ${index} is no pair of tokens: ${JSON.stringify(merge)}`);
  return [checkedToken(file, merge.slice(0, space)), checkedToken(file, merge.slice(space + 1))];
}
