/** One message of the conversation, with its actions. */
import { ArrowRight, Box, ChevronLeft, ChevronRight, Pencil, RotateCw, WholeWord } from 'lucide-react';
import { LoadSettingsIcon } from '../../../parts/icons.ts';
import { memo, useState, type ReactNode } from 'react';
import type { Message } from '../../../../preload/contract/chat.ts';
import { canContinue } from '../../../../preload/contract/continuing.ts';
import { isBlank, textOf } from '../../../../preload/contract/message-parts.ts';
import { openLoadSettings } from '../../../navigation/load-sheet.ts';
import { Button } from '../../../ui/controls/Button.tsx';
import { CopyIconButton } from '../../../ui/controls/CopyButton.tsx';
import { IconButton } from '../../../ui/controls/IconButton.tsx';
import { draftOf, type Draft } from '../composer/draft.ts';
import { FileChips } from '../composer/FileChips.tsx';
import { omittedWords } from '../composer/context-parts.ts';
import { FoundAgain } from '../memory/FoundAgain.tsx';
import { CopyMenu } from './CopyMenu.tsx';
import { FailureCard } from '../reply/FailureCard.tsx';
import type { MessageActions } from './message-actions.ts';
import { blocksOf } from '../markdown/message-blocks.ts';
import { MessageEditor } from './MessageEditor.tsx';
import { MessageMenu } from './MessageMenu.tsx';
import { ReplyEditor } from './ReplyEditor.tsx';
import { RegenerateMenu } from '../versions/RegenerateMenu.tsx';
import { authorOf, ReplyAuthor } from './ReplyAuthor.tsx';
import { MessageText } from '../markdown/MessageText.tsx';
import { UserText } from './UserText.tsx';
import { Reasoning } from './Reasoning.tsx';
import { endWords, replyFigures } from '../reply/reply-facts.ts';
import { ReplyTokens } from '../reply/ReplyTokens.tsx';
import { SpeedLine, useSpeedNotes } from '../reply/SpeedLine.tsx';
import { WaitingReply } from '../reply/WaitingReply.tsx';
import { words } from '../../../words/words.ts';

export interface MessageItemProps {
  readonly message: Message;
  /** Index among the versions, from 0, and their ids. */
  readonly index: number;
  readonly count: number;
  readonly previousId: string | null;
  readonly nextId: string | null;
  /** A reply is being written in this chat, so that no other one can start. */
  readonly busy: boolean;
  /** It is the first message of the chat, or the reply to it. */
  readonly isFirst: boolean;
  readonly editing: boolean;
  /** Set for a moment on the message that a search led to. */
  readonly marked: boolean;
  readonly actions: MessageActions;
}

export const MessageItem = memo(function MessageItem(props: MessageItemProps) {
  return props.message.role === 'user' ? <UserMessage {...props} /> : <Reply {...props} />;
});

function UserMessage({ message, busy, editing, marked, actions, ...pager }: MessageItemProps): React.JSX.Element {
  return (
    <article
      className="chat-message chat-user"
      aria-label={words.conversation.you}
      data-message={message.id}
      data-marked={marked || undefined}
    >
      {editing ? (
        <MessageEditor
          draft={draftOf(message)}
          disabled={busy}
          onSave={(draft) => actions.edit(message.id, draft)}
          onClose={() => actions.startEditing(null)}
        />
      ) : (
        <>
          <UserBubble draft={draftOf(message)} />
          <div className="chat-actions">
            <CopyIconButton text={() => textOf(message)} label={words.conversation.copyMessage} />
            <IconButton
              label={words.conversation.editMessage}
              icon={Pencil}
              size="sm"
              disabled={busy}
              onClick={() => actions.startEditing(message.id)}
            />
            <MessageMenu message={message} busy={busy} actions={actions} index={pager.index} count={pager.count} />
            <Pager {...pager} of="message" select={actions.select} />
          </div>
        </>
      )}
    </article>
  );
}

/** The files of the user's message, and the text as it was typed. */
export function UserBubble({ draft: { text, files } }: { draft: Draft }): React.JSX.Element {
  return (
    <>
      <FileChips files={files} />
      {text === '' ? null : <Bubble text={text} />}
    </>
  );
}

function Bubble({ text }: { text: string }): React.JSX.Element {
  const [whole, setWhole] = useState(false);
  const long = text.length > 4_000 || text.split('\n', 41).length > 40;
  const shown = long && !whole ? shortened(text) : text;
  return (
    <div className="chat-bubble" dir="auto">
      <UserText text={shown} isCut={shown !== text} />
      {long ? (
        <Button
          variant="ghost"
          size="sm"
          className="chat-bubble-more"
          aria-expanded={whole}
          onClick={() => setWhole(!whole)}
        >
          {whole ? words.conversation.showLess : words.conversation.showAll}
        </Button>
      ) : null}
    </div>
  );
}

function shortened(text: string): string {
  return `${text.split('\n', 20).join('\n').slice(0, 2_000).trimEnd()}…`;
}

