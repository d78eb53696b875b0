import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import './display.css';

/** The text of an empty place, and the action that fills it. */
export function EmptyState({
  icon: Icon,
  title,
  text,
  action,
  compact = false,
}: {
  icon: LucideIcon;
  title: string;
  text?: ReactNode;
  action?: ReactNode;
  compact?: boolean;
}) {
  return (
    <div className={`empty${compact ? ' empty-compact' : ''}`}>
      <span className="empty-icon">
        <Icon size={compact ? 18 : 22} strokeWidth={1.6} aria-hidden="true" />
      </span>
      <h2>{title}</h2>
      {text ? <p className="secondary">{text}</p> : null}
      {action ? <div className="empty-action">{action}</div> : null}
    </div>
  );
}
