import { useCallback, useRef, useState } from 'react';

export interface Selection {
  /** Null: rows are opened and not selected. */
  readonly ids: ReadonlySet<string> | null;
  /** Selects a row or takes it out; with `toHere` all rows from the last one that was selected. `order` are the rows as they are listed. */
  readonly toggle: (id: string, toHere: boolean, order: readonly string[]) => void;
  readonly selectAll: (order: readonly string[]) => void;
  /** Begins a selection of nothing. */
  readonly begin: () => void;
  readonly end: () => void;
}

/** The selected rows of a list. */
export function useSelection(): Selection {
  const [ids, setIds] = useState<ReadonlySet<string> | null>(null);
  const anchor = useRef<string | null>(null);
  const toggle = useCallback((id: string, toHere: boolean, order: readonly string[]) => {
    setIds((before) => {
      const next = new Set(before ?? []);
      const [from, to] = [order.indexOf(anchor.current ?? ''), order.indexOf(id)];
      if (toHere && from >= 0 && to >= 0)
        for (const one of order.slice(Math.min(from, to), Math.max(from, to) + 1)) next.add(one);
      else if (!next.delete(id)) next.add(id);
      return next;
    });
    if (!toHere || anchor.current === null) anchor.current = id;
  }, []);
  return {
    ids,
    toggle,
    selectAll: (order) => setIds(new Set(order)),
    begin: () => setIds(new Set()),
    end: () => {
      anchor.current = null;
      setIds(null);
    },
  };
}
