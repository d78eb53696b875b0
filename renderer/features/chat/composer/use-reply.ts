/** Asking the open chat for a reply, and stopping it. */
import { useEffect, useRef, useState } from 'react';
import { attempt } from '../../../connection/attempt.ts';
import type { ChatSettings } from '../use-chat-settings.ts';
import type { OpenChat } from '../use-open-chat.ts';
import { waitsForModels } from '../why-blocked.ts';
import type { Draft } from './draft.ts';
import { heldNow } from './held-send.ts';
import { hasArrived, useDraft, type Sender } from './use-sender.ts';

export interface ReplyActions {
  readonly send: (draft: Draft) => void;
  readonly stop: () => void;
  readonly stopping: boolean;
  /** The draft is sent as soon as the list of models is here. */
  readonly waiting: boolean;
}

export function useReply(
  { id: chatId, choice, models, view }: OpenChat,
  sender: Sender,
  { fresh, forgetFresh }: ChatSettings,
): ReplyActions {
  const [stopping, setStopping] = useState(false);
  const [draft, setDraft] = useDraft(chatId);
  // The draft that Send was pressed on. It stays in the composer until then, and an edit ends the wait.
  const [held, setHeld] = useState<Draft | null>(null);
  const waits = waitsForModels({ id: chatId, models }, fresh.modelId);
  const { outgoing, clearOutgoing } = sender;
  const hasComeBack = outgoing?.chatId === chatId && view !== null && hasArrived(outgoing, view.messages);
  useEffect(() => {
    if (hasComeBack) clearOutgoing();
  }, [hasComeBack, clearOutgoing]);
  /** Stop was pressed while main had not yet answered which chat the first message began. */
  const stopsNew = useRef(false);
  const stop = (id: string): void => {
    setStopping(true);
    void attempt('chat.stop', { chatId: id }).finally(() => setStopping(false));
  };
  const send = (message: Draft): void => {
    stopsNew.current = false;
    // A new chat gets the model that the picker shows.
    const settings = { ...fresh, modelId: fresh.modelId ?? (choice.state === 'ready' ? choice.model.id : null) };
    const messageCount = view?.messages.size ?? 0;
    void sender.send({ chatId, messageCount, fresh: settings }, message).then((stored) => {
      if (stored === null) return;
      if (chatId === null) forgetFresh();
      if (stopsNew.current) stop(stored);
    });
  };
  const next = heldNow(held, { draft, waits, ready: chatId === null && choice.state === 'ready' });
  if (next === 'drop') setHeld(null);
  useEffect(() => {
    // Sending empties the draft, which ends the wait.
    if (next === 'send') send(draft);
  });
  return {
    send(message) {
      if (!waits) {
        send(message);
        return;
      }
      // A suggestion becomes the draft.
      if (message !== draft) setDraft(message);
      setHeld(message);
    },
    stop() {
      if (chatId === null) stopsNew.current = true;
      else stop(chatId);
    },
    stopping,
    waiting: next === 'wait',
  };
}
