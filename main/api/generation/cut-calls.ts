/** Takes the beginning of a call that was cut off out of a reply's text: it is neither a call nor meant to be read. */
import { heldBack } from '../../chat-format/reply/held-back.ts';
import { toolMarks } from '../../chat-format/reply/call-forms.ts';
import type { ReplyEvent } from '../../inference/inference.ts';

type Text = Extract<ReplyEvent, { readonly type: 'text' }>;
type Malformed = Extract<ReplyEvent, { readonly type: 'malformed_tool_call' }>;

/** Less of a mark may be other text. */
const LEAST_MARK_CHARS = 3;

/** The number of characters at the end of a text that begin a mark. */
const begunMark = (text: string): number => {
  const most = Math.max(...toolMarks.map((mark) => heldBack(text, mark)));
  return most < LEAST_MARK_CHARS ? 0 : most;
};
/** Text with the beginning of a call comes in one event, right before the word that it is none; that with the beginning of a mark comes last. */
const mayHaveCall = ({ content }: Text): boolean =>
  /[[{]/.test(content) || toolMarks.some((mark) => content.includes(mark)) || begunMark(content) > 0;

/**
 * The same events. Where the reply was cut by its limit or by the end of the context in the middle of a call, its text ends before the call.
 * Text that may have a call in it is held back for one event.
 */
export async function* withoutCutCalls(events: AsyncIterable<ReplyEvent>): AsyncGenerator<ReplyEvent> {
  let held: Text | null = null;
  let malformed: Malformed[] = [];
  for await (const event of events) {
    if (event.type === 'malformed_tool_call') {
      malformed.push(event);
      continue;
    }
    const isCut = event.type === 'end' && ['max_tokens', 'context_full'].includes(event.result.endReason);
    if (held) yield isCut ? withoutLast(held, malformed) : held;
    held = null;
    if (!isCut) yield* malformed;
    malformed = [];
    if (event.type === 'text' && mayHaveCall(event)) held = event;
    else yield event;
  }
}

function withoutLast(event: Text, malformed: readonly Malformed[]): Text {
  const raw = malformed.at(-1)?.text.trim() ?? '';
  if (raw === '') {
    const begun = begunMark(event.content);
    return begun === 0 ? event : { ...event, content: event.content.slice(0, -begun).trimEnd() };
  }
  const at = event.content.lastIndexOf(raw);
  // Only what ends the text was cut.
  if (at < 0 || event.content.slice(at + raw.length).trim() !== '') return event;
  return { ...event, content: event.content.slice(0, at).trimEnd() };
}
