/** The actions that make versions and branches of messages, without those whose state a screen keeps. */
import type { Writer } from '../../../../preload/contract/chat-tree.ts';
import { attempt } from '../../../connection/attempt.ts';
import { navigate } from '../../../navigation/router.ts';
import { toast } from '../../../ui/layers/toast.ts';
import { words } from '../../../words/words.ts';
import { createMessageIds, randomId } from '../composer/message-ids.ts';
import { deleteMessage, type VersionPlace } from './delete-message.ts';

export interface VersionActions {
  readonly editReply: (messageId: string, text: string) => Promise<boolean>;
  readonly branch: (messageId: string) => void;
  readonly remove: (messageId: string, place: VersionPlace) => void;
  /** Writes the reply again, with this model and sampling in place of the chat's. */
  readonly writeWith: (messageId: string, writer: Writer) => void;
  readonly compare: (messageId: string, writers: readonly [Writer, Writer]) => Promise<boolean>;
  /** Keeps a reply of a comparison; `name`: that of its model. */
  readonly keep: (messageId: string, name: string) => void;
  readonly stopReply: (chatId: string, replyId: string) => void;
}

/** A version that is sent again, because its answer was lost, keeps its id. */
const versionIds = createMessageIds(randomId);
const nothing = { modelId: null, systemPrompt: '', sampling: null, contextPolicy: null };

/** A title of a chat is no longer than this. */
const LONGEST_TITLE = 200;

/** Makes a chat from the messages down to this one, and opens it. `title`: that of the open chat. */
export function branchFrom(messageId: string, title: string): void {
  const branched = words.versions.branchTitle(title).slice(-LONGEST_TITLE);
  void attempt('chat.branch', { messageId, title: branched }).then((branch) => {
    if (branch) navigate({ screen: 'chat', chatId: branch.chatId });
  });
}

export const versionActions: Omit<VersionActions, 'branch'> = {
  async editReply(messageId, text) {
    const versionId = versionIds.idOf({ chatId: messageId, fresh: nothing }, text);
    const saved = await attempt('chat.editReply', { messageId, text, versionId });
    if (saved) versionIds.forget();
    return saved !== undefined;
  },
  remove: (messageId, place) => void deleteMessage(messageId, place),
  writeWith: (messageId, writer) => void attempt('chat.regenerate', { messageId, writer }),
  compare: async (messageId, [first, second]) =>
    (await attempt('chat.compare', { messageId, writers: [first, second] })) !== undefined,
  keep: (messageId, name) =>
    void attempt('chat.keep', { messageId }).then((kept) => {
      if (kept !== undefined) toast({ text: words.versions.kept(name) });
    }),
  stopReply: (chatId, replyId) => void attempt('chat.stop', { chatId, replyId }),
};
