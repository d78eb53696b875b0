/** List and detail side by side, or one of them alone in a narrow window. */
import { ArrowLeft } from 'lucide-react';
import { useEffect, useRef, type ReactNode } from 'react';
import { Button } from '../ui/controls/Button.tsx';

interface PanesProps {
  readonly listLabel: string;
  readonly list: ReactNode;
  readonly detailLabel: string;
  readonly detail: ReactNode;
  /** The id of what the detail shows; null while nothing is selected. A change scrolls the detail to its start. */
  readonly detailKey: string | null;
  readonly backLabel: string;
  readonly onBack: () => void;
}

/** In a narrow window the focus moves into the detail when it opens, and back to the row when it closes. */
export function Panes({ listLabel, list, detailLabel, detail, detailKey, backLabel, onBack }: PanesProps) {
  const listPane = useRef<HTMLElement>(null);
  const detailPane = useRef<HTMLElement>(null);
  const leftFrom = useRef<HTMLElement | null>(null);
  const open = detailKey !== null;

  useEffect(() => {
    const pane = listPane.current;
    if (!pane) return;
    const remember = (event: FocusEvent): void => {
      if (event.target instanceof HTMLElement) leftFrom.current = event.target;
    };
    pane.addEventListener('focusin', remember);
    return () => pane.removeEventListener('focusin', remember);
  }, []);

  useEffect(() => {
    detailPane.current?.scrollTo({ top: 0 });
    if (!open) {
      // Only when the focus was lost with the detail; a click elsewhere keeps its own focus.
      if (document.activeElement === document.body && leftFrom.current?.isConnected) leftFrom.current.focus();
      return;
    }
    const listIsHidden = listPane.current?.getClientRects().length === 0;
    if (listIsHidden) detailPane.current?.focus();
  }, [open, detailKey]);

  return (
    <div className="models-panes" data-open={open}>
      <section className="models-list-pane" aria-label={listLabel} ref={listPane}>
        <h2 className="visually-hidden">{listLabel}</h2>
        {list}
      </section>
      <section className="models-detail-pane" aria-label={detailLabel} ref={detailPane} tabIndex={-1}>
        {open && (
          <div className="models-back">
            <Button variant="ghost" icon={ArrowLeft} onClick={onBack}>
              {backLabel}
            </Button>
          </div>
        )}
        {detail}
      </section>
    </div>
  );
}
