/** How full the model's context was after the last reply, by where its tokens came from. A click opens the make-up. */
import { Binary, SlidersHorizontal } from 'lucide-react';
import { useState } from 'react';
import type { ContextPolicy, Timing } from '../../../preload/contract/chat.ts';
import { Button } from '../../ui/Button.tsx';
import { formatInteger, formatPercent } from '../../words/format.ts';
import { MeterBar } from '../../ui/MeterBar.tsx';
import { Popover } from '../../ui/Popover.tsx';
import { omittedWords, policies, reusedWords, type ContextPart, type ContextUse } from './context-parts.ts';
import '../../parts/origin.css';

interface ContextMeterProps {
  readonly use: ContextUse;
  readonly timing: Timing;
  readonly policy: ContextPolicy;
  /** Null while there is no model whose prompt could be shown. */
  readonly onShowPrompt: (() => void) | null;
  readonly onLoadSettings: (() => void) | null;
}

const colour = (part: ContextPart): string => `var(--o-${part.key})`;

export function ContextMeter(props: ContextMeterProps): React.JSX.Element {
  const { use } = props;
  const [open, setOpen] = useState(false);
  const share = use.usedTokens / use.contextSize;
  const words = `${formatInteger(use.usedTokens)} of ${formatInteger(use.contextSize)} tokens`;
  return (
    <Popover
      title="Room for the conversation"
      side="top"
      align="start"
      width={340}
      open={open}
      onOpenChange={setOpen}
      trigger={
        <button
          type="button"
          className="chat-context num"
          aria-label={`Room for the conversation (context size): ${words} used after the last reply`}
          data-full={share >= 0.85 || undefined}
        >
          <span className="chat-context-bar" aria-hidden="true">
            {use.parts.map((part) =>
              part.key === 'free' ? null : (
                <span key={part.key} style={{ inlineSize: `${part.share * 100}%`, background: colour(part) }} />
              ),
            )}
          </span>
          <span aria-hidden="true">{words}</span>
        </button>
      }
    >
      <MakeUp {...props} onLeave={() => setOpen(false)} />
    </Popover>
  );
}

function MakeUp({
  use,
  timing,
  policy,
  onShowPrompt,
  onLoadSettings,
  onLeave,
}: ContextMeterProps & { onLeave: () => void }): React.JSX.Element {
  const omitted = omittedWords(timing);
  const reused = reusedWords(timing);
  const leaveTo = (act: () => void) => (): void => {
    onLeave();
    act();
  };
  return (
    <div className="stack">
      <div className="chat-make-up-head">
        <h3>Room for the conversation</h3>
        <span className="secondary num">{formatInteger(use.contextSize)} tokens</span>
      </div>
      <MeterBar
        label="What filled it in the last reply"
        size="lg"
        total={use.contextSize}
        parts={use.parts.map((part) => ({
          key: part.key,
          label: `${part.label} ${formatInteger(part.tokens)}`,
          value: part.tokens,
          color: colour(part),
        }))}
      />
      <dl className="chat-make-up num">
        {use.parts.map((part) => (
          <div key={part.key}>
            <dt>
              <span className="origin-dot" style={{ '--o': colour(part) } as React.CSSProperties} />
              {part.label}
            </dt>
            <dd>{formatInteger(part.tokens)}</dd>
            <dd className="secondary">{formatPercent(part.share)}</dd>
          </div>
        ))}
      </dl>
      {reused === null ? null : <p className="secondary">{reused}</p>}
      {omitted === null ? null : <p className="chat-make-up-omitted">{omitted}</p>}
      <p className="secondary">
        When it no longer fits: {policies.find(({ value }) => value === policy)?.label.toLowerCase()}.
      </p>
      <div className="chat-make-up-acts">
        {onShowPrompt ? (
          <Button size="sm" icon={Binary} onClick={leaveTo(onShowPrompt)}>
            Exact prompt
          </Button>
        ) : null}
        {onLoadSettings ? (
          <Button size="sm" icon={SlidersHorizontal} onClick={leaveTo(onLoadSettings)}>
            More room
          </Button>
        ) : null}
      </div>
    </div>
  );
}
