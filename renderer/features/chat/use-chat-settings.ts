/** The settings of the open chat, or of the chat that is created with the next message. */
import { useCallback, useState } from 'react';
import type { FreshChat } from '../../../preload/contract/chat.ts';
import { attempt } from '../../connection/attempt.ts';
import { navigate } from '../../navigation/router.ts';
import { chatUpdate } from './chat-update.ts';

const nothingChosen: FreshChat = { modelId: null, systemPrompt: '', sampling: null, contextPolicy: null };

export interface ChatSettings {
  /** The settings of a chat that does not exist yet. */
  readonly fresh: FreshChat;
  /** Changes the chat, or the settings of a chat that does not exist yet. */
  readonly change: (patch: Partial<FreshChat>) => void;
  /** Resets the settings of a chat that does not exist yet, once it is created. */
  readonly forgetFresh: () => void;
}

/** `newModelId` is the model that a new chat starts with, from the address. */
export function useChatSettings(chatId: string | null, newModelId: string | null): ChatSettings {
  const [fresh, setFresh] = useState<FreshChat>({ ...nothingChosen, modelId: newModelId });
  const [askedModelId, setAskedModelId] = useState(newModelId);
  if (askedModelId !== newModelId) {
    setAskedModelId(newModelId);
    setFresh((now) => ({ ...now, modelId: newModelId }));
  }
  const change = (patch: Partial<FreshChat>): void => {
    if (chatId === null) {
      setFresh((now) => ({ ...now, ...patch }));
      if (patch.modelId !== undefined && newModelId !== null) {
        // The address no longer says the model, so that the same one can be asked for again.
        setAskedModelId(null);
        navigate({ screen: 'chat', chatId: null }, { replace: true });
      }
    } else void attempt('chat.update', chatUpdate(chatId, patch));
  };
  const forgetFresh = useCallback(() => setFresh(nothingChosen), []);
  return { fresh, change, forgetFresh };
}
