/** The exact prompt of a chat's next reply, token by token. */
import { useMemo } from 'react';
import type { PromptPiece } from '../../../../preload/contract/engine.ts';
import { useQuery } from '../../../connection/live.ts';
import { CopyButton } from '../../../ui/controls/CopyButton.tsx';
import { Dialog } from '../../../ui/layers/Dialog.tsx';
import { ErrorCard } from '../../../parts/ErrorCard.tsx';
import { formatInteger } from '../../../words/format.ts';
import { Skeleton } from '../../../ui/display/Skeleton.tsx';
import { TokenText, type ShownToken } from '../../../parts/TokenText.tsx';
import { words } from '../../../words/words.ts';

const origins = ['system', 'summary', 'recalled', 'files', 'history', 'message', 'template'] as const;

export function ExactPrompt({ chatId, onClose }: { chatId: string; onClose: () => void }): React.JSX.Element {
  const prompt = useQuery('engine.prompt', { chatId });
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={words.prompt.title}
      description={words.prompt.text}
      size="lg"
    >
      {prompt.status === 'error' ? <ErrorCard error={prompt.error} onRetry={prompt.retry} /> : null}
      {prompt.status === 'loading' ? <Skeleton lines={8} label={words.prompt.reading} /> : null}
      {prompt.value ? <Prompt pieces={prompt.value.pieces} contextSize={prompt.value.contextSize} /> : null}
    </Dialog>
  );
}

/** The tokens of a prompt, tinted by their origin. */
export function Prompt({
  pieces,
  contextSize,
}: {
  pieces: readonly PromptPiece[];
  contextSize: number;
}): React.JSX.Element {
  const tokens = useMemo<readonly (ShownToken & Pick<PromptPiece, 'origin'>)[]>(
    () =>
      pieces.flatMap(({ origin, tokens: own }) =>
        own.map((token) => ({ ...token, origin, tint: `var(--o-${origin})` })),
      ),
    [pieces],
  );
  const amount = (origin: PromptPiece['origin']): number =>
    pieces.reduce((sum, piece) => sum + (piece.origin === origin ? piece.tokens.length : 0), 0);
  return (
    <div className="chat-prompt-view">
      <div className="chat-prompt-head">
        <ul className="chat-prompt-legend num" aria-label={words.prompt.legend}>
          {origins
            .filter((origin) => amount(origin) > 0)
            .map((origin) => (
              <li key={origin}>
                <span className="origin-dot" style={{ '--o': `var(--o-${origin})` } as React.CSSProperties} />
                {words.contextMeter.origins[origin]} <span className="secondary">{formatInteger(amount(origin))}</span>
              </li>
            ))}
        </ul>
        <span className="secondary num">{words.models.tokensOf(tokens.length, contextSize)}</span>
      </div>
      <TokenText
        label={words.prompt.title}
        tokens={tokens}
        describe={({ origin }) => <span>{words.contextMeter.origins[origin]}</span>}
      />
      <div className="chat-prompt-actions">
        <CopyButton size="sm" label={words.prompt.copyText} text={() => tokens.map((token) => token.text).join('')} />
        <CopyButton size="sm" label={words.prompt.copyIds} text={() => tokens.map((token) => token.id).join(' ')} />
      </div>
    </div>
  );
}
