/** The settings of the open chat, or of the chat that is created with the next message. */
import { useCallback, useState } from 'react';
import type { FreshChat } from '../../../preload/contract/chat.ts';
import { attempt } from '../../connection/attempt.ts';
import { navigate } from '../../navigation/router.ts';
import { chatUpdate } from './chat-update.ts';
import { textDraft } from './composer/draft.ts';
import { drafts } from './composer/use-sender.ts';

const nothingChosen: FreshChat = {
  ...{ modelId: null, systemPrompt: '', sampling: null, contextPolicy: null, personaId: null },
};

export interface ChatSettings {
  /** The settings of a chat that does not exist yet. */
  readonly fresh: FreshChat;
  /** Changes the chat, or the settings of a chat that does not exist yet. */
  readonly change: (patch: Partial<FreshChat>) => void;
  /** Speaks as this persona from the next reply on. A chat that does not exist yet begins with its opening messages. */
  readonly choosePersona: (personaId: string | null) => Promise<void>;
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
  const choosePersona = async (personaId: string | null): Promise<void> => {
    if (chatId !== null || personaId === null) {
      change({ personaId });
      return;
    }
    const started = await attempt('personas.startChat', { personaId, modelId: fresh.modelId });
    if (!started) return;
    // What was chosen before stays chosen.
    const { systemPrompt, sampling, contextPolicy } = fresh;
    if (systemPrompt !== '' || sampling !== null || contextPolicy !== null)
      await attempt('chat.update', chatUpdate(started.chatId, { systemPrompt, sampling, contextPolicy }));
    drafts.set(started.chatId, drafts.get(null));
    drafts.set(null, textDraft(''));
    forgetFresh();
    navigate({ screen: 'chat', chatId: started.chatId });
  };
  return { fresh, change, choosePersona, forgetFresh };
}
