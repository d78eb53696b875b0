/** Calls with their name or arguments between tags: with the arguments as JSON after the name, or with a tag for each. */
import { partOf, readAnyValue, readArgument, type ValueSchema } from './argument-values.ts';
import { minimaxMark, readMinimaxCalls } from './minimax-calls.ts';
import { createFinder, sections } from './text-cursor.ts';

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
  const invoke = body.search(invokeTags);
  const open = /<function(?:=([^<>\s]+)|\s+name="([^"<>]*)")\s*>/g;
  const calls: TaggedCall[] = [];
  const endAt = createFinder(body, '</function>');
  const dataAt = createFinder(body, DATA_OPEN);
  const dataEndAt = createFinder(body, DATA_CLOSE);
  for (let match = open.exec(body); match; match = open.exec(body)) {
    if (calls.length === 0 && invoke >= 0 && invoke < match.index) return null;
    const from = open.lastIndex;
    const json = /\s*([{"])/y;
    json.lastIndex = from;
    const first = json.exec(body)?.[1];
    let end = endAt(from);
    if (first !== undefined) {
      // An end within the JSON is part of one of its texts.
      const last = first === '{' ? '}' : first;
      while (end >= 0 && !body.slice(from, end).trimEnd().endsWith(last)) end = endAt(end + 1);
    } else if (match[2] !== undefined)
      for (let data = dataAt(from); data >= 0 && data < end; data = dataAt(data)) {
        data = dataEndAt(data);
        if (data < 0) break;
        end = endAt(data);
      }
    const inner = body.slice(from, end < 0 ? body.length : end);
    open.lastIndex = end < 0 ? body.length : end;
    calls.push(callOf(match[1] ?? match[2] ?? '', inner, first === undefined ? parametersOf(inner) : [], tools));
  }
  return calls.length > 0 ? calls : null;
}

const DATA_OPEN = '<![CDATA[';
const DATA_CLOSE = ']]>';

/** A parameter ends with its tag, with the next one's or with the call. */
function parametersOf(inner: string): readonly Pair[] {
  const opens = [...inner.matchAll(/<(param(?:eter)?)(?:=([^<>\s]+)|\s+name="([^"<>]*)")\s*>/g)];
  const ends = { param: createFinder(inner, '</param>'), parameter: createFinder(inner, '</parameter>') };
  const dataEndAt = createFinder(inner, DATA_CLOSE);
  const pairs: Pair[] = [];
  let from = 0;
  for (const [at, open] of opens.entries()) {
    const start = open.index + open[0].length;
    if (open.index < from) continue;
    const key = open[2] ?? open[3] ?? '';
    const dataEnd = inner.startsWith(DATA_OPEN, start) ? dataEndAt(start) : -1;
    if (dataEnd >= 0) {
      pairs.push({ key, text: inner.slice(start + DATA_OPEN.length, dataEnd) });
      from = dataEnd;
      continue;
    }
    const next = opens[at + 1]?.index ?? inner.length;
    const end = ends[open[1] === 'param' ? 'param' : 'parameter'](start);
    pairs.push({ key, text: withoutBreaks(inner.slice(start, end < 0 ? next : Math.min(end, next))) });
  }
  return pairs;
}

const invokeTags = /<[\w｜:]*invoke\s+name="([^"]+)"\s*>|<\/[\w｜:]*invoke>/g;
const parameterTags = /<[\w｜:]*parameter\s+name="([^"]+)"(?:\s+string="(true|false)")?\s*>|<\/[\w｜:]*parameter>/g;

/**
 * `<invoke name="NAME"><parameter name="KEY">value</parameter></invoke>` of MiniMax, DeepSeek V3.2 and V4 and Step 3, each with a prefix
 * of its own. DeepSeek says of each value whether it is a text or JSON.
 */
function readInvokes(body: string, tools: readonly KnownTool[]): readonly TaggedCall[] | null {
  const calls = between(body, invokeTags).map(({ open, text }) => {
    const pairs = between(text, parameterTags).map((parameter): Pair => {
      const isText = parameter.open[2];
      return {
        key: parameter.open[1] ?? '',
        text: withoutBreaks(parameter.text),
        ...(isText === undefined ? {} : { isText: isText === 'true' }),
      };
    });
    return callOf(open[1] ?? '', text, pairs, tools);
  });
  return calls.length > 0 ? calls : null;
}

/** The texts between an open tag, which has a group, and the next end, which has none. An open tag within one is part of it. */
function between(text: string, tags: RegExp): readonly { readonly open: RegExpExecArray; readonly text: string }[] {
  const found: { open: RegExpExecArray; text: string }[] = [];
  let open: RegExpExecArray | undefined;
  for (const tag of text.matchAll(tags))
    if (tag[1] !== undefined) open ??= tag;
    else if (open) {
      found.push({ open, text: text.slice(open.index + open[0].length, tag.index) });
      open = undefined;
    }
  return found;
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
    arguments: Object.fromEntries(
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

/** A line break behind the open tag is part of the tags, and then the one before the end is as well. */
function withoutBreaks(text: string): string {
  if (!text.startsWith('\n')) return text;
  return text.slice(1, text.length > 1 && text.endsWith('\n') ? -1 : undefined);
}
