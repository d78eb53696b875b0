/** Calls that are written with tags in place of JSON: Qwen3-Coder's and GLM 4's. */

/** A tool, as far as reading a call needs it: `parameters` is the JSON schema of an object. */
export interface KnownTool {
  readonly name: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
}

export interface TaggedCall {
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/**
 * The calls in the body of a `<tool_call>`: Qwen3-Coder's `<function=NAME><parameter=KEY>value</parameter></function>`, or GLM's
 * `NAME<arg_key>KEY</arg_key><arg_value>value</arg_value>`. Null when it is neither.
 */
export function readTaggedCalls(body: string, tools: readonly KnownTool[]): readonly TaggedCall[] | null {
  const functions = [...body.matchAll(/<function=([^>\s]+)>([^]*?)<\/function>/g)];
  if (functions.length > 0)
    return functions.map(([, name = '', inner = '']) =>
      callOf(name, inner.matchAll(/<parameter=([^>\s]+)>([^]*?)<\/parameter>/g), tools),
    );
  const glm = /^([\w.-]+)\s*(<arg_key>[^]*)?$/.exec(body);
  // A mere word is no call unless it is the name of a tool.
  if (!glm || (glm[2] === undefined && !tools.some(({ name }) => name === glm[1]))) return null;
  const pairs = (glm[2] ?? '').matchAll(/<arg_key>([^]*?)<\/arg_key>\s*<arg_value>([^]*?)<\/arg_value>/g);
  return [callOf(glm[1] ?? '', pairs, tools)];
}

function callOf(name: string, pairs: Iterable<RegExpExecArray>, tools: readonly KnownTool[]): TaggedCall {
  const schema = tools.find((tool) => tool.name === name)?.parameters?.['properties'];
  const typeOf = (key: string): unknown =>
    (schema as Record<string, { type?: unknown } | undefined> | undefined)?.[key]?.type;
  return {
    name,
    arguments: Object.fromEntries(
      [...pairs].map(([, key = '', value = '']) => [
        key.trim(),
        // One line break on each side belongs to the tags.
        valueOf(value.replace(/^\n/, '').replace(/\n$/, ''), typeOf(key.trim())),
      ]),
    ),
  };
}

/** Tags do not tell a number from its digits; the schema does. */
function valueOf(text: string, type: unknown): unknown {
  if (type === undefined || type === 'string') return text;
  try {
    const value = JSON.parse(text) as unknown;
    // `1e999` is infinite, which no JSON can pass on.
    return Math.abs(Number(value)) === Infinity ? text : value;
  } catch {
    return text;
  }
}
