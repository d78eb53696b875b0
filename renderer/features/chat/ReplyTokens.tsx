/** A reply token by token: the less likely one was, the more it is tinted and underlined; below, what else could have stood there. */
import { useMemo } from 'react';
import type { TokenLogprob } from '../../../preload/contract/chat.ts';
import { useQuery } from '../../connection/live.ts';
import { ErrorCard } from '../../parts/ErrorCard.tsx';
import { Skeleton } from '../../ui/Skeleton.tsx';
import { TokenText, type ShownToken } from '../../parts/TokenText.tsx';
import { choicesOf, levelOf, shareWords } from './reply-tokens.ts';

type ReplyToken = TokenLogprob & ShownToken;

export function ReplyTokens({ messageId }: { messageId: string }): React.JSX.Element {
  const answer = useQuery('chat.tokens', { messageId });
  const kept = answer.value?.tokens;
  const tokens = useMemo<readonly ReplyToken[]>(
    () => (kept ?? []).map((token) => ({ ...token, tint: 'var(--accent)', level: levelOf(Math.exp(token.logprob)) })),
    [kept],
  );
  if (answer.status === 'error') return <ErrorCard error={answer.error} onRetry={answer.retry} />;
  if (answer.status === 'loading') return <Skeleton lines={3} label="Reading the tokens" />;
  if (tokens.length === 0)
    return (
      <p className="chat-ending-words">
        The alternatives of this reply are no longer there: they are kept for the last replies, until Hearth is closed.
      </p>
    );
  return (
    <div className="chat-tokens">
      <TokenText
        label="Tokens of the reply"
        look="prose"
        tokens={tokens}
        describe={(token) => <Choices token={token} />}
      />
    </div>
  );
}

function Choices({ token }: { token: ReplyToken }): React.JSX.Element {
  return (
    <ul className="chat-choices" aria-label="What could have stood here">
      {choicesOf(token).map(({ text, probability, taken }, index) => (
        <li key={index} data-taken={taken || undefined}>
          <span className="chat-choice-text mono">{JSON.stringify(text)}</span>
          <span className="chat-choice-bar" aria-hidden="true">
            <span style={{ inlineSize: `${probability * 100}%` }} />
          </span>
          <span className="chat-choice-share">{shareWords(probability)}</span>
          <span className="secondary">{taken ? 'written' : ''}</span>
        </li>
      ))}
    </ul>
  );
}
