/** Separates tool calls from the text of a reply, while it streams. The forms are those of call-forms.ts, and JSON without a mark. */
import { createTextWatch, readCalls, type FoundCall, type ReadCalls } from './call-bodies.ts';
import { callForms, strayCloses, type CallForm } from './call-forms.ts';
import { heldBack } from './held-back.ts';
import { mayBeginPythonList } from './python-calls.ts';
import type { KnownTool } from './tagged-calls.ts';
import { createFinder } from './text-cursor.ts';

/** A piece of the reply, in order. A malformed call stays text, with the reason. */
export type ToolPiece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'call'; readonly call: FoundCall }
  | { readonly kind: 'malformed'; readonly text: string; readonly reason: string };

export interface ToolCallSplitter {
  push(text: string): ToolPiece[];
  end(): ToolPiece[];
  /** What is there so far behind the mark of a call that is being written; null outside of calls. */
  body(): CallBody | null;
}

/** The body of a call that is being written. */
export interface CallBody {
  readonly text: string;
  /** The mark that ends it where that is one of plain text behind JSON; null elsewhere. */
  readonly close: string | null;
}

/** The keys that a call without a mark may begin with. */
const bareKeys = ['name', 'type', 'function', 'arguments', 'parameters', 'tool_name', 'tool_call_id', 'id'];

/** A form that begins where the reply does, without a mark: JSON, a list of it, or a list as Python writes it. */
const bareForm: CallForm = { open: '', closes: ['</tool_call>'], isCommon: true };
/** A long text is taken in steps of so many letters, because each mark in it is looked for up to the end of what is there. */
export const STEP_LENGTH = 4096;
/** Whether a text without a mark may be a call is known within so many letters. */
const CALL_BEGINS_WITHIN = 1000;
/** Functionary 3.2 gives the name of who is spoken to, `all` for the user, and the template has written the mark before it. */
const RECIPIENT = '>>>';

/**
 * A splitter for one reply. Only calls of these tools are recognized; null takes any name.
 * `prompt` is the rendered prompt, which may have begun the form. White space around calls is dropped.
 */
