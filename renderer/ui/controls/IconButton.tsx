import type { LucideIcon } from 'lucide-react';
import type { ButtonHTMLAttributes, Ref } from 'react';
import type { ButtonVariant, ControlSize } from './Button.tsx';
import { Spinner } from '../display/Spinner.tsx';
import { Tooltip, type TooltipSide } from '../layers/Tooltip.tsx';
import './controls.css';

export interface IconButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'children'> {
  /** The accessible name, also shown as the tooltip. */
  label: string;
  icon: LucideIcon;
  variant?: ButtonVariant;
  size?: ControlSize;
  /** Shown in the tooltip, such as `Mod+B`. */
  shortcut?: string | undefined;
  /** For a toggle: whether it is on. */
  pressed?: boolean;
  loading?: boolean;
  side?: TooltipSide;
  ref?: Ref<HTMLButtonElement>;
}

/** A button with an icon only; its label is its name and its tooltip. */
export function IconButton({
  label,
  icon: Icon,
  variant = 'ghost',
  size = 'md',
  shortcut,
  pressed,
  loading = false,
  side = 'bottom',
  className,
  onClick,
  ...rest
}: IconButtonProps) {
  const iconSize = size === 'sm' ? 14 : 16;
  return (
    <Tooltip text={label} side={side} shortcut={shortcut}>
      <button
        type="button"
        {...rest}
        aria-label={label}
        aria-pressed={pressed}
        aria-busy={loading || undefined}
        aria-disabled={loading || undefined}
        onClick={loading ? (event) => event.preventDefault() : onClick}
        className={`button icon-button button-${variant} size-${size}${className ? ` ${className}` : ''}`}
      >
        {loading ? <Spinner size={iconSize} /> : <Icon size={iconSize} aria-hidden="true" />}
      </button>
    </Tooltip>
  );
}