function Reply({ message, busy, isFirst, editing, marked, actions, ...pager }: MessageItemProps): React.JSX.Element {
  useSpeedNotes(message);
  const writing = message.status === 'pending' || message.status === 'streaming';
  const name = authorOf(message);
  const [tokens, setTokens] = useState(false);
  const hasTokens = !writing && message.sampling?.logprobs !== undefined && message.timing !== null;
  const showsTokens = hasTokens && tokens;
  const blocks = blocksOf(message.parts);
  return (
    <article
      className="chat-message chat-reply"
      aria-label={name}
      aria-busy={writing || undefined}
      data-message={message.id}
      data-status={message.status}
      data-marked={marked || undefined}
    >
      <ReplyAuthor message={message} />
      {writing && isBlank(message) ? <WaitingReply message={message} /> : null}
      {editing ? (
        <ReplyEditor
          text={textOf(message)}
          disabled={busy}
          onSave={(text) => actions.editReply(message.id, text)}
          onClose={() => actions.startEditing(null)}
        />
      ) : null}
      {(editing ? [] : blocks).map((block, index) => {
        const live = message.status === 'streaming' && index === blocks.length - 1;
        if (block.kind === 'reasoning') return <Reasoning key={index} block={block} thinking={live} />;
        return showsTokens ? null : <MessageText key={index} text={block.text} live={live} />;
      })}
      {showsTokens ? <ReplyTokens messageId={message.id} /> : null}
      {writing || editing ? null : (
        <>
          <Omitted message={message} />
          <FoundAgain message={message} onShow={actions.show} />
          <Ending message={message} busy={busy} isFirst={isFirst} actions={actions} />
          <div className="chat-actions">
            {textOf(message) === '' ? null : (
              <>
                <CopyIconButton text={() => textOf(message)} label={words.conversation.copyReply} />
                <CopyMenu text={() => textOf(message)} />
              </>
            )}
            {/* After a reply that did not end well, the ending itself has the button. No model wrote an opening message. */}
            {message.status === 'complete' && message.modelId !== null ? (
              <IconButton
                label={words.conversation.regenerate}
                icon={RotateCw}
                size="sm"
                disabled={busy}
                onClick={() => actions.regenerate(message.id)}
              />
            ) : null}
            {message.modelId === null ? null : <RegenerateMenu message={message} busy={busy} actions={actions} />}
            {hasTokens ? (
              <IconButton
                label={words.conversation.showAlternatives}
                icon={WholeWord}
                size="sm"
                pressed={tokens}
                onClick={() => setTokens(!tokens)}
              />
            ) : null}
            <MessageMenu message={message} busy={busy} actions={actions} index={pager.index} count={pager.count} />
            <Pager {...pager} of="reply" select={actions.select} />
            <Figures message={message} />
          </div>
        </>
      )}
    </article>
  );
}

/** Every omission is shown. */
function Omitted({ message }: { message: Message }): ReactNode {
  const omitted = omittedWords(message.timing);
  return omitted === null ? null : <p className="chat-ending chat-ending-words">{omitted}</p>;
}

/** The reason for an unusual end of the reply. Renders nothing after an ordinary one. */
function Ending({
  message,
  busy,
  isFirst,
  actions,
}: Pick<MessageItemProps, 'message' | 'busy' | 'isFirst' | 'actions'>): ReactNode {
  const { error, status } = message;
  if (error !== null || status === 'failed') {
    const shown = error ?? { code: 'internal' as const, message: '' };
    return <FailureCard message={message} error={shown} busy={busy} isFirst={isFirst} actions={actions} />;
  }
  const ending = endWords(message);
  if (ending === null) return null;
  return (
    <div className="chat-ending chat-ending-quiet">
      <p className="chat-ending-words">{ending}</p>
      {busy ? null : <EndingActions message={message} actions={actions} />}
    </div>
  );
}

function EndingActions({ message, actions }: Pick<MessageItemProps, 'message' | 'actions'>): ReactNode {
  const { id, modelId, status, timing } = message;
  const isFull = status === 'complete' && timing?.endReason === 'context_full';
  return (
    <>
      {canContinue(message) ? (
        <Button size="sm" variant="ghost" icon={ArrowRight} onClick={() => actions.continue(id)}>
          {words.conversation.continue}
        </Button>
      ) : null}
      {status === 'complete' ? null : (
        <Button size="sm" variant="ghost" icon={RotateCw} onClick={() => actions.regenerate(id)}>
          {words.conversation.regenerate}
        </Button>
      )}
      {isFull && modelId !== null ? (
        <Button size="sm" variant="ghost" icon={LoadSettingsIcon} onClick={() => openLoadSettings(modelId)}>
          {words.failure.actions.load_settings}
        </Button>
      ) : null}
      {isFull ? (
        <Button size="sm" variant="ghost" icon={Box} onClick={actions.chooseModel}>
          {words.failure.actions.choose_model}
        </Button>
      ) : null}
    </>
  );
}

function Figures({ message }: { message: Message }): ReactNode {
  const figures = replyFigures(message);
  return (
    <p className="chat-figures num">
      {figures.map(({ label, value }) => (
        <span key={label} title={label}>
          {value}
        </span>
      ))}
      <SpeedLine message={message} />
    </p>
  );
}

interface PagerProps extends Pick<MessageItemProps, 'index' | 'count' | 'previousId' | 'nextId'> {
  readonly of: 'message' | 'reply';
  readonly select: (messageId: string) => void;
}

function Pager({ index, count, previousId, nextId, of, select }: PagerProps): ReactNode {
  if (count < 2) return null;
  return (
    <div
      className="chat-pager"
      role="group"
      aria-label={of === 'message' ? words.conversation.versionsOfMessage : words.conversation.versionsOfReply}
    >
      <IconButton
        label={words.conversation.previousVersion}
        icon={ChevronLeft}
        size="sm"
        className="chat-flip"
        disabled={previousId === null}
        onClick={() => previousId !== null && select(previousId)}
      />
      <span className="num">
        <span aria-hidden="true">{words.conversation.place(index + 1, count)}</span>
        <span className="visually-hidden">{words.conversation.version(index + 1, count)}</span>
      </span>
      <IconButton
        label={words.conversation.nextVersion}
        icon={ChevronRight}
        size="sm"
        className="chat-flip"
        disabled={nextId === null}
        onClick={() => nextId !== null && select(nextId)}
      />
    </div>
  );
}
