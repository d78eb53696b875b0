/** Calls with their name or arguments between tags: with the arguments as JSON after the name, or with a tag for each. */
import { orderedObject } from '../../../preload/wire/json.ts';
import { partOf, readAnyValue, readArgument, type ValueSchema } from './argument-values.ts';
import { minimaxMark, readMinimaxCalls } from './minimax-calls.ts';
import { along, keyOf, taggedTexts, withoutBreaks } from './tagged-texts.ts';
import { sections } from './text-cursor.ts';

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

/** The tags of these forms; a vocabulary has each as a special token. */
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
  minimaxMark,
];

type Reader = (body: string, tools: readonly KnownTool[]) => readonly TaggedCall[] | null;

/**
 * The calls in the body between the marks of a form; null when it is none of these. What a body has is never dropped: where it is no
 * arguments, the call's arguments are that text, which a caller refuses. Each reader takes time in proportion to the body.
 */
export function readTaggedCalls(body: string, tools: readonly KnownTool[]): readonly TaggedCall[] | null {
  for (const read of readers) {
    const calls = read(body, tools);
    if (calls) return calls;
  }
  return null;
}

const readers: readonly Reader[] = [
  // DeepSeek V3 and R1 write the type and then the name, V3.1 the name only.
  (body) =>
    readSections(body, '<｜tool▁call▁begin｜>', '<｜tool▁call▁end｜>', (section) => {
      const [name, values] = cut(section, '<｜tool▁sep｜>') ?? [];
      if (name === undefined || values === undefined) return null;
      return (name.trim() === 'function' ? fenced(values) : null) ?? { name: name.trim(), arguments: values };
    }),
  // Kimi K2: `functions.NAME:0`.
  (body) =>
    readSections(closedWith(body, '<|tool_call_end|>'), '<|tool_call_begin|>', '<|tool_call_end|>', (section) => {
      const [id, values] = cut(section, '<|tool_call_argument_begin|>') ?? [];
      const name = /^[\w.-]+(?=(?::\d+)?$)/.exec(id?.trim() ?? '')?.[0];
      return name === undefined || values === undefined ? null : { name, arguments: values };
    }),
  readKimi3,
  // Solar Open.
  (body) =>
    readSections(body, '<|tool_call:begin|>', '<|tool_call:end|>', (section) => {
      const [name, values] = cut(cut(section, '<|tool_call:name|>')?.[1] ?? '', '<|tool_call:args|>') ?? [];
      return name === undefined || values === undefined ? null : { name: name.trim(), arguments: values };
    }),
  // Hunyuan, several calls and one.
  (body) => readSections(body, '<tool_call>', '</tool_call>', fenced),
  (body) => {
    const call = fenced(body);
    return call && [call];
  },
  readGlm,
  (body, tools) => readMinimaxCalls(body, (name) => schemaOf(name, tools)),
  readFunctions,
  // Step 3.
  (body, tools) =>
    readSections(body, '<｜tool_call_begin｜>', '<｜tool_call_end｜>', (section) => {
      const [kind, invoke] = cut(section, '<｜tool_sep｜>') ?? [];
      return kind?.trim() === 'function' && invoke !== undefined ? (readInvokes(invoke, tools)?.[0] ?? null) : null;
    }),
  readInvokes,
  readMiro,
  // gpt-oss.
  (body) => {
    const [name = '', values = ''] = cut(body, '<|message|>') ?? [];
    return isName(name) ? [{ name, arguments: values }] : null;
  },
];

/** The body with this end, which a model may leave out behind its last call. */
const closedWith = (body: string, close: string): string => (body.includes(close) ? body : body + close);

/**
 * Kimi K3's `<|open|>call tool="NAME" index="1"<|sep|>` with tags in the same way for each argument, `argument key="KEY" type="TYPE"`, or
 * one of all of them, `json type="object"`.
 */
