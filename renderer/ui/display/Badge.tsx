import { CircleAlert, CircleCheck, CircleX, Flame, type LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import './display.css';

export type BadgeTone = 'neutral' | 'green' | 'amber' | 'red' | 'accent';

// Every tone has an icon with its own shape, so that it can be told without color.
const signs: Record<BadgeTone, LucideIcon | null> = {
  neutral: null,
  green: CircleCheck,
  amber: CircleAlert,
  red: CircleX,
  accent: Flame,
};

/** A short label, with an icon where it judges. */
export function Badge({
  tone = 'neutral',
  icon,
  children,
  title,
}: {
  tone?: BadgeTone;
  icon?: LucideIcon;
  children: ReactNode;
  title?: string;
}) {
  const Icon = icon ?? signs[tone];
  return (
    <span className={`badge badge-${tone}`} title={title}>
      {Icon ? <Icon size={12} aria-hidden="true" /> : null}
      {children}
    </span>
  );
}
