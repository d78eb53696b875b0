/** The keys of the history of sent messages. */
import { useEffect, useRef, type KeyboardEvent } from 'react';
import { client } from '../../../../connection/api.ts';
import type { Draft } from '../draft.ts';
import { isWalking, newer, older, shownIn, type Walk } from './sent-history.ts';

/** Returns whether the key belonged to the history. `onChange` shows another draft, with the caret at its start. */
export function useSentHistory(
  chatId: string | null,
  draft: Draft,
  onChange: (draft: Draft) => void,
): (event: KeyboardEvent<HTMLTextAreaElement>) => boolean {
  const walk = useRef<Walk | null>(null);
  const now = useRef({ draft, onChange });
  useEffect(() => {
    now.current = { draft, onChange };
  });

  const show = (element: HTMLTextAreaElement, next: Walk | 'over'): void => {
    const shown = next === 'over' ? (walk.current?.draft ?? draft) : shownIn(next);
    walk.current = next === 'over' ? null : next;
    now.current.onChange(shown);
    // Once the text is in the field: its start is where the next key goes further back.
    requestAnimationFrame(() => element.setSelectionRange(0, 0));
  };
  const back = async (element: HTMLTextAreaElement): Promise<void> => {
    const before = now.current.draft;
    const texts = isWalking(walk.current, before)
      ? []
      : await client.call('composer.sentTexts', { chatId }).then(
          (answer) => answer.texts,
          () => [], // not connected: there is no history to show
        );
    // It was typed on while main read them.
    if (now.current.draft !== before) return;
    const next = older(walk.current, before, texts);
    if (next !== null) show(element, next);
  };

  return (event) => {
    if (event.shiftKey || event.ctrlKey || event.metaKey || event.altKey) return false;
    const { currentTarget: element } = event;
    const { selectionStart, selectionEnd, value } = element;
    if (selectionStart !== selectionEnd) return false;
    if (event.key === 'ArrowUp' && selectionStart === 0) {
      event.preventDefault();
      void back(element);
      return true;
    }
    if (event.key !== 'ArrowDown' || (selectionStart !== 0 && selectionStart !== value.length)) return false;
    const next = newer(walk.current, draft);
    if (next === null) return false;
    event.preventDefault();
    show(element, next);
    return true;
  };
}
