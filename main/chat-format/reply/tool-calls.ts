/**
 * Separates tool calls from the text of a reply, while it streams. The forms are those that the model families document: Hermes and
 * Qwen `<tool_call>{…}</tool_call>`, Nemotron `<TOOLCALL>[…]</TOOLCALL>`, Mistral `[TOOL_CALLS]`, Granite `<|tool_call|>`, Llama 3
 * `<|python_tag|>` or JSON without a mark; and those of tagged-calls.ts. Calls of gpt-oss are read from the output of harmony.ts.
 */
import { heldBack } from './held-back.ts';
import { callMarks } from './harmony.ts';
import { readTaggedCalls, tagMarks, type KnownTool } from './tagged-calls.ts';

/** A call as the model wrote it. */
export interface FoundCall {
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** A piece of the reply, in order. A malformed call stays text, with the reason. */
export type ToolPiece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'call'; readonly call: FoundCall }
  | { readonly kind: 'malformed'; readonly text: string; readonly reason: string };

export interface ToolCallSplitter {
  push(text: string): ToolPiece[];
  end(): ToolPiece[];
}

/** The marks around calls in each family. Without `close` the body ends at the next mark or with the reply. */
const forms: readonly { readonly open: string; readonly close: string | null }[] = [
  { open: '<tool_call>', close: '</tool_call>' },
  { open: '<TOOLCALL>', close: '</TOOLCALL>' },
  { open: '[TOOL_CALLS]', close: null },
  { open: '<|tool_call|>', close: null },
  { open: '<|python_tag|>', close: null },
  { open: '<｜tool▁calls▁begin｜>', close: '<｜tool▁calls▁end｜>' },
  { open: '<|tool_calls_section_begin|>', close: '<|tool_calls_section_end|>' },
  callMarks,
];

/** Texts that a splitter needs. A vocabulary may have them as special tokens, which detokenizing leaves out. */
export const toolMarks: readonly string[] = [
  ...forms.flatMap(({ open, close }) => (close === null ? [open] : [open, close])),
  '[ARGS]',
  '[CALL_ID]',
  ...tagMarks,
];

/** The keys that a call without a mark may begin with. */
const bareKeys = ['name', 'type', 'function', 'arguments', 'parameters'];

