/** The actions on messages, and the state that they change: the open editor, and the message to scroll to. */
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { Message } from '../../../../preload/contract/chat.ts';
import { attempt } from '../../../connection/attempt.ts';
import { navigate } from '../../../navigation/router.ts';
import { keyOf, partsOf } from '../composer/draft.ts';
import { createMessageIds, randomId } from '../composer/message-ids.ts';
import type { WriterQuestion } from '../versions/writer-question.ts';
import type { MessageActions } from './message-actions.ts';
import { branchFrom, versionActions } from './version-actions.ts';

/** An edit that is sent again, because its answer was lost, keeps its id. */
const editIds = createMessageIds(randomId);
const nothing = { modelId: null, systemPrompt: '', sampling: null, contextPolicy: null };

export interface MessageState {
  readonly actions: MessageActions;
  /** The message that is being edited. */
  readonly editingId: string | null;
  /** The search hit that the conversation scrolls to. */
  readonly target: string | null;
  readonly clearTarget: () => void;
  /** The question that is open: which model writes a reply again. */
  readonly question: WriterQuestion | null;
  readonly closeQuestion: () => void;
  /** The reply whose prompt is shown. */
  readonly seenOf: Message | null;
  readonly closeSeen: () => void;
  /** Opens a search hit: a chat, or a message on any path of it. */
  readonly openHit: (chatId: string, messageId: string | null) => void;
}

/** The functions must stay the same between renders, because `actions` changes with them. `title`: that of the open chat. */
export function useMessageActions(
  chooseModel: () => void,
  newChat: () => void,
  focusComposer: () => void,
  title: string,
): MessageState {
  const [question, setQuestion] = useState<WriterQuestion | null>(null);
  const [seenOf, setSeenOf] = useState<Message | null>(null);
  const titleNow = useRef(title);
  useEffect(() => {
    titleNow.current = title;
  });
  const [editingId, setEditingId] = useState<string | null>(null);
  const [target, setTarget] = useState<string | null>(null);
  const actions = useMemo<MessageActions>(
    () => ({
      ...versionActions,
      branch: (messageId) => branchFrom(messageId, titleNow.current),
      askWriter: setQuestion,
      showSeen: setSeenOf,
      edit: async (messageId, draft) => {
        const target = { chatId: messageId, fresh: nothing };
        const edited = await attempt('chat.edit', {
          ...{ messageId, parts: partsOf(draft) },
          editId: editIds.idOf(target, keyOf(draft)),
        });
        if (edited) editIds.forget();
        return edited !== undefined;
      },
      continue: (messageId) => void attempt('chat.continue', { messageId }),
      regenerate: (messageId) => void attempt('chat.regenerate', { messageId }),
      select: (messageId) => void attempt('chat.select', { messageId }),
      show: setTarget,
      startEditing: (messageId) => {
        setEditingId(messageId);
        if (messageId === null) focusComposer();
      },
      chooseModel,
      newChat,
    }),
    [focusComposer, chooseModel, newChat],
  );
  const clearTarget = useCallback(() => setTarget(null), []);
  const openHit = (chatId: string, messageId: string | null): void => {
    if (messageId === null) return navigate({ screen: 'chat', chatId });
    void attempt('chat.select', { messageId }).then((done) => {
      if (done === undefined) return;
      setTarget(messageId);
      navigate({ screen: 'chat', chatId });
    });
  };
  const closeQuestion = useCallback(() => setQuestion(null), []);
  const closeSeen = useCallback(() => setSeenOf(null), []);
  return { actions, editingId, target, clearTarget, question, closeQuestion, seenOf, closeSeen, openHit };
}