function readKimi3(body: string, tools: readonly KnownTool[]): readonly TaggedCall[] | null {
  const attribute = (text: string, name: string): string | undefined =>
    new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(text)?.[1]?.replaceAll('&quot;', '"').replaceAll('&amp;', '&');
  const tagsOf = (text: string, tag: string): readonly (readonly [string, string])[] =>
    sections(text, `<|open|>${tag} `, `<|close|>${tag}<|sep|>`).flatMap((section) => {
      const parts = cut(section, '<|sep|>');
      return parts ? [parts] : [];
    });
  const calls = tagsOf(body, 'call').map(([tag, inner]) => {
    const [json] = tagsOf(inner, 'json');
    if (json) return { name: attribute(tag, 'tool') ?? '', arguments: json[1] };
    const pairs = tagsOf(inner, 'argument').map(([head, text]): Pair => {
      return { key: attribute(head, 'key') ?? '', text, isText: attribute(head, 'type') === 'string' };
    });
    return callOf(attribute(tag, 'tool') ?? '', inner, pairs, tools);
  });
  return calls.length > 0 ? calls : null;
}

const isName = (text: string): boolean => /^[\w.-]+$/.test(text);

/** The texts before and behind the first mark; null without it. */
function cut(text: string, mark: string): readonly [string, string] | null {
  const at = text.indexOf(mark);
  return at < 0 ? null : [text.slice(0, at), text.slice(at + mark.length)];
}

/** The calls of all sections; null where there is none, or one that is no call. */
function readSections(
  body: string,
  open: string,
  close: string,
  read: (section: string) => TaggedCall | null,
): readonly TaggedCall[] | null {
  const found = sections(body, open, close).map(read);
  const calls = found.filter((call) => call !== null);
  return calls.length > 0 && calls.length === found.length ? calls : null;
}

/** A name, then JSON in a fence. R1 writes no line break before the fence's end. */
function fenced(text: string): TaggedCall | null {
  const [name = '', rest = ''] = cut(text, '```json') ?? [];
  const values = rest.trimEnd();
  return isName(name.trim()) && values.endsWith('```') ? { name: name.trim(), arguments: values.slice(0, -3) } : null;
}

/** GLM's `NAME<arg_key>KEY</arg_key><arg_value>value</arg_value>`, also with LongCat's tags. */
function readGlm(body: string, tools: readonly KnownTool[]): readonly TaggedCall[] | null {
  const name = /^[\w.-]+/.exec(body)?.[0];
  if (name === undefined) return null;
  const rest = body.slice(name.length).trim();
  // A single word is a call only where it is the name of a tool.
  if (rest === '') return tools.some((tool) => tool.name === name) ? [{ name, arguments: {} }] : null;
  const prefix = /^<(longcat_|)arg_key>/.exec(rest)?.[1];
  if (prefix === undefined) return null;
  const pairs: Pair[] = [];
  for (let left = rest; left !== '';) {
    const [before, afterKey] = cut(left, `<${prefix}arg_key>`) ?? [];
    const [key, afterEnd] = cut(afterKey ?? '', `</${prefix}arg_key>`) ?? [];
    const [between, afterOpen] = cut(afterEnd ?? '', `<${prefix}arg_value>`) ?? [];
    const [text, next] = cut(afterOpen ?? '', `</${prefix}arg_value>`) ?? [];
    if (key === undefined || text === undefined || before?.trim() !== '' || between?.trim() !== '')
      return [{ name, arguments: rest }];
    pairs.push({ key: key.trim(), text: withoutBreaks(text) });
    left = next?.trimStart() ?? '';
  }
  return [callOf(name, rest, pairs, tools)];
}

/**
 * Qwen3-Coder's `<function=NAME><parameter=KEY>value</parameter></function>`, MiniCPM5's `<function name="NAME"><param name="KEY">…`, and
 * Functionary's `<function=NAME>{…}</function>`. A model may leave out the last end tags.
 */
