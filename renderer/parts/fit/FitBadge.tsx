import { CircleCheck, CircleHelp, CircleX, TriangleAlert } from 'lucide-react';
import type { Fit, FitVerdict } from '../../../preload/contract/model.ts';
import { Badge } from '../../ui/display/Badge.tsx';
import { Tooltip } from '../../ui/layers/Tooltip.tsx';
import { words } from '../../words/words.ts';
import './fit-card.css';

const looks = {
  fits: { tone: 'green', icon: CircleCheck },
  tight: { tone: 'amber', icon: TriangleAlert },
  too_big: { tone: 'red', icon: CircleX },
  unknown: { tone: 'neutral', icon: CircleHelp },
} as const satisfies Record<FitVerdict, { tone: string; icon: unknown }>;

interface FitBadgeProps {
  readonly fit: Fit;
  /** Only the icon where the model fits, for tables in which the word would repeat in each row. */
  readonly compact?: boolean;
}

/** The verdict as icon, word and color. The reason is shown on hover and read out after the word. */
export function FitBadge({ fit, compact = false }: FitBadgeProps) {
  const { tone, icon } = looks[fit.verdict];
  const word = words.models.fit[fit.verdict];
  return (
    <Tooltip text={words.fit.reason(fit)}>
      <span className="models-fit-badge">
        <Badge tone={tone} icon={icon}>
          {compact && fit.verdict === 'fits' ? null : <span aria-hidden="true">{word}</span>}
        </Badge>
        <span className="visually-hidden">{`${word}. ${words.fit.reason(fit)}`}</span>
      </span>
    </Tooltip>
  );
}
