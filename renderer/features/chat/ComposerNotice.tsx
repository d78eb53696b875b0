/** What stands above the composer: words that could not be sent, or a model that is not here any more. */
import { TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import type { AppError } from '../../../preload/wire/errors.ts';
import { Button } from '../../ui/Button.tsx';
import { ErrorCard } from '../../parts/ErrorCard.tsx';
import { wordsFor } from '../../words/error-words.ts';
import type { ModelChoice } from './model-choice.ts';

interface ComposerNoticeProps {
  readonly failure: AppError | null;
  readonly choice: ModelChoice;
  readonly onDismiss: () => void;
  readonly onChooseModel: () => void;
}

export function ComposerNotice({ failure, choice, onDismiss, onChooseModel }: ComposerNoticeProps): ReactNode {
  if (failure) {
    return (
      <ErrorCard
        error={failure}
        compact
        title={`Your message was not sent: ${wordsFor(failure).title.replace(/^[A-Z](?=[a-z])/, (first) => first.toLowerCase())}`}
        acts={[{ label: 'Dismiss', run: onDismiss }]}
      />
    );
  }
  if (choice.state !== 'gone') return null;
  return (
    <div className="chat-notice" role="status">
      <TriangleAlert size={15} aria-hidden="true" />
      <span>{choice.name} is no longer on this computer.</span>
      <Button size="sm" onClick={onChooseModel}>
        Choose another model
      </Button>
    </div>
  );
}
