import { Tooltip as RadixTooltip } from 'radix-ui';
import type { ReactElement } from 'react';
import { Kbd } from '../display/Kbd.tsx';
import './layers.css';

export type TooltipSide = 'top' | 'right' | 'bottom' | 'left';

/** A short text for a control, on hover and focus. It adds to the control's name and never replaces it. */
export function Tooltip({
  text,
  shortcut,
  side = 'bottom',
  children,
}: {
  text: string;
  shortcut?: string;
  side?: TooltipSide;
  children: ReactElement;
}) {
  return (
    <RadixTooltip.Root>
      <RadixTooltip.Trigger asChild>{children}</RadixTooltip.Trigger>
      <RadixTooltip.Portal>
        <RadixTooltip.Content className="tooltip" side={side} sideOffset={6} collisionPadding={8}>
          {text}
          {shortcut ? <Kbd shortcut={shortcut} /> : null}
        </RadixTooltip.Content>
      </RadixTooltip.Portal>
    </RadixTooltip.Root>
  );
}
