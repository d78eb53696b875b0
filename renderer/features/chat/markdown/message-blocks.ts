/** The parts of a message as they are shown: neighbors of one kind form one block. */
import type { MessagePart } from '../../../../preload/contract/message-parts.ts';

export type MessageBlock =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'reasoning'; readonly text: string; readonly durationMs: number | null };

/** Blocks in the order of the parts. Parts without text of their own do not divide the text around them. */
export function blocksOf(parts: readonly MessagePart[]): readonly MessageBlock[] {
  const blocks: MessageBlock[] = [];
  for (const part of parts) {
    if (part.type !== 'text' && part.type !== 'reasoning') continue;
    if (part.text === '') continue;
    const last = blocks.at(-1);
    const text = last?.kind === part.type ? last.text + part.text : part.text;
    const block: MessageBlock =
      part.type === 'text'
        ? { kind: 'text', text }
        : {
            kind: 'reasoning',
            text,
            durationMs: total(last?.kind === 'reasoning' ? last.durationMs : 0, part.durationMs),
          };
    blocks.splice(last?.kind === part.type ? -1 : blocks.length, 1, block);
  }
  return blocks;
}

function total(before: number | null, durationMs: number | null): number | null {
  return before === null || durationMs === null ? null : before + durationMs;
}
