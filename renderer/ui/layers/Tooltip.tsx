import { Tooltip as RadixTooltip } from 'radix-ui';
import type { ReactElement } from 'react';
import { Kbd } from '../display/Kbd.tsx';
import './layers.css';

export type TooltipSide = 'top' | 'right' | 'bottom' | 'left';

/**
 * Gives Escape to the layer that the control is in: Radix gives each key to the topmost layer alone, and that is the
 * tooltip, which would need a key press of its own.
 */
function passEscapeOn({ target }: KeyboardEvent): void {
  if (!(target instanceof Element) || target.closest('.layer') === null) return;
  // The tooltip leaves at this event, so the layer below it is the topmost in the next frame.
  requestAnimationFrame(() =>
    target.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, cancelable: true })),
  );
}

/** A short text for a control, on hover and focus. It adds to the control's name and never replaces it. */
export function Tooltip({
  text,
  shortcut,
  side = 'bottom',
  children,
}: {
  text: string;
  shortcut?: string | undefined;
  side?: TooltipSide;
  children: ReactElement;
}) {
  return (
    <RadixTooltip.Root>
      <RadixTooltip.Trigger asChild>{children}</RadixTooltip.Trigger>
      <RadixTooltip.Portal>
        <RadixTooltip.Content
          className="tooltip"
          side={side}
          sideOffset={6}
          collisionPadding={8}
          onEscapeKeyDown={passEscapeOn}
        >
          {text}
          {shortcut ? <Kbd shortcut={shortcut} /> : null}
        </RadixTooltip.Content>
      </RadixTooltip.Portal>
    </RadixTooltip.Root>
  );
}
