/** JSON of a tokenizer's files, whose fields may be anything. */
import { invalidTokenizer } from './refusals.ts';

/** An object of a JSON file. */
export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

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
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw invalidTokenizer(path, 'json', `It is no JSON: ${error.message}.`);
    throw error;
  }
  if (!isFields(value)) throw invalidTokenizer(path, 'json', 'It is no JSON object.');
  return value;
}

export function textField(fields: Fields, name: string): string | null {
  const value = fields[name];
  return typeof value === 'string' ? value : null;
}
