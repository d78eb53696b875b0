/**
 * Marks in the messages that a template copies into its output: private-use characters around text that looks like a special token and
 * must stay text, and around each message. They tell what of the output came from where, and never reach the model.
 */
import type { TemplateMessage } from '../../../chat-format/template/flatten.ts';
import type { TextOrigin, ToolCall, ToolDefinition } from '../../../chat-format/messages.ts';
import { orderedObject, readExactJson } from '../../../../preload/wire/json.ts';

export type Origin = 'template' | 'system' | 'history' | 'message' | TextOrigin;

const HIDE_OPEN = '\uE000';
const HIDE_CLOSE = '\uE001';
/** Between the characters of a hidden text, so that neither the template nor the tokenizer finds it. */
const HIDE_APART = '\uE002';
const ORIGIN_OPEN: Readonly<Record<Exclude<Origin, 'template'>, string>> = {
  system: '\uE003',
  history: '\uE004',
  message: '\uE005',
  summary: '\uE007',
  recalled: '\uE008',
  files: '\uE009',
};
const ORIGIN_CLOSE = '\uE006';
const originOfMark = new Map(
  Object.entries(ORIGIN_OPEN).map(([origin, mark]) => [mark, origin as Exclude<Origin, 'template'>]),
);
const BEGINNING_CHARS = 2;
const anyMark = /[\uE000-\uE009]/g;

export interface MarkedText {
  /** Without the marks. */
  readonly text: string;
  readonly hidden: readonly { readonly start: number; readonly end: number }[];
  readonly origins: readonly { readonly start: number; readonly end: number; readonly origin: Origin }[];
}

export interface Marks {
  /** The messages with every special text in them marked. Marks that a message brings along are dropped. */
  hide(messages: readonly TemplateMessage[]): TemplateMessage[];
  hideTools(tools: readonly ToolDefinition[]): ToolDefinition[];
  /** The messages with their origin marked, inside the white space around them, which templates trim. */
  withOrigins(messages: readonly TemplateMessage[]): TemplateMessage[];
  /** Removes the marks from a rendered text and returns their positions. */
  read(rendered: string): MarkedText;
  /** Finds the messages in the output of a template that dropped or changed the marks of origin. */
  search(text: string, messages: readonly TemplateMessage[]): MarkedText['origins'];
}

/** The texts of a message that are of another origin than the rest of it, with their places in its text, in order. */
function asidesIn(
  text: string,
  { asides = [] }: TemplateMessage,
): { start: number; end: number; origin: TextOrigin }[] {
  let from = 0;
  return asides.flatMap(({ origin, text: aside }) => {
    // A shortened message may have lost it, and what a template wrote has no marks.
    for (const form of [aside, aside.replace(anyMark, '')]) {
      const start = form === '' ? -1 : text.indexOf(form, from);
      if (start < 0) continue;
      from = start + form.length;
      return [{ start, end: from, origin }];
    }
    return [];
  });
}

const originOf = (messages: readonly TemplateMessage[], index: number): Exclude<Origin, 'template'> => {
  const role = messages[index]?.role;
  if (role === 'system') return 'system';
  return role === 'user' && index === messages.length - 1 ? 'message' : 'history';
};

/** Marks for a vocabulary whose special tokens have these texts, longest first. */
export function createMarks(specialTexts: readonly string[]): Marks {
  const beginnings = new Set(specialTexts.map((text) => text.slice(0, BEGINNING_CHARS)));
  const hideText = (content: string): string => {
    let hidden = content.replace(anyMark, '');
    // Some vocabularies have thousands of special tokens, of which a long text is searched for the beginnings alone.
    const present = new Set([...beginnings].filter((beginning) => hidden.includes(beginning)));
    if (present.size === 0) return hidden;
    for (const text of specialTexts)
      if (present.has(text.slice(0, BEGINNING_CHARS)) && hidden.includes(text))
        hidden = hidden.replaceAll(text, () => HIDE_OPEN + [...text].join(HIDE_APART) + HIDE_CLOSE);
    return hidden;
  };
  /** Hides every string in a JSON value, keys included: arguments of a call come from a model. */
  const hideDeep = <T>(value: T): T => {
    const deep = (one: unknown): unknown => {
      if (typeof one === 'string') return hideText(one);
      if (Array.isArray(one)) return one.map(deep);
      if (typeof one !== 'object' || one === null || JSON.isRawJSON(one)) return one;
      return orderedObject(Object.entries(one).map(([key, inner]) => [hideText(key), deep(inner)]));
    };
    return deep(value) as T;
  };
  // Within the JSON a special text may be written with escapes.
  const hideCall = (call: ToolCall): ToolCall => ({
    ...hideDeep(call),
    arguments: JSON.stringify(hideDeep(readExactJson(call.arguments))),
  });
  return {
    hide: (messages) =>
      messages.map(({ toolCalls, ...message }) => ({
        ...hideDeep(message),
        ...(toolCalls ? { toolCalls: toolCalls.map(hideCall) } : {}),
      })),
    hideTools: (tools) => tools.map((tool) => hideDeep(tool)),
    withOrigins: (messages) =>
      messages.map((message, index) => {
        const core = message.content.trim();
        if (core === '') return message;
        const at = message.content.indexOf(core);
        const own = ORIGIN_OPEN[originOf(messages, index)];
        let marked = '';
        let last = 0;
        const add = (end: number, mark: string): void => {
          if (end > last) marked += mark + core.slice(last, end) + ORIGIN_CLOSE;
          last = end;
        };
        for (const { start, end, origin } of asidesIn(core, message)) {
          add(start, own);
          add(end, ORIGIN_OPEN[origin]);
        }
        add(core.length, own);
        return { ...message, content: message.content.slice(0, at) + marked + message.content.slice(at + core.length) };
      }),
    read(rendered) {
      if (rendered.search(anyMark) < 0) return { text: rendered, hidden: [], origins: [] };
      let text = '';
      const hidden: { start: number; end: number }[] = [];
      const origins: { start: number; end: number; origin: Origin }[] = [];
      let hideStart = 0;
      let open: { start: number; origin: Origin } | undefined;
      let last = 0;
      for (const match of rendered.matchAll(anyMark)) {
        text += rendered.slice(last, match.index);
        last = match.index + 1;
        const mark = match[0];
        if (mark === HIDE_OPEN) hideStart = text.length;
        else if (mark === HIDE_CLOSE) hidden.push({ start: hideStart, end: text.length });
        else if (mark === ORIGIN_CLOSE) {
          if (open) origins.push({ ...open, end: text.length });
          open = undefined;
        } else if (mark !== HIDE_APART) {
          const origin = originOfMark.get(mark);
          if (origin) open = { start: text.length, origin };
        }
      }
      text += rendered.slice(last);
      return { text, hidden, origins };
    },
    search(text, messages) {
      const origins: { start: number; end: number; origin: Origin }[] = [];
      let from = 0;
      messages.forEach((message, index) => {
        const core = message.content.replace(anyMark, '').trim();
        const start = core === '' ? -1 : text.indexOf(core, from);
        if (start < 0) return;
        from = start + core.length;
        let last = start;
        const add = (end: number, origin: Origin): void => {
          if (end > last) origins.push({ start: last, end, origin });
          last = end;
        };
        for (const aside of asidesIn(core, message)) {
          add(start + aside.start, originOf(messages, index));
          add(start + aside.end, aside.origin);
        }
        add(from, originOf(messages, index));
      });
      return origins;
    },
  };
}