/** A splitter for one reply. Only calls of these tools are recognized. White space around calls is dropped. */
export function createToolCallSplitter(tools: readonly KnownTool[]): ToolCallSplitter {
  let state: 'start' | 'text' | 'bare' | (typeof forms)[number] = 'start';
  let buffer = '';
  /** White space that is held back: it is text unless a call follows. */
  let space = '';
  let afterCall = false;

  const split = (atEnd: boolean): ToolPiece[] => {
    const pieces: ToolPiece[] = [];
    const giveText = (text: string): void => {
      const whole = afterCall ? (space + text).trimStart() : space + text;
      const kept = whole.trimEnd();
      space = whole.slice(kept.length);
      if (kept === '') return;
      afterCall = false;
      const last = pieces.at(-1);
      if (last?.kind === 'text') pieces[pieces.length - 1] = { kind: 'text', text: last.text + kept };
      else pieces.push({ kind: 'text', text: kept });
    };
    const giveCalls = (body: string, raw: string): void => {
      const found = readCalls(body, tools);
      if ('reason' in found) {
        pieces.push({ kind: 'malformed', text: space + raw, reason: found.reason });
        afterCall = false;
      } else {
        pieces.push(...found.calls.map((call): ToolPiece => ({ kind: 'call', call })));
        afterCall = true;
      }
      space = '';
    };

    for (;;) {
      if (state === 'start') {
        const text = buffer.trimStart();
        if (text === '' && !atEnd) break;
        state = text.startsWith('{') ? 'bare' : 'text';
        continue;
      }
      if (state === 'bare') {
        const key = /^\s*\{\s*"([^"]*)("?)/.exec(buffer);
        const mayBe = key
          ? bareKeys.some((one) => (key[2] === '' ? one.startsWith(key[1] ?? '') : one === key[1]))
          : /^\s*\{\s*$/.test(buffer);
        if (mayBe && !atEnd) break;
        state = 'text';
        // JSON that names no tool is the answer itself.
        const name = /"(?:name|function)"\s*:\s*"([^"]*)"/.exec(buffer)?.[1];
        if (!mayBe || name === undefined || !tools.some((tool) => tool.name === name)) continue;
        giveCalls(buffer.trim(), buffer);
        buffer = '';
        continue;
      }
      if (state === 'text') {
        const next = forms
          .map((form) => ({ form, at: buffer.indexOf(form.open) }))
          .filter(({ at }) => at >= 0)
          .sort((a, b) => a.at - b.at)[0];
        if (next) {
          giveText(buffer.slice(0, next.at));
          buffer = buffer.slice(next.at + next.form.open.length);
          state = next.form;
          continue;
        }
        const held = atEnd ? 0 : Math.max(...forms.map(({ open }) => heldBack(buffer, open)));
        giveText(buffer.slice(0, buffer.length - held));
        buffer = buffer.slice(buffer.length - held);
        break;
      }
      const { open, close }: (typeof forms)[number] = state;
      const at = buffer.indexOf(close ?? open);
      if (at < 0 && !atEnd) break;
      const body = at < 0 ? buffer : buffer.slice(0, at);
      const end = at >= 0 && close !== null ? at + close.length : body.length;
      const raw = open + buffer.slice(0, end);
      buffer = buffer.slice(end);
      state = 'text';
      giveCalls(body.trim(), raw);
    }
    if (atEnd && space !== '' && !afterCall) pieces.push({ kind: 'text', text: space });
    return pieces;
  };

  return {
    push(text) {
      buffer += text;
      return split(false);
    },
    end: () => split(true),
  };
}

type Read = { readonly calls: readonly FoundCall[] } | { readonly reason: string };

/** The calls of a body: one object, a list, several objects in a row, or Mistral's `name[ARGS]{…}`. */
function readCalls(body: string, tools: readonly KnownTool[]): Read {
  const named = /^([\w.-]+)\s*(?:\[CALL_ID\]\s*[\w-]+\s*)?(?:\[ARGS\])?\s*(\{[\s\S]*\})$/.exec(body);
  const values = named
    ? [{ name: named[1], arguments: parse(named[2] ?? '') }]
    : (parseAll(body) ?? readTaggedCalls(body, tools));
  if (values === null) return { reason: 'It is not JSON.' };
  const calls: FoundCall[] = [];
  for (const value of values) {
    const call = callOf(value);
    if (typeof call === 'string') return { reason: call };
    if (!tools.some(({ name }) => name === call.name))
      return { reason: `There is no tool named ${call.name.slice(0, 100)}.` };
    calls.push(call);
  }
  return calls.length > 0 ? { calls } : { reason: 'It is empty.' };
}

/** The JSON value of a text; undefined when the text is not JSON. */
function parse(text: string): unknown {
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

function parseAll(body: string): unknown[] | undefined {
  const whole = parse(body);
  if (whole !== undefined) return Array.isArray(whole) ? (whole as unknown[]) : [whole];
  const values = body.split(/(?<=\})\s*;?\s*(?=\{\s*"(?:name|type|function)")/).map(parse);
  return values.includes(undefined) ? undefined : values;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A call, or why it is malformed. Llama names the arguments `parameters`; some models write them as JSON within a string. */
function callOf(value: unknown): FoundCall | string {
  if (!isObject(value)) return 'It is not an object.';
  const inner = isObject(value['function']) ? value['function'] : value;
  const { name } = inner;
  if (typeof name !== 'string' || name === '') return 'It has no name.';
  const given = inner['arguments'] ?? inner['parameters'] ?? {};
  const read = typeof given === 'string' ? parse(given) : given;
  return isObject(read) ? { name, arguments: read } : 'Its arguments are not an object.';
}
