import { Popover as RadixPopover } from 'radix-ui';
import type { ReactElement, ReactNode } from 'react';
import { focusOnOpen } from '../focus.ts';
import './layers.css';

/** A small panel that opens beside its button and does not block the rest. */
export function Popover({
  trigger,
  children,
  title,
  side = 'bottom',
  align = 'center',
  open,
  onOpenChange,
  width = 300,
}: {
  trigger: ReactElement;
  children: ReactNode;
  /** The accessible name of the panel. */
  title?: string;
  side?: 'top' | 'right' | 'bottom' | 'left';
  align?: 'start' | 'center' | 'end';
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
  /** In px; never wider than the window. */
  width?: number;
}) {
  return (
    <RadixPopover.Root
      {...(open === undefined ? {} : { open })}
      {...(onOpenChange === undefined ? {} : { onOpenChange })}
    >
      <RadixPopover.Trigger asChild>{trigger}</RadixPopover.Trigger>
      <RadixPopover.Portal>
        <RadixPopover.Content
          className="layer popover"
          onOpenAutoFocus={focusOnOpen}
          side={side}
          align={align}
          sideOffset={6}
          collisionPadding={8}
          aria-label={title}
          style={{ inlineSize: width }}
        >
          {children}
        </RadixPopover.Content>
      </RadixPopover.Portal>
    </RadixPopover.Root>
  );
}