export function createToolCallSplitter(tools: readonly KnownTool[] | null, prompt = ''): ToolCallSplitter {
  const toRecipients = prompt.trimEnd().endsWith(RECIPIENT);
  let state: 'start' | 'text' | 'recipient' | CallForm = toRecipients ? 'recipient' : 'start';
  let buffer = '';
  /** White space that is held back: it is text unless a call follows. */
  let space = '';
  let afterCall = false;
  /** Tells when the body of a form may have ended; null outside a form. */
  let watch: EndWatch | null = null;
  /** The body of the form begins as a call, whatever comes. */
  let hasBegun = false;
  const opens: readonly CallForm[] = toRecipients ? [...callForms, recipientForm] : callForms;

  const split = (atEnd: boolean): ToolPiece[] => {
    const pieces: ToolPiece[] = [];
    const giveText = (text: string): void => {
      if (text.trim() === '') {
        if (!afterCall) space += text;
        return;
      }
      const whole = afterCall ? (space + text).trimStart() : space + text;
      const kept = whole.trimEnd();
      space = whole.slice(kept.length);
      afterCall = false;
      const last = pieces.at(-1);
      if (last?.kind === 'text') pieces[pieces.length - 1] = { kind: 'text', text: last.text + kept };
      else pieces.push({ kind: 'text', text: kept });
    };
    const giveCalls = (body: string, raw: string, isCommon: boolean): void => {
      // Where no tools are known, common text is a call only with arguments.
      const isDoubtful = isCommon && tools === null && !/"(?:arguments|parameters)"\s*:|^<function[= ]|\w\(/.test(body);
      const found: ReadCalls = isDoubtful ? { reason: 'It has no arguments.' } : readCalls(body, tools);
      if ('calls' in found) {
        pieces.push(...found.calls.map((call): ToolPiece => ({ kind: 'call', call })));
        afterCall = true;
      } else if (isCommon && !namesTool(body)) {
        giveText(raw);
        return;
      } else {
        pieces.push({ kind: 'malformed', text: space + raw, reason: found.reason });
        afterCall = false;
      }
      space = '';
    };
    /** Text of a common form that was meant as a call of one of the tools. */
    const namesTool = (body: string): boolean => {
      const name = /"(?:name|function|tool_name)"\s*:\s*"([^"]*)"|^<function(?:=|\s+name=")([^"<>\s]+)/.exec(body);
      return (tools ?? []).some((tool) => tool.name === (name?.[1] ?? name?.[2]));
    };

    for (;;) {
      if (state === 'start') {
        const text = buffer.trimStart();
        if (text === '' && !atEnd) break;
        state = /^[[{]/.test(text) && mayBeCall(text) ? bareForm : 'text';
        continue;
      }
      if (state === 'recipient') {
        const line = buffer.indexOf('\n');
        if (line < 0 && !atEnd) break;
        const name = (line < 0 ? buffer : buffer.slice(0, line)).trim();
        buffer = line < 0 ? '' : buffer.slice(line + 1);
        if (name === 'all' || name === '') state = 'text';
        else {
          buffer = `${name}${buffer}`;
          state = { open: '', closes: [RECIPIENT] };
        }
        continue;
      }
      if (state === 'text') {
        const next = (toRecipients ? findFormOrRecipient : findForm)(buffer);
        const stray = afterCall ? findStray(buffer) : null;
        if (stray && buffer.slice(0, stray.at).trim() === '' && (!next || stray.at < next.at)) {
          buffer = withoutStrays(buffer.slice(stray.at));
          continue;
        }
        if (next) {
          giveText(buffer.slice(0, next.at));
          buffer = buffer.slice(next.at + next.form.open.length);
          state = next.form.open === RECIPIENT ? 'recipient' : next.form;
          continue;
        }
        const marks = [...opens.map(({ open }) => open), ...(afterCall ? strayCloses : [])];
        const held = atEnd ? 0 : Math.max(...marks.map((mark) => heldBack(buffer, mark)));
        giveText(buffer.slice(0, buffer.length - held));
        buffer = buffer.slice(buffer.length - held);
        break;
      }
      const form: CallForm = state;
      if (watch === null) {
        watch = createEndWatch(form, buffer);
        hasBegun = false;
      }
      if (form.isCommon && /(?:^|json)$/.test(form.open) && !atEnd && !hasBegun) {
        if (!mayBeCall(buffer.slice(0, CALL_BEGINS_WITHIN))) {
          giveText(form.open);
          state = 'text';
          watch = null;
          continue;
        }
        hasBegun = buffer.length > CALL_BEGINS_WITHIN;
      }
      if (!atEnd && !watch.mayHaveEnded()) break;
      const end = endOf(form, buffer, atEnd);
      if (!end) break;
      watch = null;
      const raw = form.open + buffer.slice(0, end.rawLength);
      const body = form.isWhole ? raw : buffer.slice(0, end.bodyLength);
      buffer = buffer.slice(end.rawLength);
      // A recipient's mark begins the next one.
      state = form.closes[0] === RECIPIENT && end.rawLength > end.bodyLength ? 'recipient' : 'text';
      giveCalls(body.trim(), raw, form.isCommon ?? false);
    }
    if (atEnd && space !== '' && !afterCall) pieces.push({ kind: 'text', text: space });
    return pieces;
  };

  return {
    push(text) {
      const pieces: ToolPiece[] = [];
      for (let at = 0; at < text.length; at += STEP_LENGTH) {
        const next = text.slice(at, at + STEP_LENGTH);
        buffer += next;
        watch?.push(next);
        pieces.push(...split(false));
      }
      return pieces;
    },
    end: () => split(true),
    body: () =>
      typeof state === 'string' ? null : { text: buffer, close: state.open === '<tool_call>' ? '</tool_call>' : null },
  };
}

/** A text without the ends of calls that it begins with, and white space between them. */
function withoutStrays(text: string): string {
  let rest = text;
  for (;;) {
    const next = rest.trimStart();
    const stray = strayCloses.find((close) => next.startsWith(close));
    if (stray === undefined) return rest;
    rest = next.slice(stray.length);
  }
}

/** Finds the first of the forms' marks in a text; of several at one place the longest. What stands behind it is not looked at. */
export function createMarkFinder(forms: readonly CallForm[]): (text: string) => FoundMark | null {
  const byOpen = new Map(forms.map((form) => [form.open, form]));
  const marks = [...byOpen.keys()].toSorted((a, b) => b.length - a.length);
  const any = new RegExp(marks.map((mark) => mark.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|'));
  return (text) => {
    const found = any.exec(text);
    const form = found ? byOpen.get(found[0]) : undefined;
    return found && form ? { form, at: found.index } : null;
  };
}
interface FoundMark {
  readonly form: CallForm;
  readonly at: number;
}
const findForm = createMarkFinder(callForms);
const recipientForm: CallForm = { open: RECIPIENT, closes: [] };
const findFormOrRecipient = createMarkFinder([...callForms, recipientForm]);
const findStray = createMarkFinder(strayCloses.map((open) => ({ open, closes: [] })));

/** Whether a text without a mark may still become a call. */
function mayBeCall(text: string): boolean {
  const first = /^\s*\[?\s*(?:\{\s*(?:["']([^"']*)(["']?))?)?/.exec(text);
  const rest = text.slice(first?.[0].length ?? 0);
  if (first?.[1] === undefined) return rest === '' || mayBeginPythonList(text.trimStart());
  return bareKeys.some((key) => (first[2] === '' ? key.startsWith(first[1] ?? '') : key === first[1]));
}

/** Bodies of so many letters are looked through for their end with each mark, longer ones once they have grown by a fiftieth. */
const SHORT_BODY = 4096;

interface EndWatch {
  push(text: string): void;
  /** Whether the body is to be looked through: a mark that may end it has come since that was last done. */
  mayHaveEnded(): boolean;
}

/** Watches a body that grows. Only what is new is looked at: the whole is copied whenever it is. */
function createEndWatch({ open, closes, repeats }: CallForm, body: string): EndWatch {
  const marks = [...closes, ...(repeats ? [open] : [])];
  const longest = Math.max(1, ...marks.map((mark) => mark.length));
  let { length } = body;
  let fresh = body;
  let hasMark = false;
  let nextLength = 0;
  return {
    push(text) {
      length += text.length;
      fresh += text;
    },
    mayHaveEnded() {
      hasMark ||= marks.some((mark) => fresh.includes(mark));
      fresh = fresh.slice(Math.max(0, fresh.length - longest + 1));
      if (!hasMark || length < nextLength) return false;
      hasMark = false;
      nextLength = length > SHORT_BODY ? length * 1.02 : 0;
      return true;
    },
  };
}

/** The end of a form's body in `buffer`; null while more may come. A mark within a text of JSON, or before the last tag, is none. */
function endOf(
  form: CallForm,
  buffer: string,
  atEnd: boolean,
): { readonly bodyLength: number; readonly rawLength: number } | null {
  const marks = [...form.closes, ...(form.repeats ? [form.open] : [])].map((mark) => ({
    mark,
    find: createFinder(buffer, mark),
  }));
  // Most pieces of a streamed body hold no end, and then nothing else is looked for.
  let watch: ((length: number) => boolean) | undefined;
  const isUnfinished = (length: number): boolean => (watch ??= createUnfinishedWatch(form, buffer))(length);
  let first: { bodyLength: number; rawLength: number } | null = null;
  for (let from = 0; ;) {
    const close = marks
      .map(({ mark, find }) => ({ mark, at: find(from) }))
      .filter(({ at }) => at >= 0)
      .sort((a, b) => a.at - b.at)[0];
    if (!close) {
      if (!atEnd) return null;
      return first && isUnfinished(buffer.length) ? first : { bodyLength: buffer.length, rawLength: buffer.length };
    }
    const end = {
      bodyLength: close.at,
      // The next call's mark stays.
      rawLength: form.repeats && close.mark === form.open ? close.at : close.at + close.mark.length,
    };
    if (!isUnfinished(close.at)) return end;
    first ??= end;
    from = close.at + close.mark.length;
  }
}

/** Tells of growing lengths of a body whether it ends there within a text of JSON, or before the end of a function's tag or of its data. */
function createUnfinishedWatch(form: CallForm, body: string): (length: number) => boolean {
  const isInText = createTextWatch(body);
  const isInFunction = createPairWatch(body, '<function=', '</function>');
  const isInData = form.open === '<function name="' ? createPairWatch(body, '<![CDATA[', ']]>') : () => false;
  return (length) => isInText(length) || isInFunction(length) || isInData(length);
}

/** Tells of growing lengths of a text whether an `open` stands there without a `close` behind it. */
function createPairWatch(text: string, open: string, close: string): (length: number) => boolean {
  const isOpen = createFinder(text, open);
  const isClosed = createFinder(text, close);
  let at = isOpen(0);
  return (length) => {
    while (at >= 0 && at < length) {
      const end = isClosed(at);
      if (end < 0 || end + close.length > length) return at + open.length <= length;
      at = isOpen(end);
    }
    return false;
  };
}
