/** Asking the open chat for a reply, and stopping it. */
import { useEffect, useRef, useState } from 'react';
import { attempt } from '../../../connection/attempt.ts';
import type { ChatSettings } from '../use-chat-settings.ts';
import type { OpenChat } from '../use-open-chat.ts';
import { waitsForModels } from '../why-blocked.ts';
import type { Sender } from './use-sender.ts';

export interface ReplyActions {
  readonly send: (text: string) => void;
  readonly stop: () => void;
  readonly stopping: boolean;
}

export function useReply(
  { id: chatId, choice, models, view }: OpenChat,
  sender: Sender,
  { fresh, forgetFresh }: ChatSettings,
): ReplyActions {
  const [stopping, setStopping] = useState(false);
  // The text stays in the composer until then.
  const held = useRef<string | null>(null);
  const waits = waitsForModels({ id: chatId, models }, fresh.modelId);
  const send = (text: string): void => {
    // A new chat gets the model that the picker shows.
    const settings = { ...fresh, modelId: fresh.modelId ?? (choice.state === 'ready' ? choice.model.id : null) };
    const messageCount = view?.messages.size ?? 0;
    void sender.send({ chatId, messageCount, fresh: settings }, text).then((stored) => {
      if (stored && chatId === null) forgetFresh();
    });
  };
  useEffect(() => {
    const text = held.current;
    if (text === null || waits) return;
    held.current = null;
    if (chatId === null && choice.state === 'ready') send(text);
  });
  return {
    send(text) {
      if (waits) held.current = text;
      else send(text);
    },
    stop() {
      if (chatId === null) return;
      setStopping(true);
      void attempt('chat.stop', { chatId }).finally(() => setStopping(false));
    },
    stopping,
  };
}
