/** The number of tokens of the message that is being written, and what is said before it is sent where it does not fit. */
import { TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { LoadSettingsIcon } from '../../../../parts/icons.ts';
import { Button } from '../../../../ui/controls/Button.tsx';
import { words } from '../../../../words/words.ts';
import type { DraftFit } from './draft-use.ts';
import type { DraftTokens } from './use-draft-tokens.ts';

/** `12 tokens`, or `about 12 tokens` with the reason at hand. */
export function DraftCount({ draftTokens, exact }: Pick<DraftTokens, 'draftTokens' | 'exact'>): ReactNode {
  if (draftTokens === 0) return null;
  return (
    <span className="chat-draft-count num" title={exact ? words.draftTokens.exact : words.draftTokens.estimated}>
      {exact ? words.models.tokens(draftTokens) : words.draftTokens.about(draftTokens)}
    </span>
  );
}

interface DraftNoticeProps {
  readonly fit: DraftFit;
  readonly tokens: DraftTokens;
  /** Null where the model has no load settings. */
  readonly onLoadSettings: (() => void) | null;
}

export function DraftNotice({ fit, tokens, onLoadSettings }: DraftNoticeProps): ReactNode {
  const text = textOf(fit, tokens);
  return (
    <div role="status" className="chat-draft-notice">
      {text === null ? null : (
        <div className="chat-notice" data-quiet={fit.kind === 'leaves_out' || undefined}>
          <TriangleAlert size={15} aria-hidden="true" />
          <span>{text}</span>
          {onLoadSettings && fit.kind !== 'leaves_out' ? (
            <Button size="sm" icon={LoadSettingsIcon} onClick={onLoadSettings}>
              {words.models.loadSettings}
            </Button>
          ) : null}
        </div>
      )}
    </div>
  );
}

function textOf(fit: DraftFit, { draftTokens, contextSize, exact }: DraftTokens): string | null {
  switch (fit.kind) {
    case 'fits':
      return null;
    case 'leaves_out':
      return words.draftTokens.leavesOut[fit.policy];
    case 'refused':
      return words.draftTokens.refused;
    case 'too_long':
      return words.draftTokens.tooLong(draftTokens, contextSize ?? 0, fit.overTokens, exact);
    default:
      return fit satisfies never;
  }
}
