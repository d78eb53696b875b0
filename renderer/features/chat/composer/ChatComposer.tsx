/** The composer of the open chat, with its notice and its context meter. */
import { useEffect, useRef, type RefObject } from 'react';
import { openLoadSettings } from '../../../navigation/load-sheet.ts';
import type { OpenChat } from '../use-open-chat.ts';
import { words } from '../../../words/words.ts';
import { attachFiles, attachText } from './attach.ts';
import { Composer } from './Composer.tsx';
import { ComposerNotice } from './ComposerNotice.tsx';
import { contextUse } from './context-parts.ts';
import { ContextMeter } from './ContextMeter.tsx';
import type { Draft } from './draft.ts';
import type { ReplyActions } from './use-reply.ts';
import { useDraft, type Sender } from './use-sender.ts';

interface ChatComposerProps {
  readonly ref: RefObject<HTMLTextAreaElement | null>;
  readonly open: OpenChat;
  readonly sender: Sender;
  readonly reply: ReplyActions;
  /** The reason why nothing can be sent now, or null. */
  readonly blocked: string | null;
  readonly onSend: (draft: Draft) => void;
  readonly onEditLast: () => void;
  readonly onChooseModel: () => void;
  /** Null where there is no prompt to show. */
  readonly onShowPrompt: (() => void) | null;
}

export function ChatComposer(props: ChatComposerProps): React.JSX.Element {
  const { ref, open, sender, reply, blocked, onSend, onEditLast, onChooseModel, onShowPrompt } = props;
  const [draft, setDraft] = useDraft(open.id);
  const readyModel = open.choice.state === 'ready' ? open.choice.model : null;
  const { clearFailure, failure } = sender;
  const wasBusy = useRef(false);
  useEffect(() => {
    // What kept the message from being sent is over.
    if (wasBusy.current && !open.busy && failure?.error.code === 'busy') clearFailure();
    wasBusy.current = open.busy;
  }, [open.busy, failure, clearFailure]);
  const use = contextUse(open.lastReply);
  const meter =
    use && open.lastReply?.timing ? (
      <ContextMeter
        use={use}
        timing={open.lastReply.timing}
        policy={open.chat?.contextPolicy ?? 'roll'}
        onShowPrompt={onShowPrompt}
        onLoadSettings={readyModel ? () => openLoadSettings(readyModel.id) : null}
      />
    ) : null;
  return (
    <Composer
      ref={ref}
      draft={draft}
      onChange={setDraft}
      onSend={onSend}
      onPaste={(text) => attachText(open.id, words.files.pasted, text)}
      onPasteFiles={(files) => void attachFiles(open.id, files)}
      onStop={reply.stop}
      onEditLast={onEditLast}
      busy={open.busy}
      stopping={reply.stopping}
      blocked={blocked ?? (reply.waiting ? words.composer.waitsForModels : null)}
      notice={
        <ComposerNotice
          failure={sender.failure?.chatId === open.id ? sender.failure.error : null}
          choice={open.choice}
          onDismiss={sender.clearFailure}
          onChooseModel={onChooseModel}
        />
      }
      context={meter}
      modelName={readyModel?.name ?? (open.choice.state === 'elsewhere' ? open.choice.model.name : null)}
    />
  );
}
