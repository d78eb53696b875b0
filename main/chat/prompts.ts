/** The exact prompts of replies: of a chat's next one, and of those that are written. */
import type { SeenPrompt } from '../../preload/contract/chat-tree.ts';
import { AppError } from '../../preload/wire/errors.ts';
import type { RenderedPrompt } from '../engine/engine.ts';
import type { Inference } from '../inference/inference.ts';
import { getChat, type ChatRow } from '../store/chats.ts';
import { getMessage } from '../store/messages.ts';
import type { Store } from '../store/store.ts';
import type { Memory } from './memory/memory.ts';

export interface PromptsOptions {
  readonly store: Store;
  readonly memory: Pick<Memory, 'tell'>;
  readonly inference: Pick<Inference, 'prompt'>;
  readonly modelOf: (chat: Pick<ChatRow, 'modelId' | 'personaId'>) => string;
}

export interface Prompts {
  /** The exact prompt of the chat's next reply, for the shown path. Throws engine.not_loaded. */
  prompt(chatId: string, signal?: AbortSignal): Promise<RenderedPrompt>;
  /** See the route of this name. */
  seenPrompt(messageId: string, signal?: AbortSignal): Promise<SeenPrompt>;
}

/** Prompts over a store and models. */
export function createPrompts({ store, memory, inference, modelOf }: PromptsOptions): Prompts {
  async function render(
    chat: ChatRow,
    leafId: string | null,
    modelId: string,
    signal: AbortSignal | undefined,
  ): Promise<RenderedPrompt> {
    const { messages } = await memory.tell(chat, leafId, modelId, signal);
    return await inference.prompt(modelId, { input: { messages }, policy: chat.contextPolicy }, signal);
  }

  return {
    async prompt(chatId, signal) {
      const chat = getChat(store, chatId);
      return await render(chat, chat.leafId, modelOf(chat), signal);
    },

    async seenPrompt(messageId, signal) {
      const { role, chatId, parentId, modelId, timing } = getMessage(store, messageId);
      if (role !== 'assistant' || modelId === null || timing === null)
        throw new AppError('invalid_input', 'No model wrote this message.', {
          reason: 'not_a_reply',
          field: 'messageId',
        });
      const { pieces, contextSize, promptHash } = await render(getChat(store, chatId), parentId, modelId, signal);
      return {
        ...{ pieces, contextSize },
        sameAsThen: timing.promptHash === undefined ? null : timing.promptHash === promptHash,
        isContinued: timing.continuedTokens !== undefined,
      };
    },
  };
}
