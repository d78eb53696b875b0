/**
 * Announces a reply to a screen reader in whole sentences while it is written. The conversation itself is no live
 * region: every token would be read.
 */
import { useEffect, useRef, useState } from 'react';
import type { Message } from '../../../../preload/contract/chat.ts';
import { textOf } from '../../../../preload/contract/message-parts.ts';
import { wordsFor } from '../../../words/error-words.ts';
import { failureTitle } from './failure-title.ts';
import { endWords } from './reply-facts.ts';
import { sentenceEnd, speakable } from './sentences.ts';
import { words } from '../../../words/words.ts';

/** Sentences that end within this time are announced together, so that a fast model does not interrupt each one. */
const GATHER_MS = 900;

/**
 * `message`: the last reply of the path, or undefined. Only text that is written while this is mounted is announced.
 */
export function ReplyAnnouncer({ message }: { message: Message | undefined }): React.JSX.Element {
  const [said, setSaid] = useState('');
  const latest = useRef(message);
  const heard = useRef<{ readonly id: string; upTo: number } | null>(null);
  const id = message?.id;
  const writing = message?.status === 'pending' || message?.status === 'streaming';

  useEffect(() => {
    latest.current = message;
  });

  useEffect(() => {
    const say = (complete: boolean): void => {
      const at = heard.current;
      const now = latest.current;
      if (!at || now?.id !== at.id) return;
      const text = textOf(now);
      const end = sentenceEnd(text, at.upTo, complete);
      const pieces = [speakable(text.slice(at.upTo, end)), complete ? endingOf(now) : ''];
      at.upTo = end;
      const sentence = pieces.filter((part) => part !== '').join(' ');
      if (sentence !== '') setSaid(sentence);
    };
    if (id === undefined) return;
    if (!writing) {
      say(true);
      heard.current = null;
      return;
    }
    heard.current = { id, upTo: latest.current ? textOf(latest.current).length : 0 };
    const timer = setInterval(() => say(false), GATHER_MS);
    return () => clearInterval(timer);
  }, [id, writing]);

  return (
    <div className="visually-hidden" aria-live="polite" aria-atomic="true">
      {said}
    </div>
  );
}

function endingOf(message: Message): string {
  const { error, status } = message;
  // The same title as that of the card.
  if (error !== null) return failureTitle(error, message) ?? words.errors.asSentence(wordsFor(error).title);
  return status === 'failed' ? words.conversation.replyFailed : (endWords(message) ?? '');
}
