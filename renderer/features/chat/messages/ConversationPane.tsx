/** The conversation, or its state: empty, loading, failed. */
import type { ReactNode } from 'react';
import type { AppError } from '../../../../preload/wire/errors.ts';
import { ErrorCard } from '../../../parts/ErrorCard.tsx';
import { Skeleton } from '../../../ui/display/Skeleton.tsx';
import { Conversation, OutgoingMessage } from './Conversation.tsx';
import { EmptyChat } from '../EmptyChat.tsx';
import type { MessageActions } from './message-actions.ts';
import type { OpenChat } from '../use-open-chat.ts';
import { words } from '../../../words/words.ts';

interface ConversationPaneProps {
  readonly open: OpenChat;
  readonly editingId: string | null;
  readonly target: string | null;
  readonly actions: MessageActions;
  readonly dividers: ReadonlyMap<string, ReactNode>;
  readonly canSend: boolean;
  readonly onSend: (text: string) => void;
  /** Begins the chat with a persona. */
  readonly onPersona: (personaId: string) => void;
}

export function ConversationPane(props: ConversationPaneProps): React.JSX.Element {
  const { open, editingId, target, actions, dividers } = props;
  if (open.id === null || open.path.length === 0) {
    return (
      <div className="chat-conversation">
        <Blank {...props} />
      </div>
    );
  }
  return (
    <Conversation
      key={open.id}
      chatId={open.id}
      path={open.path}
      compared={open.compared}
      outgoing={open.sending}
      busy={open.busy}
      editingId={editingId}
      target={target}
      actions={actions}
      dividers={dividers}
    />
  );
}

function Blank({ open, canSend, onSend, onPersona }: ConversationPaneProps): React.JSX.Element {
  if (open.sending !== null) {
    return (
      <div className="chat-scroll">
        <div className="chat-thread">
          <OutgoingMessage draft={open.sending} />
        </div>
      </div>
    );
  }
  if (open.failure && !open.view) return <LoadFailure error={open.failure} onRetry={open.retry} />;
  if (open.id !== null && !open.view) return <LoadingConversation />;
  return (
    <EmptyChat
      choice={open.choice}
      models={open.models ?? []}
      disabled={!canSend}
      onSend={onSend}
      onPersona={onPersona}
    />
  );
}

function LoadFailure({ error, onRetry }: { error: AppError; onRetry: () => void }): React.JSX.Element {
  return (
    <div className="chat-scroll">
      <div className="chat-thread">
        <ErrorCard error={error} onRetry={onRetry} />
      </div>
    </div>
  );
}

function LoadingConversation(): React.JSX.Element {
  return (
    <div className="chat-scroll">
      <div className="chat-thread chat-thread-loading">
        <Skeleton width="42%" height="2.6rem" label={words.chat.loadingChat} />
        <Skeleton lines={4} />
      </div>
    </div>
  );
}
