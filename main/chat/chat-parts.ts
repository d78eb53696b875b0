/** The parts that chats are made of, joined. */
import type { Message, Sampling } from '../../preload/contract/chat.ts';
import { UNDO_MS } from '../base/undo.ts';
import type { ErrorBody } from '../../preload/wire/errors.ts';
import type { Inference } from '../inference/inference.ts';
import { getChat, hasChat, newestChatModel, type ChatRow } from '../store/chats.ts';
import type { Files } from '../store/files.ts';
import { hasMessage, listMessages, markInterrupted, putMessage } from '../store/messages.ts';
import { transaction, type Store } from '../store/store.ts';
import { createDeletions } from './deletions.ts';
import { createChatFeeds, type ChatSnapshot } from './feeds.ts';
import { createKeptTokens } from './kept-tokens.ts';
import { createMemory } from './memory/memory.ts';
import { createMessageDeletions } from './message-deletions.ts';
import { createChatOrder } from './order.ts';
import { createPublishing } from './publishing.ts';
import { createOpening } from './opening.ts';
import { createQueue, endedWell } from './queue.ts';
import { ofPersonas, withoutPersonas, type ChatPersonas } from './personas/personas.ts';
import { createReplies } from './replies.ts';
import { createRunningTurns } from './running-turns.ts';
import { createChatStates, type ChatStatesOptions } from './states.ts';
import { createTitles } from './titles.ts';
import { createChatTree } from './tree.ts';
import { createUnsavedReplies } from './unsaved-replies.ts';
import { createVersions } from './versions.ts';

/** What says the sampling of chats: personas with all that belongs to them, or one sampling for all. */
type SamplingSource =
  | { readonly personas: ChatPersonas }
  /** `again`: for another version of a reply, which must be able to differ. */
  | { readonly defaultSampling: (modelId: string, again: boolean) => Sampling };

export type ChatOptions = SamplingSource & ChatParts;

interface ChatParts {
  readonly store: Store;
  /** The files that messages name. */
  readonly files: Files;
  readonly inference: Pick<
    Inference,
    'generate' | 'prompt' | 'count' | 'render' | 'keep' | 'loaded' | 'saveState' | 'dropState'
  >;
  readonly builtInModelId: string;
  readonly onModelUsed: (modelId: string) => void;
  /** Whether a model writes the titles of its chats. Absent: titles are the first words. */
  readonly writesTitles?: (modelId: string) => Promise<boolean>;
  /** The folder of chat states and the limit for their sizes together. Absent: no states are kept. */
  readonly states?: Pick<ChatStatesOptions, 'folder' | 'budgetBytes' | 'idleMs' | 'closeMs'>;
  /** Gets errors that are bugs of Hearth. */
  readonly onDefect?: (error: unknown) => void;
  /** A deleted chat could not be purged and is still on the disk, hidden. */
  readonly onNotPurged?: (error: unknown) => void;
  /** A reply ended with an error, which its message has as well. */
  readonly onReplyFailed?: (error: ErrorBody, modelId: string | null) => void;
  readonly now?: () => number;
  /** How long a deletion can be undone. */
  readonly undoMs?: number;
}

/** The parts over a store and models. Replies that an earlier process left unfinished are marked as interrupted. */
export function createChatParts(options: ChatOptions) {
  const { store, files, inference, now = Date.now, undoMs = UNDO_MS, onDefect = () => {} } = options;
  const personas = 'personas' in options ? options.personas : withoutPersonas(options.defaultSampling);
  /** The chat's model, else its persona's, else the built-in one. Only this function decides that. */
  const modelOf = ({ modelId, personaId }: Pick<ChatRow, 'modelId' | 'personaId'>): string =>
    modelId ?? personas.find(personaId)?.modelId ?? options.builtInModelId;

  const feeds = createChatFeeds();
  const tokens = createKeptTokens();
  const turns = createRunningTurns(onDefect);
  const save = (message: Message): void => transaction(store, () => putMessage(store, message));
  const unsaved = createUnsavedReplies({
    save,
    isGone: ({ chatId, id }) => !hasChat(store, chatId) || !hasMessage(store, id),
    onSaved: (message) => feeds.publish(message.chatId, { type: 'message', message }),
    onDefect,
  });
  const current = (message: Message): Message => turns.find(message) ?? unsaved.find(message.id) ?? message;
  const tree = createChatTree({ ...{ store, files, now, modelOf, current }, ...ofPersonas(personas) });
  transaction(store, () => markInterrupted(store));
  const memory = createMemory({
    ...{ store, inference, now, modelOf, undoMs, onDefect, pathOfFile: files.pathOf, conversation: tree.conversation },
    ...{ frame: personas.frame, samplingOf: (chat, modelId) => personas.inForce(chat, modelId).sampling },
  });
  const states = options.states && createChatStates({ ...options.states, store, inference, now });
  const deleting = {
    ...{ store, files, now, onDefect, undoMs },
    ...(options.onNotPurged ? { onStays: options.onNotPurged } : {}),
  };
  const deletions = createDeletions({
    ...deleting,
    onGone(chatId) {
      memory.forget(chatId);
      states?.forget(chatId);
      tokens.forgetChat(chatId);
    },
  });
  deletions.purgeHidden();

  const { shown, list, publishChat, publishChats } = createPublishing({ store, feeds, modelOf, isBusy: turns.isBusy });
  const order = createChatOrder({ store, feeds, deletions, turns, publishChats, now, undoMs, onDefect });

  const snapshotOf = (chatId: string): ChatSnapshot => ({
    chat: shown(getChat(store, chatId)),
    messages: listMessages(store, chatId).map(current),
    queued: queue.list(chatId),
  });
  const messageDeletions = createMessageDeletions({
    ...deleting,
    turns,
    unsaved,
    publishAll(chatId) {
      feeds.publish(chatId, { type: 'snapshot', ...snapshotOf(chatId) });
      publishChat(chatId);
    },
    // The state and the tokens hold their text as well.
    onGone(chatId) {
      states?.forget(chatId);
      tokens.forgetChat(chatId);
    },
  });
  messageDeletions.purgeHidden();

  const begin = createOpening({ personas, tree, newestModelId: () => newestChatModel(store), onBegun: publishChat });
  const isWanted = options.writesTitles ?? (() => Promise.resolve(false));
  const titles = createTitles({
    ...{ store, inference, memory, tree, modelOf, isWanted, publishChat, onDefect },
  });
  const replies = createReplies({
    ...{ files, inference, memory, states, feeds, tree, turns, tokens, unsaved, save, titles, now },
    onModelUsed: options.onModelUsed,
    onFailed: options.onReplyFailed ?? (() => {}),
    onEnded: (message) => endedWell(message) && queue.sendNext(message.chatId),
    publishChat,
  });

  const queue = createQueue({
    ...{ store, files, turns, now, replies: () => replies },
    publish: (chatId, queued) => feeds.publish(chatId, { type: 'queue', queued }),
  });
  const versions = createVersions({
    store,
    tree,
    turns,
    replies,
    feeds,
    current,
    publishChat,
    now,
    onKept: queue.sendNext,
  });

  return {
    ...{ store, inference, now, undoMs, personas, modelOf, feeds, tokens, turns, unsaved, tree, memory, states },
    ...{ deletions, messageDeletions, order, titles, replies, queue, versions, begin },
    ...{ shown, list, publishChat, snapshotOf },
  };
}
