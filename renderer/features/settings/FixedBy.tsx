import { Lock } from 'lucide-react';

/** Why a setting cannot be changed here: an environment variable overrides it. */
export function FixedBy({ sentence }: { sentence: string }) {
  return (
    <p className="row secondary">
      <Lock size={14} aria-hidden="true" />
      <span>{sentence}</span>
    </p>
  );
}
