/**
 * Titles by the model, written in the background after a reply. A title continues the conversation in its own place in the context, so
 * that the next message finds all of it there; any new reply ends the writing.
 */
import type { Sampling } from '../../preload/contract/chat.ts';
import { textOf } from '../../preload/contract/message-parts.ts';
import { isAppError } from '../../preload/wire/errors.ts';
import type { Inference } from '../inference/inference.ts';
import { setTitleBy, titleBy } from '../store/chat-order.ts';
import { getChat, isShown, putChat, type ChatRow } from '../store/chats.ts';
import { transaction, type Store } from '../store/store.ts';
import type { Memory } from './memory/memory.ts';
import { titleFromModel } from './title.ts';
import type { ChatTree } from './tree.ts';

const QUESTION =
  'Write a title for this conversation, in its language: three to six words, without quotation marks. Answer with the title alone.';
const sampling: Sampling = {
  ...{ temperature: 0, topK: 0, topP: 1, minP: 0, repeatPenalty: 1, seed: 1 },
  maxTokens: 40,
};
/** A longer conversation got its title before, or it got none that was good. */
const MOST_MESSAGES = 8;

export interface TitlesOptions {
  readonly store: Store;
  readonly inference: Pick<Inference, 'generate' | 'loaded'>;
  readonly tree: Pick<ChatTree, 'conversation'>;
  readonly memory: Pick<Memory, 'tell'>;
  readonly modelOf: (chat: Pick<ChatRow, 'modelId' | 'personaId'>) => string;
  /** Whether this model writes titles: the user wants it, and the model can. */
  readonly isWanted: (modelId: string) => Promise<boolean>;
  readonly publishChat: (chatId: string) => void;
  /** Gets errors that are bugs of Hearth. */
  readonly onDefect: (error: unknown) => void;
}

export interface Titles {
  /** A reply of the chat is complete: its title is written where it is not the user's, and none is written yet. */
  afterReply(chatId: string): void;
  /** A reply begins somewhere: what is being written ends, and is tried again after the next reply of its chat. */
  yield(): void;
  close(): Promise<void>;
}

/** Titles over a store and models. */
export function createTitles(options: TitlesOptions): Titles {
  const { store, inference, tree, modelOf } = options;
  /** Chats whose model wrote no title. It would write the same again. */
  const refused = new Set<string>();
  const writing = new Set<{ readonly abort: AbortController; readonly done: Promise<void> }>();

  async function write(chatId: string, signal: AbortSignal): Promise<void> {
    if (!isShown(store, chatId)) return;
    const chat = getChat(store, chatId);
    const modelId = modelOf(chat);
    const history = tree.conversation(chat.leafId);
    const [first] = history;
    if (titleBy(store, chatId) !== 'words' || refused.has(chatId + (first?.id ?? ''))) return;
    if (history.length < 2 || history.length > MOST_MESSAGES || !(await options.isWanted(modelId))) return;
    // Never a reason to load a model.
    if (signal.aborted || !inference.loaded().some((one) => one.modelId === modelId)) return;
    const { messages } = await options.memory.tell(chat, chat.leafId, modelId, signal);
    const request = {
      modelId,
      input: { messages: [...messages, { role: 'user' as const, content: QUESTION }] },
      ...{ sampling, priority: 'api' as const, client: 'titles', chatKey: chatId, policy: 'stop' as const },
      // A model that can answer at once is not to think about it.
      templateOptions: { enable_thinking: false },
    };
    let answer = '';
    let isWhole = false;
    for await (const event of inference.generate(request, signal)) {
      if (event.type === 'text') answer = (event.contentWasReasoning ? '' : answer) + event.content;
      if (event.type === 'end') isWhole = event.result.endReason === 'end_of_turn';
    }
    if (signal.aborted) return;
    const title = isWhole ? titleFromModel(answer, history.map(textOf)) : null;
    if (title === null) refused.add(chatId + (first?.id ?? ''));
    else keep(chatId, first?.id, title);
  }

  /** The user may have named or deleted the chat meanwhile, or shown another beginning of it. */
  function keep(chatId: string, firstId: string | undefined, title: string): void {
    if (!isShown(store, chatId) || titleBy(store, chatId) !== 'words') return;
    const chat = getChat(store, chatId);
    if (tree.conversation(chat.leafId)[0]?.id !== firstId) return;
    transaction(store, () => {
      putChat(store, { ...chat, title });
      setTitleBy(store, chatId, 'model');
    });
    options.publishChat(chatId);
  }

  return {
    afterReply(chatId) {
      const abort = new AbortController();
      const run = async (): Promise<void> => {
        try {
          await write(chatId, abort.signal);
        } catch (error) {
          // A conversation that does not fit, a model that is gone: the first words stay.
          if (!isAppError(error)) options.onDefect(error);
        }
        writing.delete(task);
      };
      const task = { abort, done: Promise.resolve() };
      writing.add(task);
      task.done = run();
    },
    yield() {
      for (const { abort } of writing) abort.abort();
    },
    async close() {
      for (const { abort } of writing) abort.abort();
      await Promise.all([...writing].map(({ done }) => done));
    },
  };
}
