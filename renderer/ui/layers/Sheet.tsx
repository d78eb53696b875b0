import { Dialog as RadixDialog } from 'radix-ui';
import type { ReactNode } from 'react';
import { DialogHead } from './DialogHead.tsx';
import { ScrollBody } from './ScrollBody.tsx';
import { useLayerFocus } from '../focus.ts';
import './layers.css';

/** A panel from the side, for content without space beside the screen in a narrow window. */
export function Sheet({
  open,
  onOpenChange,
  title,
  titleHidden = false,
  side = 'end',
  width = 320,
  isPanel = false,
  children,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  titleHidden?: boolean;
  side?: 'start' | 'end';
  /** In px; never wider than the window. */
  width?: number;
  /** A part of the screen that is folded for lack of width: shortcuts work over it as over the screen. */
  isPanel?: boolean;
  children: ReactNode;
}) {
  const focus = useLayerFocus();
  return (
    <RadixDialog.Root open={open} onOpenChange={onOpenChange}>
      <RadixDialog.Portal>
        <RadixDialog.Overlay className={isPanel ? 'overlay overlay-panel' : 'overlay'} />
        <RadixDialog.Content
          className={`layer sheet sheet-${side}`}
          {...focus}
          style={{ inlineSize: width }}
          aria-describedby={undefined}
        >
          {titleHidden ? (
            <RadixDialog.Title className="visually-hidden">{title}</RadixDialog.Title>
          ) : (
            <DialogHead title={title} />
          )}
          <ScrollBody title={title} className="sheet-body">
            {children}
          </ScrollBody>
        </RadixDialog.Content>
      </RadixDialog.Portal>
    </RadixDialog.Root>
  );
}
