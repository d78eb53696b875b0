/** The exact prompt that the next reply of a chat would get, token by token. */
import { useMemo } from 'react';
import type { PromptPiece } from '../../../preload/contract/engine.ts';
import { useQuery } from '../../connection/live.ts';
import { CopyButton } from '../../ui/CopyButton.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { ErrorCard } from '../../parts/ErrorCard.tsx';
import { formatInteger } from '../../words/format.ts';
import { Skeleton } from '../../ui/Skeleton.tsx';
import { TokenText, type ShownToken } from '../../parts/TokenText.tsx';

const originNames: Record<PromptPiece['origin'], string> = {
  template: 'Marks of the chat template',
  system: 'Instructions',
  history: 'Earlier messages',
  message: 'Your message',
};
const origins = ['system', 'history', 'message', 'template'] as const;

export function ExactPrompt({ chatId, onClose }: { chatId: string; onClose: () => void }): React.JSX.Element {
  const prompt = useQuery('engine.prompt', { chatId });
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Exact prompt"
      description="What the model reads before it writes the next reply, in its own tokens."
      size="lg"
    >
      {prompt.status === 'error' ? <ErrorCard error={prompt.error} onRetry={prompt.retry} /> : null}
      {prompt.status === 'loading' ? <Skeleton lines={8} label="Reading the prompt" /> : null}
      {prompt.value ? <Prompt pieces={prompt.value.pieces} contextSize={prompt.value.contextSize} /> : null}
    </Dialog>
  );
}

function Prompt({ pieces, contextSize }: { pieces: readonly PromptPiece[]; contextSize: number }): React.JSX.Element {
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
        <ul className="chat-prompt-legend num" aria-label="Where the tokens come from">
          {origins
            .filter((origin) => amount(origin) > 0)
            .map((origin) => (
              <li key={origin}>
                <span className="origin-dot" style={{ '--o': `var(--o-${origin})` } as React.CSSProperties} />
                {originNames[origin]} <span className="secondary">{formatInteger(amount(origin))}</span>
              </li>
            ))}
        </ul>
        <span className="secondary num">
          {formatInteger(tokens.length)} of {formatInteger(contextSize)} tokens
        </span>
      </div>
      <TokenText label="Exact prompt" tokens={tokens} describe={({ origin }) => <span>{originNames[origin]}</span>} />
      <div className="chat-prompt-acts">
        <CopyButton size="sm" label="Copy as text" text={() => tokens.map((token) => token.text).join('')} />
        <CopyButton size="sm" label="Copy token ids" text={() => tokens.map((token) => token.id).join(' ')} />
      </div>
    </div>
  );
}
