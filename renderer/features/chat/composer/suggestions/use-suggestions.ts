/** The menu of suggestions over the field: when it is open, what it offers, and its keys. */
import { useId, useState, type KeyboardEvent, type RefObject } from 'react';
import type { LucideIcon } from 'lucide-react';
import { triggerAt, type Trigger, type TriggerKind } from './trigger.ts';

export interface Suggestion {
  readonly id: string;
  readonly label: string;
  readonly detail: string;
  readonly icon: LucideIcon;
  /** Gets the place of what was typed. */
  readonly run: (trigger: Trigger) => void;
}

export interface Suggestions {
  readonly listId: string;
  /** Null while the menu is closed. */
  readonly open: { readonly kind: TriggerKind; readonly items: readonly Suggestion[]; readonly active: number } | null;
  /** Call it when the text or the caret has changed. */
  readonly look: () => void;
  readonly close: () => void;
  readonly activate: (index: number) => void;
  readonly choose: (item: Suggestion) => void;
  /** Returns whether the key belonged to the menu. */
  readonly onKeyDown: (event: KeyboardEvent<HTMLTextAreaElement>) => boolean;
}

const isSame = (a: Trigger | null, b: Trigger | null): boolean =>
  a?.kind === b?.kind && a?.from === b?.from && a?.to === b?.to && a?.query === b?.query;

/** `itemsFor` gives what fits to a mark and what is typed behind it; without any the menu is closed. */
export function useSuggestions(
  field: RefObject<HTMLTextAreaElement | null>,
  itemsFor: (kind: TriggerKind, query: string) => readonly Suggestion[],
): Suggestions {
  const listId = useId();
  const [trigger, setTrigger] = useState<Trigger | null>(null);
  const [activeId, setActiveId] = useState<string | null>(null);
  /** The place of the mark at which the menu was closed: it stays closed there. */
  const [closedAt, setClosedAt] = useState<number | null>(null);

  const isOpen = trigger !== null && trigger.from !== closedAt;
  const items = isOpen ? itemsFor(trigger.kind, trigger.query) : [];
  const active = Math.max(
    0,
    items.findIndex(({ id }) => id === activeId),
  );
  const close = (): void => setClosedAt(trigger?.from ?? null);
  const activate = (index: number): void => setActiveId(items[index]?.id ?? null);
  const choose = (item: Suggestion): void => {
    if (trigger === null) return;
    close();
    item.run(trigger);
  };

  return {
    listId,
    open: trigger !== null && items.length > 0 ? { kind: trigger.kind, items, active } : null,
    look() {
      const element = field.current;
      if (!element) return;
      const { value, selectionStart, selectionEnd } = element;
      const next = selectionStart === selectionEnd ? triggerAt(value, selectionStart) : null;
      if (isSame(trigger, next)) return;
      setTrigger(next);
      if (next?.query !== trigger?.query) setActiveId(null);
      if (next?.from !== closedAt) setClosedAt(null);
    },
    close,
    activate,
    choose,
    onKeyDown(event) {
      if (items.length === 0 || event.altKey || event.ctrlKey || event.metaKey) return false;
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step !== undefined && !event.shiftKey) activate((active + step + items.length) % items.length);
      else if ((event.key === 'Enter' || event.key === 'Tab') && !event.shiftKey) {
        const item = items[active];
        if (item) choose(item);
      } else if (event.key === 'Escape') close();
      else return false;
      event.preventDefault();
      return true;
    },
  };
}
