/** The calls in the text between the marks of a form. */
import { readGemmaCalls } from './gemma-calls.ts';
import { readPythonCalls, readPythonLiteral } from './python-calls.ts';
import { readTaggedCalls, type KnownTool } from './tagged-calls.ts';

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

/** The body without what only surrounds it: a fence, a stray end, the word `functools`. */
function bare(body: string): string {
  const text = body
    .replace(/^((?:(?!<tool_call>)[^])*)<\/tool_call>\s*$/, '$1')
    .trim()
    .replace(/^functools(?=\[)/, '');
  return /^```(?:json|xml|python|tool_code)?\s*\n([^]*?)\n?```$/.exec(text)?.[1]?.trim() ?? text;
}

function valuesOf(body: string, tools: readonly KnownTool[]): readonly unknown[] | null {
  const named = /^([\w.-]+)\s*(?:\[CALL_ID\]\s*[\w-]+\s*)?(?:\[ARGS\])?\s*(\{[^]*\}|"[^]*")$/.exec(body);
  if (named) return [{ name: named[1], arguments: parseJson(named[2] ?? '') }];
  return parseAll(body) ?? readTaggedCalls(body, tools) ?? readGemmaCalls(body) ?? readPythonCalls(body);
}

/** The JSON value of a text; undefined when the text is not JSON. */
function parseJson(text: string): unknown {
  try {
    // `1e999` parses to Infinity, which JSON cannot represent.
    return JSON.parse(text, (_, value: unknown) => {
      if (value === Infinity || value === -Infinity) throw new RangeError();
      return value;
    }) as unknown;
  } catch {
    return undefined;
  }
}

/** One value, a list, or several in a row with `;`, `,` or white space between them; as JSON, or as Python writes a dictionary. */
function parseAll(body: string): unknown[] | null {
  const whole = parseJson(body) ?? (/^[[{]/.test(body) ? readPythonLiteral(body) : undefined);
  if (whole !== undefined) return Array.isArray(whole) ? (whole as unknown[]) : [whole];
  const values = body
    .split(/(?<=\})\s*[;,]?\s*(?=\{\s*"(?:name|type|function|tool_name)")/)
    .map((one) => parseJson(one.replace(/;\s*$/, '')));
  return values.includes(undefined) ? null : values;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

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
  if (!isObject(value)) return 'It is not an object.';
  const [only, ...others] = Object.entries(value);
  if (only && others.length === 0 && (tools ? tools.some(({ name }) => name === only[0]) : !callKeys.has(only[0]))) {
    const read = typeof only[1] === 'string' ? readText(only[1]) : only[1];
    if (isObject(read)) return { name: only[0], arguments: read };
  }
  const inner = isObject(value['function']) ? value['function'] : value;
  const name = inner['name'] ?? inner['tool_name'] ?? inner['function'] ?? inner['tool'];
  if (typeof name !== 'string' || name === '') return 'It has no name.';
  const given = inner['arguments'] ?? inner['parameters'] ?? inner['args'] ?? {};
  const read = typeof given === 'string' ? readText(given) : given;
  return isObject(read)
    ? { name: name.replace(/^functions\./, ''), arguments: read }
    : 'Its arguments are not an object.';
}

/** The arguments in a text, which may be the JSON of such a text. */
function readText(text: string): unknown {
  if (text.trim() === '') return {};
  const value = parseJson(text) ?? readPythonLiteral(text);
  return typeof value === 'string' ? parseJson(value) : value;
}

/** Whether a body that is JSON ends in the middle of a text: a mark there is part of that text. */
export function endsInsideText(body: string): boolean {
  if (!/^\s*(?:[\w.-]+\s*(?:\[ARGS\])?\s*)?[[{]/.test(body)) return false;
  let isInside = false;
  for (let at = 0; at < body.length; at++) {
    const letter = body[at];
    if (letter === '"') isInside = !isInside;
    else if (letter === '\\' && isInside) at++;
  }
  return isInside;
}
