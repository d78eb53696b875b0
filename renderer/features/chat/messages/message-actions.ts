import type { Message } from '../../../../preload/contract/chat.ts';
import type { Draft } from '../composer/draft.ts';
import type { WriterQuestion } from '../versions/writer-question.ts';
import type { VersionActions } from './version-actions.ts';

/** The actions of a message's buttons. The object stays the same for as long as the chat is open. */
export interface MessageActions extends VersionActions {
  readonly edit: (messageId: string, draft: Draft) => Promise<boolean>;
  readonly continue: (messageId: string) => void;
  readonly regenerate: (messageId: string) => void;
  readonly select: (messageId: string) => void;
  /** Scrolls to a message of the shown path, and marks it for a moment. */
  readonly show: (messageId: string) => void;
  readonly startEditing: (messageId: string | null) => void;
  /** Asks which model writes the reply again, or which two. */
  readonly askWriter: (question: WriterQuestion) => void;
  /** Shows what the model read before it wrote this reply. */
  readonly showSeen: (reply: Message) => void;
  readonly chooseModel: () => void;
  readonly newChat: () => void;
}
