import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { IconButton } from '../ui/controls/IconButton.tsx';
import { Sheet } from '../ui/layers/Sheet.tsx';
import { words } from '../words/words.ts';
import './side-panel.css';

interface SidePanelProps {
  readonly title: string;
  /** Of the column. */
  readonly className: string;
  /** The window has no space for a column. */
  readonly asSheet: boolean;
  /** The column has a visible heading and a button that closes it, as the sheet always has. */
  readonly closable?: boolean;
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly side: 'start' | 'end';
  /** Of the sheet, in px. */
  readonly width: number;
  readonly children: ReactNode;
}

/** A panel beside the main part of a screen: a column, or a sheet over it in a narrow window. */
export function SidePanel(props: SidePanelProps): React.JSX.Element | null {
  const { title, className, asSheet, open, onOpenChange, side, width, children, closable = false } = props;
  if (asSheet)
    return (
      <Sheet open={open} onOpenChange={onOpenChange} title={title} side={side} width={width} isPanel>
        {children}
      </Sheet>
    );
  if (!open) return null;
  return (
    <aside className={className} aria-label={title}>
      {closable ? (
        <header className="side-panel-head">
          <h2>{title}</h2>
          <IconButton label={words.ui.closePanel(title)} icon={X} size="sm" onClick={() => onOpenChange(false)} />
        </header>
      ) : (
        <h2 className="visually-hidden">{title}</h2>
      )}
      {children}
    </aside>
  );
}
