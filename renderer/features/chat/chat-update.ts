import type { FreshChat } from '../../../preload/contract/chat.ts';

type Change = Partial<FreshChat>;

/** The input of `chat.update` for a change of a chat's settings. A null model or policy changes nothing. */
export function chatUpdate(
  chatId: string,
  change: Change,
): { chatId: string } & Pick<Change, 'systemPrompt' | 'sampling' | 'personaId'> & {
    modelId?: string;
    contextPolicy?: NonNullable<FreshChat['contextPolicy']>;
  } {
  const { modelId, contextPolicy, ...rest } = change;
  return { chatId, ...rest, ...(modelId ? { modelId } : {}), ...(contextPolicy ? { contextPolicy } : {}) };
}
