import { Dialog as RadixDialog } from 'radix-ui';
import type { ReactNode } from 'react';
import { DialogHead } from './DialogHead.tsx';
import { ScrollBody } from './ScrollBody.tsx';
import { useLayerFocus } from '../focus.ts';
import './layers.css';

/** A modal question or form. Escape and a click outside close it. */
export function Dialog({
  open,
  onOpenChange,
  title,
  description,
  children,
  footer,
  size = 'md',
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description?: string;
  children?: ReactNode;
  footer?: ReactNode;
  size?: 'sm' | 'md' | 'lg';
}) {
  const focus = useLayerFocus();
  return (
    <RadixDialog.Root open={open} onOpenChange={onOpenChange}>
      <RadixDialog.Portal>
        <RadixDialog.Overlay className="overlay" />
        <RadixDialog.Content
          className={`layer dialog dialog-${size}`}
          {...focus}
          {...(description === undefined ? { 'aria-describedby': undefined } : {})}
        >
          <DialogHead title={title} />
          {description === undefined ? null : (
            <RadixDialog.Description className="dialog-text">{description}</RadixDialog.Description>
          )}
          {children === undefined ? null : (
            <ScrollBody title={title} className="dialog-body">
              {children}
            </ScrollBody>
          )}
          {footer ? <footer className="dialog-foot">{footer}</footer> : null}
        </RadixDialog.Content>
      </RadixDialog.Portal>
    </RadixDialog.Root>
  );
}
