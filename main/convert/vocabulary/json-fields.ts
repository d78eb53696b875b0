/** JSON of a tokenizer's files, whose fields may be anything. */
import { parseBoundedJson } from '../../base/bounded-json.ts';
import { invalidTokenizer } from './refusals.ts';

/** An object of a JSON file. */
export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A tokenizer.json may have a list for each of its merges: Gemma's has half a million. */
const MAX_CONTAINERS = 4_000_000;

const utf8 = new TextDecoder('utf-8', { fatal: true });

export function decodeText(path: string, bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) throw invalidTokenizer(path, 'encoding', 'It is no UTF-8 text.');
    throw error;
  }
}

export function parseObject(path: string, text: string): Fields {
  const value = parseBoundedJson(text, MAX_CONTAINERS);
  if (value === undefined) throw invalidTokenizer(path, 'json', 'It is no JSON.');
  if (!isFields(value)) throw invalidTokenizer(path, 'json', 'It is no JSON object.');
  return value;
}

export function textField(fields: Fields, name: string): string | null {
  const value = fields[name];
  return typeof value === 'string' ? value : null;
}
