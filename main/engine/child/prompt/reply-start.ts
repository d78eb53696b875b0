/** The beginning of a reply that a model goes on from, in the form in which a model writes it. */
import type { ReplyBeginning } from '../../../chat-format/messages.ts';
import { openedBy } from '../../../chat-format/reply/reasoning-marks.ts';

export interface ThinkingTag {
  readonly open: string;
  readonly close: string;
}

/**
 * The text that follows `rendered`, a prompt that ends where a reply begins. `tag` is around the reasoning unless the prompt opens it itself.
 * `hide` marks texts of a message, which must stay plain text.
 */
export function replyStart(
  rendered: string,
  { reasoning, text }: ReplyBeginning,
  tag: ThinkingTag,
  hide: (text: string) => string,
): string {
  const end = rendered.trimEnd();
  if (end.endsWith('<|start|>assistant')) return harmonyStart(reasoning, text, hide);
  const opened = openedBy(end);
  const line = rendered.endsWith('\n') ? '' : '\n';
  if (reasoning === '') return opened ? `${line}${opened.close}\n\n${hide(text)}` : hide(text);
  const head = opened ? line : `${tag.open}\n`;
  const thoughts = `${head}${hide(reasoning)}`;
  return text === '' ? thoughts : `${thoughts}\n${(opened ?? tag).close}\n\n${hide(text)}`;
}

function harmonyStart(reasoning: string, text: string, hide: (text: string) => string): string {
  const final = `<|channel|>final<|message|>${hide(text)}`;
  if (reasoning === '') return final;
  const thoughts = `<|channel|>analysis<|message|>${hide(reasoning)}`;
  return text === '' ? thoughts : `${thoughts}<|end|><|start|>assistant${final}`;
}
