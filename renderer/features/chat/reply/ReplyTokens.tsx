/**
 * A reply token by token: unlikely tokens are tinted and underlined more strongly. The alternatives of the active token
 * are below.
 */
import { useMemo } from 'react';
import type { TokenLogprob } from '../../../../preload/contract/chat.ts';
import { useQuery } from '../../../connection/live.ts';
import { ErrorCard } from '../../../parts/ErrorCard.tsx';
import { Skeleton } from '../../../ui/display/Skeleton.tsx';
import { TokenText, type ShownToken } from '../../../parts/TokenText.tsx';
import { formatProbability } from '../../../words/format.ts';
import { choicesOf, levelOf } from '../../../parts/token-choices.ts';
import { words } from '../../../words/words.ts';

type ReplyToken = TokenLogprob & ShownToken;

export function ReplyTokens({ messageId }: { messageId: string }): React.JSX.Element {
  const answer = useQuery('chat.tokens', { messageId });
  const kept = answer.value?.tokens;
  const tokens = useMemo<readonly ReplyToken[]>(
    () => (kept ?? []).map((token) => ({ ...token, tint: 'var(--accent)', level: levelOf(Math.exp(token.logprob)) })),
    [kept],
  );
  if (answer.status === 'error') return <ErrorCard error={answer.error} onRetry={answer.retry} />;
  if (answer.status === 'loading') return <Skeleton lines={3} label={words.alternatives.reading} />;
  if (tokens.length === 0) return <p className="chat-ending-words">{words.alternatives.gone}</p>;
  return (
    <div className="chat-tokens">
      <TokenText
        label={words.alternatives.label}
        look="prose"
        tokens={tokens}
        describe={(token) => <Choices token={token} />}
      />
    </div>
  );
}

function Choices({ token }: { token: ReplyToken }): React.JSX.Element {
  return (
    <ul className="chat-choices" aria-label={words.alternatives.choices}>
      {choicesOf(token).map(({ text, probability, taken }, index) => (
        <li key={index} data-taken={taken || undefined}>
          <span className="chat-choice-text mono">{JSON.stringify(text)}</span>
          <span className="chat-choice-bar" aria-hidden="true">
            <span style={{ inlineSize: `${probability * 100}%` }} />
          </span>
          <span className="chat-choice-share">{formatProbability(probability)}</span>
          <span className="secondary">{taken ? words.alternatives.written : ''}</span>
        </li>
      ))}
    </ul>
  );
}
