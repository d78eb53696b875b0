/** The handlers of the prompt library and of what the field for the next message asks. */
import { MAX_SENT_LENGTH, MAX_SENT_TEXTS, type composerRoutes } from '../../preload/contract/composer.ts';
import type { promptsRoutes } from '../../preload/contract/prompts.ts';
import type { Handlers } from '../../preload/wire/rpc.ts';
import type { Engine } from '../engine/engine.ts';
import type { Prompts } from '../prompts/prompts.ts';

export interface PromptModules {
  readonly prompts: Prompts;
  readonly engine: Pick<Engine, 'countTokens'>;
  readonly chats: { sentTexts(wanted: { chatId: string | null; limit: number; maxLength: number }): readonly string[] };
}

/** The handlers over these modules. */
export function createPromptsHandlers({
  prompts,
  engine,
  chats,
}: PromptModules): Handlers<typeof promptsRoutes & typeof composerRoutes> {
  return {
    'prompts.watch': (_input, { signal }) => prompts.watch(signal),
    'prompts.read': ({ promptId }) => prompts.read(promptId),
    'prompts.save': ({ promptId, ...content }) => prompts.save(promptId, content),
    'prompts.delete': ({ promptIds }) => prompts.delete(promptIds),
    'prompts.undoDelete': ({ promptIds }) => prompts.undoDelete(promptIds),
    'prompts.import': ({ text }) => prompts.import(text),
    'prompts.export': ({ form, promptIds }) => prompts.export(form, promptIds),
    'composer.countTokens': async ({ modelId, texts }, { signal }) => {
      const tokens: number[] = [];
      for (const text of texts) {
        const count = text === '' ? 0 : await engine.countTokens(modelId, text, signal);
        if (count === null) return { tokens: null };
        tokens.push(count);
      }
      return { tokens };
    },
    'composer.sentTexts': ({ chatId }) => ({
      texts: chats.sentTexts({ chatId, limit: MAX_SENT_TEXTS, maxLength: MAX_SENT_LENGTH }),
    }),
  };
}
