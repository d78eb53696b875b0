import { Check, type LucideIcon } from 'lucide-react';
import { ContextMenu as RadixContextMenu, DropdownMenu } from 'radix-ui';
import type { ReactElement } from 'react';
import { Kbd } from '../display/Kbd.tsx';
import './layers.css';

export type MenuItem =
  | {
      readonly label: string;
      readonly run: () => void;
      readonly icon?: LucideIcon;
      readonly shortcut?: string;
      readonly detail?: string;
      readonly danger?: boolean;
      readonly disabled?: boolean;
      /** Set on the items of a choice: a tick is shown before the selected one. */
      readonly checked?: boolean;
    }
  | { readonly separator: true }
  | { readonly heading: string };

type MenuParts = Pick<typeof DropdownMenu, 'Item' | 'CheckboxItem' | 'Separator' | 'Label'>;

/** The entries of a menu, for both kinds of menu: Radix gives them the same components under two names. */
function entries(items: readonly MenuItem[], { Item, CheckboxItem, Separator, Label }: MenuParts) {
  return items.map((item, index) => {
    if ('separator' in item) return <Separator key={`line-${index}`} className="menu-line" />;
    if ('heading' in item) {
      return (
        <Label key={item.heading} className="menu-heading">
          {item.heading}
        </Label>
      );
    }
    const { label, run, icon: Icon, shortcut, detail, danger = false, disabled = false, checked } = item;
    const words = (
      <>
        {Icon ? <Icon size={15} aria-hidden="true" /> : null}
        <span className="menu-words">
          <span>{label}</span>
          {detail ? <span className="menu-detail">{detail}</span> : null}
        </span>
        {shortcut ? <Kbd shortcut={shortcut} /> : null}
      </>
    );
    const className = `menu-item${danger ? ' menu-danger' : ''}`;
    if (checked === undefined) {
      return (
        <Item key={label} className={className} disabled={disabled} onSelect={run}>
          {words}
        </Item>
      );
    }
    return (
      <CheckboxItem key={label} className={className} disabled={disabled} checked={checked} onSelect={run}>
        {words}
        <span className="menu-check">{checked ? <Check size={14} aria-hidden="true" /> : null}</span>
      </CheckboxItem>
    );
  });
}

/** A list of actions that opens from a button. */
export function Menu({
  trigger,
  label,
  items,
  align = 'start',
  side = 'bottom',
  open,
  onOpenChange,
  onClosed,
}: {
  trigger: ReactElement;
  /** The accessible name, where the trigger's own text does not fit. */
  label?: string;
  items: readonly MenuItem[];
  align?: 'start' | 'center' | 'end';
  side?: 'top' | 'right' | 'bottom' | 'left';
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
  /** The menu is gone. True: the focus has been moved, and does not go back to the trigger. */
  onClosed?: () => boolean;
}) {
  return (
    // A modal menu hides the page from screen readers while its buttons stay in the tab order.
    <DropdownMenu.Root
      modal={false}
      {...(open === undefined ? {} : { open })}
      {...(onOpenChange === undefined ? {} : { onOpenChange })}
    >
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          className="layer menu"
          align={align}
          side={side}
          sideOffset={4}
          collisionPadding={8}
          aria-label={label}
          onCloseAutoFocus={(event) => {
            if (onClosed?.() === true) event.preventDefault();
          }}
        >
          {entries(items, DropdownMenu)}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

/** The same list on a right click (or Shift+F10) on `children`. Every action in it must also be reachable elsewhere. */
export function ContextMenu({ children, items }: { children: ReactElement; items: readonly MenuItem[] }) {
  return (
    <RadixContextMenu.Root modal={false}>
      <RadixContextMenu.Trigger asChild>{children}</RadixContextMenu.Trigger>
      <RadixContextMenu.Portal>
        <RadixContextMenu.Content className="layer menu" collisionPadding={8}>
          {entries(items, RadixContextMenu as unknown as MenuParts)}
        </RadixContextMenu.Content>
      </RadixContextMenu.Portal>
    </RadixContextMenu.Root>
  );
}
