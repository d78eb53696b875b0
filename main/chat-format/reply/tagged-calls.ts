/** Calls with their name or arguments between tags: with the arguments as JSON after the name, or with a tag for each. */

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

/** Forms of a call with a name and JSON: DeepSeek V3 and R1, DeepSeek V3.1, Kimi K2, Solar Open, Hunyuan, Functionary, gpt-oss. */
const named: readonly RegExp[] = [
  /<｜tool▁call▁begin｜>function<｜tool▁sep｜>([^\n<]+)\n```json\n([^]*?)\n```\s*<｜tool▁call▁end｜>/g,
  /<｜tool▁call▁begin｜>([^<]+)<｜tool▁sep｜>([^]*?)<｜tool▁call▁end｜>/g,
  /<\|tool_call_begin\|>\s*functions\.([\w.-]+?)(?::\d+)?\s*<\|tool_call_argument_begin\|>([^]*?)<\|tool_call_end\|>/g,
  /<\|tool_call:begin\|>[^<]*<\|tool_call:name\|>([^<]+)<\|tool_call:args\|>([^]*?)<\|tool_call:end\|>/g,
  /<tool_call>\s*([\w.-]+)\s*```json\s*([^]*?)\s*```\s*<\/tool_call>/g,
  /<function=([\w.-]+)>\s*(\{[^]*?\}|"[^]*?")\s*<\/function>/g,
  /^([\w.-]+)\s*```json\s*([^]*?)\s*```$/g,
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
  '<｜tool_call_begin｜>',
  '<｜tool_sep｜>',
  '<｜tool_call_end｜>',
  '<|tool_call:begin|>',
  '<|tool_call:name|>',
  '<|tool_call:args|>',
  '<|tool_call:end|>',
  '｜DSML｜',
];

/**
 * The calls in the body between the marks of a form: those of `named`; Qwen3-Coder's
 * `<function=NAME><parameter=KEY>value</parameter></function>`; `<invoke name="NAME"><parameter name="KEY">value</parameter></invoke>` of
 * MiniMax, DeepSeek V3.2 and Step 3, each with a prefix of its own; MiroThinker's; or GLM's
 * `NAME<arg_key>KEY</arg_key><arg_value>value</arg_value>`. Null when it is none of them.
 */
export function readTaggedCalls(body: string, tools: readonly KnownTool[]): readonly TaggedCall[] | null {
  for (const form of named) {
    const calls = [...body.matchAll(form)];
    if (calls.length > 0) return calls.map(([, name = '', values = '']) => ({ name: name.trim(), arguments: values }));
  }
  // The model may leave out the last end tags.
  const functions = [...body.matchAll(/<function=([^>\s]+)>([^]*?)(?:<\/function>|$)/g)];
  if (functions.length > 0)
    return functions.map(([, name = '', inner = '']) =>
      callOf(name, inner.matchAll(/<parameter=([^>\s]+)>([^]*?)(?:<\/parameter>|(?=<parameter=)|$)/g), tools),
    );
  const invokes = [...body.matchAll(/<[\w｜:]*invoke\s+name="([^"]+)">([^]*?)<\/[\w｜:]*invoke>/g)];
  if (invokes.length > 0) return invokes.map(([, name = '', inner = '']) => invokeOf(name, inner, tools));
  const miro = /<tool_name>\s*([^<\s]+)\s*<\/tool_name>\s*<arguments>\s*([^]*?)\s*<\/arguments>/.exec(body);
  if (miro) return [{ name: miro[1] ?? '', arguments: miro[2] ?? '' }];
  const glm = /^([\w.-]+)\s*(<(?:longcat_)?arg_key>[^]*)?$/.exec(body);
  // A single word is a call only where it is the name of a tool.
  if (!glm || (glm[2] === undefined && !tools.some(({ name }) => name === glm[1]))) return null;
  const pairs = (glm[2] ?? '').matchAll(
    /<(?:longcat_)?arg_key>([^]*?)<\/(?:longcat_)?arg_key>\s*<(?:longcat_)?arg_value>([^]*?)<\/(?:longcat_)?arg_value>/g,
  );
  return [callOf(glm[1] ?? '', pairs, tools)];
}

/** DeepSeek V3.2 says of each value whether it is a text or JSON; elsewhere the tool's schema tells. */
function invokeOf(name: string, inner: string, tools: readonly KnownTool[]): TaggedCall {
  const parameters = inner.matchAll(
    /<[\w｜:]*parameter\s+name="([^"]+)"(?:\s+string="(true|false)")?\s*>([^]*?)<\/[\w｜:]*parameter>/g,
  );
  return {
    name,
    arguments: Object.fromEntries(
      [...parameters].map(([, key = '', isText, value = '']) => [
        key,
        valueOf(
          value.replace(/^\n/, '').replace(/\n$/, ''),
          isText === 'true' ? 'string' : isText === 'false' ? 'any' : typeOf(tools, name, key),
        ),
      ]),
    ),
  };
}

function typeOf(tools: readonly KnownTool[], name: string, key: string): unknown {
  const schema = tools.find((tool) => tool.name === name)?.parameters?.['properties'];
  return (schema as Record<string, { type?: unknown } | undefined> | undefined)?.[key]?.type;
}

function callOf(name: string, pairs: Iterable<RegExpExecArray>, tools: readonly KnownTool[]): TaggedCall {
  return {
    name,
    arguments: Object.fromEntries(
      [...pairs].map(([, key = '', value = '']) => [
        key.trim(),
        // One line break on each side is part of the tags.
        valueOf(value.replace(/^\n/, '').replace(/\n$/, ''), typeOf(tools, name, key.trim())),
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
