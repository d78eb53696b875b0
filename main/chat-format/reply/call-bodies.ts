/** The calls in the text between the marks of a form. */
import { isJsonObject } from '../../../preload/wire/json.ts';
import { readGemmaCalls } from './gemma-calls.ts';
import { readJsonValue } from './json-value.ts';
import { readPythonCalls, readPythonLiteral } from './python-calls.ts';
import { readTaggedCalls, type KnownTool } from './tagged-calls.ts';
import { skipSpace, take, takeMatch } from './text-cursor.ts';

/** A call as the model wrote it. */
export interface FoundCall {
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

export type ReadCalls = { readonly calls: readonly FoundCall[] } | { readonly reason: string };

/**
 * The calls of a body: one object, a list, several objects in a row, Mistral's `name[ARGS]{…}`, tags, Gemma's form or Python's. `tools`
 * null takes any name.
 */
export function readCalls(body: string, tools: readonly KnownTool[] | null): ReadCalls {
  const values = valuesOf(bare(body), tools ?? []);
  if (values === null) return { reason: 'It is not JSON.' };
  const calls: FoundCall[] = [];
  for (const value of values) {
    const call = callOf(value, tools);
    if (typeof call === 'string') return { reason: call };
    if (tools && !tools.some(({ name }) => name === call.name))
      return { reason: `There is no tool named ${call.name.slice(0, 100)}.` };
    calls.push(call);
  }
  return calls.length > 0 ? { calls } : { reason: 'It is empty.' };
}

const STRAY_END = '</tool_call>';
const fenceWords = new Set(['', 'json', 'xml', 'python', 'tool_code']);

/** The body without what only surrounds it: a fence, a stray end, the word `functools`. */
function bare(body: string): string {
  let text = body.trim();
  if (text.endsWith(STRAY_END) && !text.includes('<tool_call>')) text = text.slice(0, -STRAY_END.length).trim();
  if (text.startsWith('functools[')) text = text.slice('functools'.length);
  const line = text.indexOf('\n');
  const isFenced =
    text.startsWith('```') && text.endsWith('```') && line > 0 && fenceWords.has(text.slice(3, line).trim());
  return isFenced ? text.slice(line, -3).trim() : text;
}

function valuesOf(body: string, tools: readonly KnownTool[]): readonly unknown[] | null {
  const named = namedValue(body);
  if (named) return [named];
  return parseAll(body) ?? readTaggedCalls(body, tools) ?? readGemmaCalls(body) ?? readPythonCalls(body);
}

/** Mistral's `name[CALL_ID]id[ARGS]{…}`, whose marks may be missing; null for anything else. */
function namedValue(body: string): unknown {
  const cursor = { text: body, at: 0 };
  const name = takeMatch(cursor, /[\w.-]+/y);
  skipSpace(cursor);
  if (take(cursor, '[CALL_ID]')) {
    skipSpace(cursor);
    if (takeMatch(cursor, /[\w-]+/y) === undefined) return null;
    skipSpace(cursor);
  }
  if (take(cursor, '[ARGS]')) skipSpace(cursor);
  const values = body.slice(cursor.at);
  const isWhole =
    (values.startsWith('{') && values.endsWith('}')) ||
    (values.length > 1 && values.startsWith('"') && values.endsWith('"'));
  return name !== undefined && isWhole ? { name, arguments: readJsonValue(values) } : null;
}

/** One value, a list, or several in a row with `;`, `,` or white space between them; as JSON, or as Python writes a dictionary. */
function parseAll(body: string): unknown[] | null {
  const whole = readJsonValue(body) ?? (/^[[{]/.test(body) ? readPythonLiteral(body) : undefined);
  if (whole !== undefined) return Array.isArray(whole) ? (whole as unknown[]) : [whole];
  const values = objectsIn(body).map(readJsonValue);
  return values.includes(undefined) ? null : values;
}

/** The texts of several objects in a row: one begins with a call's key, behind the end of another. */
function objectsIn(body: string): readonly string[] {
  const found: string[] = [];
  let from = 0;
  for (const { index } of body.matchAll(/\{\s*"(?:name|type|function|tool_name)"/g)) {
    let before = body.slice(from, index).trimEnd();
    if (before.endsWith(';') || before.endsWith(',')) before = before.slice(0, -1).trimEnd();
    if (!before.endsWith('}')) continue;
    found.push(before);
    from = index;
  }
  const last = body.slice(from).trimEnd();
  return [...found, last.endsWith(';') ? last.slice(0, -1) : last];
}

const callKeys = new Set([
  'name',
  'tool_name',
  'function',
  'arguments',
  'parameters',
  'args',
  'type',
  'id',
  'tool_call_id',
]);

/**
 * A call, or why it is malformed. Llama names the arguments `parameters`, Cohere the tool `tool_name`; some models write the arguments as
 * JSON within a string, and Apertus the name as the only key.
 */
function callOf(value: unknown, tools: readonly KnownTool[] | null): FoundCall | string {
  if (!isJsonObject(value)) return 'It is not an object.';
  const [only, ...others] = Object.entries(value);
  if (only && others.length === 0 && (tools ? tools.some(({ name }) => name === only[0]) : !callKeys.has(only[0]))) {
    const read = typeof only[1] === 'string' ? readText(only[1]) : only[1];
    if (isJsonObject(read)) return { name: only[0], arguments: read };
  }
  const inner = isJsonObject(value['function']) ? value['function'] : value;
  const name = inner['name'] ?? inner['tool_name'] ?? inner['function'] ?? inner['tool'];
  if (typeof name !== 'string' || name === '') return 'It has no name.';
  const given = inner['arguments'] ?? inner['parameters'] ?? inner['args'] ?? {};
  // What stands under other keys would be lost.
  if (Object.keys(given).length === 0 && Object.keys(inner).some((key) => !callKeys.has(key) && key !== 'tool'))
    return 'It has no arguments.';
  const read = typeof given === 'string' ? readText(given) : given;
  return isJsonObject(read)
    ? { name: name.replace(/^functions\./, ''), arguments: read }
    : 'Its arguments are not an object.';
}

/** The arguments in a text, which may be the JSON of such a text. */
function readText(text: string): unknown {
  if (text.trim() === '') return {};
  const value = readJsonValue(text) ?? readPythonLiteral(text);
  return typeof value === 'string' ? readJsonValue(value) : value;
}

/**
 * Tells whether the beginning of a body, of lengths that grow, ends in the middle of a text of JSON: a mark there is part of that text.
 * Each letter is looked at once.
 */
export function createTextWatch(body: string): (length: number) => boolean {
  const cursor = { text: body, at: 0 };
  skipSpace(cursor);
  // The name may be the rest of a tag.
  if (takeMatch(cursor, /[\w.-]+/y) !== undefined) take(cursor, '>');
  skipSpace(cursor);
  if (take(cursor, '[ARGS]')) skipSpace(cursor);
  const isJson = '[{'.includes(body[cursor.at] ?? ' ');
  let isInside = false;
  return (length) => {
    for (; isJson && cursor.at < length; cursor.at++) {
      const letter = body[cursor.at];
      if (letter === '"') isInside = !isInside;
      else if (letter === '\\' && isInside) cursor.at++;
    }
    return isInside;
  };
}
