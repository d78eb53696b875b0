/** The number fields of one form whose text was refused: the form must not be saved while one shows what it does not hold. */
import { createContext, useCallback, useContext, useEffect, useMemo, useState } from 'react';

interface RefusedNumbers {
  readonly report: (id: string, isRefused: boolean) => void;
  /** Rises when all fields are to show their values again. */
  readonly clearings: number;
}

const none: RefusedNumbers = { report: () => undefined, clearings: 0 };

export const RefusedNumbersContext = createContext<RefusedNumbers>(none);

/** For a form: the context of its fields, whether one of them is refused, and what clears them all. */
export function useRefusedNumbers(): { fields: RefusedNumbers; some: boolean; clear: () => void } {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const [clearings, setClearings] = useState(0);
  const report = useCallback((id: string, isRefused: boolean) => {
    setIds((before) => {
      const next = new Set(before);
      if (isRefused) next.add(id);
      else next.delete(id);
      return next;
    });
  }, []);
  const fields = useMemo(() => ({ report, clearings }), [report, clearings]);
  return { fields, some: ids.size > 0, clear: useCallback(() => setClearings((count) => count + 1), []) };
}

/** For a field: tells its form that it is refused, until it no longer is or is gone. */
export function useReportRefused(id: string, isRefused: boolean): void {
  const { report } = useContext(RefusedNumbersContext);
  useEffect(() => {
    if (!isRefused) return;
    report(id, true);
    return () => report(id, false);
  }, [report, id, isRefused]);
}