function readFunctions(body: string, tools: readonly KnownTool[]): readonly TaggedCall[] | null {
  const invoke = body.search(invokeOpen);
  const open = /<function(?:=([^<>\s]+)|\s+name="([^"<>]*)")\s*>/g;
  const calls: TaggedCall[] = [];
  const ends = [...body.matchAll(/<\/function>/g)];
  const end = along(ends);
  const lastEnd = along(ends.filter(({ index }) => isCallEnd(body, index + '</function>'.length)));
  for (let match = open.exec(body); match; match = open.exec(body)) {
    if (calls.length === 0 && invoke >= 0 && invoke < match.index) return null;
    const from = open.lastIndex;
    const json = /\s*([{"])/y;
    json.lastIndex = from;
    const first = json.exec(body)?.[1];
    let to = (first === undefined ? lastEnd(from) : undefined) ?? end(from);
    if (first !== undefined) {
      // An end within the JSON is part of one of its texts.
      const last = first === '{' ? '}' : first;
      while (to && !body.slice(from, to.index).trimEnd().endsWith(last)) to = end(to.index + 1);
    }
    const inner = body.slice(from, to?.index);
    open.lastIndex = to?.index ?? body.length;
    const name = match[1] ?? match[2] ?? '';
    const pairs = first === undefined ? parametersOf(inner, schemaOf(name, tools)) : null;
    calls.push(callOf(name, inner, pairs ?? [], tools));
  }
  return calls.length > 0 ? calls : null;
}

/** Whether the end of a call stands before `at`, and not that tag within a value: the next call, an outer end or nothing follows. */
function isCallEnd(body: string, at: number): boolean {
  const following = /\s*(?:$|<function[=\s]|<\/(?!param)|<tool_call>)/y;
  following.lastIndex = at;
  return following.test(body);
}

/** A parameter ends with its tag, with the next one's or with the call. Null where something else stands between them. */
function parametersOf(inner: string, schema: ValueSchema): readonly Pair[] | null {
  for (const tag of ['parameter', 'param']) {
    const texts = taggedTexts(inner, {
      open: new RegExp(`<${tag}(?:=([^<>\\s]+)|\\s+name="([^"<>]*)")\\s*>`, 'g'),
      close: new RegExp(`</${tag}>`, 'g'),
      isKey: (key) => schema.schema === undefined || partOf(schema, key).schema !== undefined,
    });
    if (texts && texts.length > 0)
      return texts.map(({ open, text }) => ({ key: keyOf(open), text: withoutBreaks(text) }));
  }
  return null;
}

const invokeOpen = /<[\w｜:]*invoke\s+name="([^"]+)"\s*>/g;
const invokeClose = /<\/[\w｜:]*invoke>/g;
const parameterOpen = /<[\w｜:]*parameter\s+name="([^"]+)"(?:\s+string="(true|false)")?\s*>/g;
const parameterClose = /<\/[\w｜:]*parameter>/g;

/**
 * `<invoke name="NAME"><parameter name="KEY">value</parameter></invoke>` of MiniMax, DeepSeek V3.2 and V4 and Step 3, each with a prefix
 * of its own. DeepSeek says of each value whether it is a text or JSON.
 */
function readInvokes(body: string, tools: readonly KnownTool[]): readonly TaggedCall[] | null {
  const calls = taggedTexts(body, { open: invokeOpen, close: invokeClose })?.map(({ open, text }) => {
    const pairs = taggedTexts(text, { open: parameterOpen, close: parameterClose })?.map((parameter): Pair => {
      const isText = parameter.open[2];
      return {
        key: keyOf(parameter.open),
        text: parameter.text,
        ...(isText === undefined ? {} : { isText: isText === 'true' }),
      };
    });
    return callOf(keyOf(open), text, pairs ?? [], tools);
  });
  return calls && calls.length > 0 ? calls : null;
}

function readMiro(body: string): readonly TaggedCall[] | null {
  const [, rest = ''] = cut(body, '<tool_name>') ?? [];
  const [name = '', behind = ''] = cut(rest, '</tool_name>') ?? [];
  const [gap, values = ''] = cut(behind, '<arguments>') ?? [];
  const [text] = cut(values, '</arguments>') ?? [];
  return gap?.trim() === '' && text !== undefined ? [{ name: name.trim(), arguments: text }] : null;
}

interface Pair {
  readonly key: string;
  readonly text: string;
  /** Whether the model says that it is a text; undefined where the schema tells. */
  readonly isText?: boolean;
}

/** The call with these arguments. A body without one, which isn't empty either, is the arguments itself: JSON, or malformed. */
function callOf(name: string, body: string, pairs: readonly Pair[], tools: readonly KnownTool[]): TaggedCall {
  if (pairs.length === 0 && body.trim() !== '') return { name, arguments: body.trim() };
  const schema = schemaOf(name, tools);
  return {
    name,
    arguments: orderedObject(
      pairs.map(({ key, text, isText }) => [
        key,
        isText === true ? text : isText === false ? readAnyValue(text) : readArgument(text, partOf(schema, key)),
      ]),
    ),
  };
}

/** The schema of a tool's arguments; one that says nothing for a tool that isn't known. */
function schemaOf(name: string, tools: readonly KnownTool[]): ValueSchema {
  const schema = tools.find((tool) => tool.name === name)?.parameters;
  return { schema, root: schema };
}
