/** The parts of a reply as they grow. */
import { withAppend, type Append, type MessagePart } from '../../preload/contract/message-parts.ts';

/** `parts` with `text` at their end: in the last part where that is of this type, else in a part of its own. */
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

/** `parts` whose last reasoning took `durationMs`; the same array where it is known already, or there is none at the end. */
export function endReasoning(parts: readonly MessagePart[], durationMs: number): readonly MessagePart[] {
  const last = parts.at(-1);
  return last?.type === 'reasoning' && last.durationMs === null ? parts.with(-1, { ...last, durationMs }) : parts;
}
