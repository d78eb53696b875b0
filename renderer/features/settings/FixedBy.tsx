import { Lock } from 'lucide-react';

/** The variable that decides in place of a setting. */
export function FixedBy({ variable }: { variable: string }) {
  return (
    <p className="row secondary">
      <Lock size={14} aria-hidden="true" />
      <span>
        The environment decides. To choose here, start Hearth without <code>{variable}</code>.
      </span>
    </p>
  );
}
