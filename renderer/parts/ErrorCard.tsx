import { ChevronDown, CircleAlert, RotateCw, type LucideIcon } from 'lucide-react';
import type { ErrorBody } from '../../preload/wire/errors.ts';
import { Button } from '../ui/controls/Button.tsx';
import { Menu } from '../ui/layers/Menu.tsx';
import { wordsFor } from '../words/error-words.ts';
import { words } from '../words/words.ts';
import { ErrorDetails } from './ErrorDetails.tsx';
import '../ui/display/display.css';

export interface ErrorAction {
  readonly label: string;
  readonly run: () => void;
  readonly icon?: LucideIcon;
  readonly primary?: boolean;
  readonly disabled?: boolean;
}

/** An error in plain words, the actions that may fix it, and the details, folded. */
export function ErrorCard({
  error,
  actions,
  more = [],
  onRetry,
  compact = false,
  title,
  failed,
  level = 3,
}: {
  error: ErrorBody;
  actions?: readonly ErrorAction[];
  /** More actions, folded behind the first ones. */
  more?: readonly ErrorAction[];
  /** The usual action. Other actions are `actions`, each with a label of its own. */
  onRetry?: () => void;
  compact?: boolean;
  /** Replaces the code's title where the caller has a more specific one. */
  title?: string;
  /** What the error kept from happening: it is the title, and the error's own title begins the text. */
  failed?: string;
  /** The level of its title: one below that of what it stands in. */
  level?: 2 | 3;
}) {
  const shown = wordsFor(error);
  const Heading = level === 2 ? 'h2' : 'h3';
  const retry: ErrorAction[] = onRetry ? [{ label: words.ui.tryAgain, run: onRetry, icon: RotateCw }] : [];
  const all = actions ?? retry;
  return (
    <div className={`error-card${compact ? ' error-compact' : ''}`} role="alert">
      <CircleAlert size={16} className="error-sign" aria-hidden="true" />
      <div className="error-words">
        <Heading>{failed ?? title ?? shown.title}</Heading>
        <p>
          {failed === undefined ? null : <strong>{words.errors.asSentence(shown.title)} </strong>}
          {shown.text}
        </p>
        {shown.details.length > 0 ? <ErrorDetails details={shown.details} /> : null}
        {all.length > 0 ? (
          <div className="error-actions">
            {all.map(({ label, run, icon, primary, disabled = false }) => (
              <Button
                key={label}
                size="sm"
                variant={primary ? 'primary' : 'secondary'}
                disabled={disabled}
                onClick={run}
                {...(icon ? { icon } : {})}
              >
                {label}
              </Button>
            ))}
            {more.length > 0 ? (
              <Menu
                label={words.ui.more}
                items={more}
                trigger={
                  <Button size="sm" variant="ghost" iconEnd={ChevronDown}>
                    {words.ui.more}
                  </Button>
                }
              />
            ) : null}
          </div>
        ) : null}
      </div>
    </div>
  );
}
