/** The notice above the composer: a message that could not be sent, or a model that is no longer here. */
import { TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { isRemoteModelId } from '../../../../preload/contract/remote-model-id.ts';
import type { AppError } from '../../../../preload/wire/errors.ts';
import { navigate } from '../../../navigation/router.ts';
import { Button } from '../../../ui/controls/Button.tsx';
import { ErrorCard } from '../../../parts/ErrorCard.tsx';
import { words } from '../../../words/words.ts';
import type { ModelChoice } from './model-choice.ts';

interface ComposerNoticeProps {
  readonly failure: AppError | null;
  readonly choice: ModelChoice;
  readonly onDismiss: () => void;
  readonly onChooseModel: () => void;
}

/** What became of a model that cannot be used. */
export function goneWords(modelId: string, name: string): string {
  return isRemoteModelId(modelId) ? words.elsewhere.isGone(name) : words.composer.modelGone(name);
}

export function ComposerNotice({ failure, choice, onDismiss, onChooseModel }: ComposerNoticeProps): ReactNode {
  if (failure) {
    return (
      <ErrorCard
        error={failure}
        compact
        failed={words.composer.notSent}
        actions={[{ label: words.ui.dismiss, run: onDismiss }]}
      />
    );
  }
  if (choice.state !== 'gone') return null;
  return (
    <div className="chat-notice" role="status">
      <TriangleAlert size={15} aria-hidden="true" />
      <span>{choice.isOff ? words.elsewhere.isOff(choice.name) : goneWords(choice.modelId, choice.name)}</span>
      {choice.isOff ? (
        <Button size="sm" onClick={() => navigate({ screen: 'settings', section: 'elsewhere' })}>
          {words.elsewhere.openSettings}
        </Button>
      ) : null}
      <Button size="sm" onClick={onChooseModel}>
        {words.composer.chooseAnother}
      </Button>
    </div>
  );
}
