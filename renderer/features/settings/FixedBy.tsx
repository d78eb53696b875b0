import { Lock } from 'lucide-react';
import { words } from '../../words/words.ts';

/** The environment variable that overrides a setting. */
export function FixedBy({ variable }: { variable: string }) {
  return (
    <p className="row secondary">
      <Lock size={14} aria-hidden="true" />
      <span>{words.settings.fixedBy(variable)}</span>
    </p>
  );
}
