/**
 * Calls with their name or arguments between tags: Qwen3-Coder's and GLM 4's without any JSON; DeepSeek's, Kimi K2's and gpt-oss's
 * ("Harmony") with the arguments as JSON after the name.
 */

/** The properties of a tool that reading a call needs. `parameters` is the JSON schema of an object. */
export interface KnownTool {
  readonly name: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
}

export interface TaggedCall {
  readonly name: string;
  /** A text is JSON. */
  readonly arguments: Readonly<Record<string, unknown>> | string;
}

/** Forms of a call with a name and JSON: DeepSeek V3 and R1, DeepSeek V3.1, Kimi K2, gpt-oss. */
const named: readonly RegExp[] = [
  /<｜tool▁call▁begin｜>function<｜tool▁sep｜>([^\n<]+)\n```json\n([^]*?)\n```\s*<｜tool▁call▁end｜>/g,
  /<｜tool▁call▁begin｜>([^<]+)<｜tool▁sep｜>([^]*?)<｜tool▁call▁end｜>/g,
  /<\|tool_call_begin\|>\s*functions\.([\w.-]+?)(?::\d+)?\s*<\|tool_call_argument_begin\|>([^]*?)<\|tool_call_end\|>/g,
  /^([\w.-]+)<\|message\|>([^]*)$/g,
];

/** The tags of those forms; a vocabulary has each as a special token. */
export const tagMarks: readonly string[] = [
  '<｜tool▁call▁begin｜>',
  '<｜tool▁sep｜>',
  '<｜tool▁call▁end｜>',
  '<|tool_call_begin|>',
  '<|tool_call_argument_begin|>',
  '<|tool_call_end|>',
];

/**
 * The calls in the body between the marks of a form: those of `named`, Qwen3-Coder's
 * `<function=NAME><parameter=KEY>value</parameter></function>`, or GLM's `NAME<arg_key>KEY</arg_key><arg_value>value</arg_value>`.
 * Null when it is none of them.
 */
export function readTaggedCalls(body: string, tools: readonly KnownTool[]): readonly TaggedCall[] | null {
  for (const form of named) {
    const calls = [...body.matchAll(form)];
    if (calls.length > 0) return calls.map(([, name = '', values = '']) => ({ name: name.trim(), arguments: values }));
  }
  const functions = [...body.matchAll(/<function=([^>\s]+)>([^]*?)<\/function>/g)];
  if (functions.length > 0)
    return functions.map(([, name = '', inner = '']) =>
      callOf(name, inner.matchAll(/<parameter=([^>\s]+)>([^]*?)<\/parameter>/g), tools),
    );
  const glm = /^([\w.-]+)\s*(<arg_key>[^]*)?$/.exec(body);
  // A single word is a call only where it is the name of a tool.
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
        // One line break on each side is part of the tags.
        valueOf(value.replace(/^\n/, '').replace(/\n$/, ''), typeOf(key.trim())),
      ]),
    ),
  };
}

/** The value of a text between tags. Only the schema tells a number from a text of digits. */
function valueOf(text: string, type: unknown): unknown {
  if (type === undefined || type === 'string') return text;
  try {
    const value = JSON.parse(text) as unknown;
    // `1e999` parses to Infinity, which JSON cannot represent.
    return Math.abs(Number(value)) === Infinity ? text : value;
  } catch {
    return text;
  }
}
