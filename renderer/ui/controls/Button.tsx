import type { LucideIcon } from 'lucide-react';
import type { AnchorHTMLAttributes, ButtonHTMLAttributes, ReactNode, Ref } from 'react';
import { Spinner } from '../display/Spinner.tsx';
import './controls.css';

export type ButtonVariant = 'primary' | 'secondary' | 'ghost' | 'danger';
export type ControlSize = 'sm' | 'md';

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** `primary` is for the one main action of a screen. */
  variant?: ButtonVariant;
  size?: ControlSize;
  icon?: LucideIcon;
  iconEnd?: LucideIcon;
  /** Shows a spinner, keeps the width and the focus, and ignores clicks. */
  loading?: boolean;
  ref?: Ref<HTMLButtonElement>;
}

/** A button with text. For an icon alone there is IconButton. */
export function Button({
  variant = 'secondary',
  size = 'md',
  icon: Icon,
  iconEnd: IconEnd,
  loading = false,
  className,
  children,
  onClick,
  ...rest
}: ButtonProps) {
  const iconSize = size === 'sm' ? 14 : 16;
  return (
    <button
      type="button"
      {...rest}
      aria-busy={loading || undefined}
      aria-disabled={loading || undefined}
      onClick={loading ? (event) => event.preventDefault() : onClick}
      className={`button button-${variant} size-${size}${className ? ` ${className}` : ''}`}
    >
      {loading ? <Spinner size={iconSize} /> : Icon ? <Icon size={iconSize} aria-hidden="true" /> : null}
      {children !== undefined && children !== null ? <span className="button-label">{children}</span> : null}
      {IconEnd ? <IconEnd size={iconSize} aria-hidden="true" /> : null}
    </button>
  );
}

export interface LinkButtonProps extends AnchorHTMLAttributes<HTMLAnchorElement> {
  href: string;
  variant?: ButtonVariant;
  size?: ControlSize;
  icon?: LucideIcon;
  /** Opens outside of the app. */
  external?: boolean;
  children: ReactNode;
  ref?: Ref<HTMLAnchorElement>;
}

/** A link that looks like a button: it navigates. */
export function LinkButton({
  variant = 'secondary',
  size = 'md',
  icon: Icon,
  external = false,
  className,
  children,
  ...rest
}: LinkButtonProps) {
  return (
    <a
      {...rest}
      {...(external ? { target: '_blank', rel: 'noreferrer noopener' } : {})}
      className={`button button-${variant} size-${size}${className ? ` ${className}` : ''}`}
    >
      {Icon ? <Icon size={size === 'sm' ? 14 : 16} aria-hidden="true" /> : null}
      <span className="button-label">{children}</span>
    </a>
  );
}
