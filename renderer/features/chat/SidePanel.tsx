import type { ReactNode } from 'react';
import { Sheet } from '../../ui/layers/Sheet.tsx';

interface SidePanelProps {
  readonly title: string;
  /** Of the column. */
  readonly className: string;
  /** The window has no space for a column. */
  readonly asSheet: boolean;
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly side: 'start' | 'end';
  /** Of the sheet, in px. */
  readonly width: number;
  readonly children: ReactNode;
}

/** A panel beside the conversation: a column, or a sheet over it in a narrow window. */
export function SidePanel(props: SidePanelProps): React.JSX.Element | null {
  const { title, className, asSheet, open, onOpenChange, side, width, children } = props;
  if (asSheet)
    return (
      <Sheet open={open} onOpenChange={onOpenChange} title={title} side={side} width={width}>
        {children}
      </Sheet>
    );
  if (!open) return null;
  return (
    <aside className={className} aria-label={title}>
      <h2 className="visually-hidden">{title}</h2>
      {children}
    </aside>
  );
}
