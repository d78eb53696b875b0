/** The composer of the open chat: its draft, its menus, its notices and its context meter. */
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
import { useSentHistory } from './field/use-sent-history.ts';
import { PromptForm } from './prompt/PromptForm.tsx';
import { usePromptInsertion } from './prompt/use-prompt-insertion.ts';
import { useSources } from './suggestions/use-sources.ts';
import { useSuggestions } from './suggestions/use-suggestions.ts';
import { DraftCount, DraftNotice } from './tokens/DraftCount.tsx';
import { draftFit, contextOfNext } from './tokens/draft-use.ts';
import { useDraftTokens } from './tokens/use-draft-tokens.ts';
import type { ReplyActions } from './use-reply.ts';
import { enqueueDraft } from '../queue/queue-actions.ts';
import { QueuedMessages } from '../queue/QueuedMessages.tsx';
import { useDraft, type Sender } from './use-sender.ts';

interface ChatComposerProps {
  readonly ref: RefObject<HTMLTextAreaElement | null>;
  readonly open: OpenChat;
  readonly sender: Sender;
  readonly reply: ReplyActions;
  /** Of the chat, or of the one that its first message creates. */
  readonly systemPrompt: string;
  /** The reason why nothing can be sent now, or null. */
  readonly blocked: string | null;
  readonly onSend: (draft: Draft) => void;
  readonly onEditLast: () => void;
  /** Opens the menu of models. */
  readonly onChooseModel: () => void;
  readonly onChosenModel: (modelId: string) => void;
  /** Null where there is no prompt to show. */
  readonly onShowPrompt: (() => void) | null;
}

export function ChatComposer(props: ChatComposerProps): React.JSX.Element {
  const { ref, open, sender, reply, systemPrompt, blocked } = props;
  const { onSend, onEditLast, onChooseModel, onChosenModel, onShowPrompt } = props;
  const [draft, setDraft] = useDraft(open.id);
  const readyModel = open.choice.state === 'ready' ? open.choice.model : null;
  const { clearFailure, failure } = sender;
  const wasBusy = useRef(false);
  useEffect(() => {
    // What kept the message from being sent is over.
    if (wasBusy.current && !open.busy && failure?.error.code === 'busy') clearFailure();
    wasBusy.current = open.busy;
  }, [open.busy, failure, clearFailure]);

  const prompt = usePromptInsertion(ref);
  const sources = useSources({ open, field: ref, onPrompt: prompt.insert, onChooseModel: onChosenModel });
  const suggestions = useSuggestions(ref, sources);
  const onHistoryKey = useSentHistory(open.id, draft, setDraft);

  const after = contextUse(open.lastReply);
  const tokens = useDraftTokens(open, draft, after === null ? systemPrompt : '');
  const use = contextOfNext(after, tokens);
  const policy = open.chat?.contextPolicy ?? 'roll';
  const openSettings = readyModel ? () => openLoadSettings(readyModel.id) : null;
  const meter =
    use === null || (after === null && tokens.draftTokens === 0) ? null : (
      <ContextMeter
        use={use}
        timing={open.lastReply?.timing ?? null}
        policy={policy}
        onShowPrompt={onShowPrompt}
        onLoadSettings={openSettings}
      />
    );
  return (
    <>
      <Composer
        ref={ref}
        draft={draft}
        onChange={setDraft}
        onSend={onSend}
        onQueue={
          open.id === null || open.sending !== null ? null : (message) => void enqueueDraft(open.id ?? '', message)
        }
        onPaste={(text) => attachText(open.id, words.files.pasted, text)}
        onFiles={(files) => void attachFiles(open.id, files)}
        onStop={reply.stop}
        onEditLast={onEditLast}
        onHistoryKey={onHistoryKey}
        suggestions={suggestions}
        busy={open.busy}
        stopping={reply.stopping}
        blocked={blocked ?? (reply.waiting ? words.composer.waitsForModels : null)}
        notice={
          <>
            {open.id === null || !open.view ? null : (
              <QueuedMessages
                chatId={open.id}
                queued={open.view.queued}
                busy={open.busy}
                onEdit={() => ref.current?.focus()}
              />
            )}
            <DraftNotice fit={draftFit(use, tokens, policy)} tokens={tokens} onLoadSettings={openSettings} />
            <ComposerNotice
              failure={sender.failure?.chatId === open.id ? sender.failure.error : null}
              choice={open.choice}
              onDismiss={sender.clearFailure}
              onChooseModel={onChooseModel}
            />
          </>
        }
        context={
          meter === null && tokens.draftTokens === 0 ? null : (
            <>
              {meter}
              <DraftCount {...tokens} />
            </>
          )
        }
        fileTokens={({ id }) => {
          const count = tokens.ofFiles.get(id);
          if (count === undefined) return undefined;
          return count.exact ? words.models.tokens(count.tokens) : words.draftTokens.about(count.tokens);
        }}
        modelName={readyModel?.name ?? (open.choice.state === 'elsewhere' ? open.choice.model.name : null)}
      />
      {prompt.form === null ? null : <PromptForm form={prompt.form} onFinish={prompt.finish} />}
    </>
  );
}
