/** The parts of a reply as they grow. */
import { withAppend, type Append, type MessagePart } from '../../preload/contract/message-parts.ts';

/** `parts` with `text` added: to the last part when it has this type, else as a new part. */
export function grow(
  parts: readonly MessagePart[],
  partType: Append['partType'],
  text: string,
): { readonly parts: readonly MessagePart[]; readonly append: Append } {
  const last = parts.at(-1);
  const append: Append =
    last?.type === partType
      ? { partIndex: parts.length - 1, partType, offset: last.text.length, text }
      : { partIndex: parts.length, partType, offset: 0, text };
  return { parts: withAppend(parts, append) ?? parts, append };
}

/** `parts` with all texts as one part of reasoning: they were read before its end was known, those of a reply that goes on as well. */
export function asReasoning(parts: readonly MessagePart[]): readonly MessagePart[] {
  const text = parts.flatMap((part) => (part.type === 'text' || part.type === 'reasoning' ? [part.text] : [])).join('');
  const others = parts.filter(({ type }) => type !== 'text' && type !== 'reasoning');
  return [{ type: 'reasoning', text, durationMs: null }, ...others];
}

/** `parts` with `durationMs` set in the last part. The same array when that part is not reasoning or has a duration already. */
export function endReasoning(parts: readonly MessagePart[], durationMs: number): readonly MessagePart[] {
  const last = parts.at(-1);
  return last?.type === 'reasoning' && last.durationMs === null ? parts.with(-1, { ...last, durationMs }) : parts;
}
