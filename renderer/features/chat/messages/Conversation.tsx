/** The shown path of a chat, oldest message first. */
import { ArrowDown } from 'lucide-react';
import { Fragment, startTransition, useEffect, useLayoutEffect, useRef, useState, type ReactNode } from 'react';
import type { Message } from '../../../../preload/contract/chat.ts';
import { lengthOf } from '../../../../preload/contract/message-parts.ts';
import { Button } from '../../../ui/controls/Button.tsx';
import { IconButton } from '../../../ui/controls/IconButton.tsx';
import type { Draft } from '../composer/draft.ts';
import type { MessageActions } from './message-actions.ts';
import { MessageItem, UserBubble } from './MessageItem.tsx';
import type { PathEntry } from './path.ts';
import { Comparison } from '../versions/Comparison.tsx';
import { NoReply } from './NoReply.tsx';
import { ReplyAnnouncer } from '../reply/ReplyAnnouncer.tsx';
import { useFollow } from './use-follow.ts';
import { words } from '../../../words/words.ts';
import './message.css';

/** Messages that a chat opens with: about a screen. */
const FIRST = 6;
/** Messages that follow at once when the user scrolls near the top, few so that no frame is missed. */
const PAGE = 10;
/** How far above the view messages are rendered, in pixels: a second of fast scrolling. */
const AHEAD = 3000;

interface ConversationProps {
  readonly chatId: string;
  readonly path: readonly PathEntry[];
  /** The replies at its end that are shown side by side. */
  readonly compared: readonly [Message, Message] | undefined;
  /** The message that main has not stored yet. */
  readonly outgoing: Draft | null;
  readonly busy: boolean;
  readonly editingId: string | null;
  /** The message that a search led to: it is scrolled into view and marked for a moment. */
  readonly target: string | null;
  readonly actions: MessageActions;
  /** Lines in the conversation, by the id of the message below each. */
  readonly dividers: ReadonlyMap<string, ReactNode>;
}

export function Conversation({
  chatId,
  path,
  compared,
  outgoing,
  busy,
  editingId,
  target,
  actions,
  dividers,
}: ConversationProps): React.JSX.Element {
  const last = path.at(-1)?.message;
  const growing = compared ?? (last ? [last] : []);
  const amount = path.length + growing.reduce((sum, message) => sum + lengthOf(message), 0);
  const { scroller, content, place, toEnd, leave } = useFollow(chatId, amount);
  const [limit, setLimit] = useState(FIRST);

  const targetIndex = target === null ? -1 : path.findIndex((entry) => entry.message.id === target);
  const shownCount = Math.min(path.length, Math.max(limit, targetIndex < 0 ? 0 : path.length - targetIndex + 5));
  const hidden = path.length - shownCount;

  useEffect(() => {
    if (outgoing !== null) toEnd();
  }, [outgoing, toEnd]);

  useLayoutEffect(() => {
    if (targetIndex < 0) return;
    leave();
    scroller.current
      ?.querySelector(`[data-message="${CSS.escape(target ?? '')}"]`)
      ?.scrollIntoView({ block: 'center' });
  }, [target, targetIndex, scroller, leave]);

  return (
    <div className="chat-conversation">
      <h2 className="visually-hidden">{words.conversation.title}</h2>
      <div
        ref={scroller}
        className="chat-scroll"
        role="log"
        aria-label={words.conversation.title}
        // Announced by sentence below.
        aria-live="off"
        tabIndex={0}
      >
        <div ref={content} className="chat-thread">
          {hidden > 0 ? (
            <Earlier key={hidden} hidden={hidden} onMore={() => startTransition(() => setLimit(shownCount + PAGE))} />
          ) : null}
          {path.slice(hidden, compared ? -1 : undefined).map(({ message, siblingIds, index }) => (
            <Fragment key={message.id}>
              {dividers.get(message.id)}
              <MessageItem
                message={message}
                index={index}
                count={siblingIds.length}
                previousId={siblingIds[index - 1] ?? null}
                nextId={siblingIds[index + 1] ?? null}
                busy={busy}
                isFirst={path.slice(0, 2).some((entry) => entry.message.id === message.id)}
                editing={editingId === message.id}
                marked={target === message.id}
                actions={actions}
              />
            </Fragment>
          ))}
          {compared ? <Comparison replies={compared} busy={busy} actions={actions} /> : null}
          {last?.role === 'user' && !busy && editingId !== last.id ? (
            <NoReply onWrite={() => actions.regenerate(last.id)} />
          ) : null}
          {outgoing === null ? null : <OutgoingMessage draft={outgoing} />}
        </div>
      </div>
      <ToEnd place={place} onClick={toEnd} />
      <ReplyAnnouncer message={last?.role === 'assistant' ? last : undefined} />
    </div>
  );
}

/** A message that main has not stored yet, and the reply that it waits for. */
export function OutgoingMessage({ draft }: { draft: Draft }): React.JSX.Element {
  return (
    <>
      <article className="chat-message chat-user" aria-label={words.conversation.you}>
        <UserBubble draft={draft} />
        <div className="chat-actions" />
      </article>
      <div className="chat-message">
        <p className="chat-waiting">
          <span className="chat-pulse" aria-hidden="true" />
          {words.conversation.sending}
        </p>
      </div>
    </>
  );
}

/** Becomes visible some screens early, so that the end is rarely seen. It is also a button, for users who reach it. */
function Earlier({ hidden, onMore }: { hidden: number; onMore: () => void }): React.JSX.Element {
  const element = useRef<HTMLDivElement>(null);
  const more = useRef(onMore);
  useEffect(() => {
    more.current = onMore;
  });
  useEffect(() => {
    if (!element.current) return;
    const observer = new IntersectionObserver(
      (entries) => entries.some((entry) => entry.isIntersecting) && more.current(),
      {
        root: element.current.closest('.chat-scroll'),
        rootMargin: `${AHEAD}px 0px 0px`,
      },
    );
    observer.observe(element.current);
    return () => observer.disconnect();
  }, []);
  return (
    <div ref={element} className="chat-earlier">
      <Button size="sm" variant="ghost" onClick={onMore}>
        {words.conversation.earlier(hidden)}
      </Button>
    </div>
  );
}

function ToEnd({ place, onClick }: { place: 'end' | 'away' | 'behind'; onClick: () => void }): ReactNode {
  if (place === 'end') return null;
  return (
    <div className="chat-to-end">
      {place === 'behind' ? (
        <Button size="sm" variant="secondary" icon={ArrowDown} onClick={onClick}>
          {words.conversation.newText}
        </Button>
      ) : (
        <IconButton
          size="sm"
          variant="secondary"
          icon={ArrowDown}
          label={words.conversation.toEnd}
          side="top"
          onClick={onClick}
        />
      )}
    </div>
  );
}
