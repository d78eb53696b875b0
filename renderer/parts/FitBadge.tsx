import { CircleCheck, CircleHelp, CircleX, TriangleAlert } from 'lucide-react';
import type { Fit, FitVerdict } from '../../preload/contract/model.ts';
import { Badge } from '../ui/Badge.tsx';
import { Tooltip } from '../ui/Tooltip.tsx';
import './fit-card.css';
import { fitWord } from './model-words.ts';
import { fitReasonText } from '../words/fit.ts';

const looks = {
  fits: { tone: 'green', icon: CircleCheck },
  tight: { tone: 'amber', icon: TriangleAlert },
  too_big: { tone: 'red', icon: CircleX },
  unknown: { tone: 'neutral', icon: CircleHelp },
} as const satisfies Record<FitVerdict, { tone: string; icon: unknown }>;

/** The verdict as icon, word and colour; the reason on hover, and for screen readers after the word. */
export function FitBadge({ fit }: { readonly fit: Fit }) {
  const { tone, icon } = looks[fit.verdict];
  return (
    <Tooltip text={fitReasonText(fit)}>
      <span className="models-fit-badge">
        <Badge tone={tone} icon={icon}>
          {fitWord(fit.verdict)}
        </Badge>
        <span className="visually-hidden">{`. ${fitReasonText(fit)}`}</span>
      </span>
    </Tooltip>
  );
}
