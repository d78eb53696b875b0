/** Asking the open chat for a reply, and stopping it. */
import { useState } from 'react';
import { attempt } from '../../../connection/attempt.ts';
import type { ChatSettings } from '../use-chat-settings.ts';
import type { OpenChat } from '../use-open-chat.ts';
import type { Sender } from './use-sender.ts';

export interface ReplyActions {
  readonly send: (text: string) => void;
  readonly stop: () => void;
  readonly stopping: boolean;
}

export function useReply(
  { id: chatId, choice, view }: OpenChat,
  sender: Sender,
  { fresh, forgetFresh }: ChatSettings,
): ReplyActions {
  const [stopping, setStopping] = useState(false);
  return {
    send(text) {
      // A new chat gets the model that the picker shows.
      const settings = { ...fresh, modelId: fresh.modelId ?? (choice.state === 'ready' ? choice.model.id : null) };
      const messageCount = view?.messages.size ?? 0;
      void sender.send({ chatId, messageCount, fresh: settings }, text).then((stored) => {
        if (stored && chatId === null) forgetFresh();
      });
    },
    stop() {
      if (chatId === null) return;
      setStopping(true);
      void attempt('chat.stop', { chatId }).finally(() => setStopping(false));
    },
    stopping,
  };
}
