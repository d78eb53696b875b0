/** The use of the model's context after the last reply, by origin of its tokens. A click opens the numbers. */
import { Binary } from 'lucide-react';
import { LoadSettingsIcon } from '../../../parts/icons.ts';
import { useState } from 'react';
import type { ContextPolicy, Timing } from '../../../../preload/contract/chat.ts';
import { Button } from '../../../ui/controls/Button.tsx';
import { formatInteger, formatPercent } from '../../../words/format.ts';
import { MeterBar } from '../../../ui/display/MeterBar.tsx';
import { Popover } from '../../../ui/layers/Popover.tsx';
import { omittedWords, reusedWords, type ContextPart, type ContextUse } from './context-parts.ts';
import { replyReserveTokens } from '../../../../preload/contract/defaults.ts';
import { words } from '../../../words/words.ts';
import '../../../parts/origin.css';

interface ContextMeterProps {
  readonly use: ContextUse;
  /** Of the last reply; null without one. */
  readonly timing: Timing | null;
  readonly policy: ContextPolicy;
  /** Null without a model whose prompt could be shown. */
  readonly onShowPrompt: (() => void) | null;
  readonly onLoadSettings: (() => void) | null;
}

const hasDraft = ({ parts }: ContextUse): boolean => parts.some(({ key }) => key === 'draft');
const color = (part: ContextPart): string => `var(--o-${part.key})`;

export function ContextMeter(props: ContextMeterProps): React.JSX.Element {
  const { use } = props;
  const [open, setOpen] = useState(false);
  const share = use.usedTokens / use.contextSize;
  const amount = words.models.tokensOf(use.usedTokens, use.contextSize);
  return (
    <Popover
      title={words.contextMeter.title}
      side="top"
      align="start"
      width={340}
      open={open}
      onOpenChange={setOpen}
      trigger={
        <button
          type="button"
          className="chat-context num"
          aria-label={hasDraft(use) ? words.contextMeter.usedWithDraft(amount) : words.contextMeter.used(amount)}
          data-full={share >= 0.85 || undefined}
        >
          <span className="chat-context-bar" aria-hidden="true">
            {use.parts.map((part) =>
              part.key === 'free' ? null : (
                <span key={part.key} style={{ inlineSize: `${part.percent}%`, background: color(part) }} />
              ),
            )}
          </span>
          <span aria-hidden="true">{amount}</span>
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
  const reused = timing && reusedWords(timing);
  const leaveTo = (action: () => void) => (): void => {
    onLeave();
    action();
  };
  return (
    <div className="stack">
      <div className="chat-make-up-head">
        <h3>{words.contextMeter.title}</h3>
        <span className="secondary num">{words.models.tokens(use.contextSize)}</span>
      </div>
      <MeterBar
        label={hasDraft(use) ? words.contextMeter.filledWithDraft : words.contextMeter.filled}
        size="lg"
        total={use.contextSize}
        parts={use.parts.map((part) => ({
          key: part.key,
          label: words.contextMeter.part(part.label, part.tokens),
          value: part.tokens,
          color: color(part),
        }))}
      />
      <dl className="chat-make-up num">
        {use.parts.map((part) => (
          <div key={part.key}>
            <dt>
              <span className="origin-dot" style={{ '--o': color(part) } as React.CSSProperties} />
              {part.label}
            </dt>
            <dd>{formatInteger(part.tokens)}</dd>
            <dd className="secondary">{formatPercent(part.percent / 100)}</dd>
          </div>
        ))}
      </dl>
      {reused === null ? null : <p className="secondary">{reused}</p>}
      {omitted === null ? null : <p className="chat-make-up-omitted">{omitted}</p>}
      <p className="secondary">
        {words.contextMeter.whenFull[policy]}
        {policy !== 'stop' && ` ${words.contextMeter.keptForReply(replyReserveTokens(use.contextSize))}`}
      </p>
      <div className="chat-make-up-actions">
        {onShowPrompt ? (
          <Button size="sm" icon={Binary} onClick={leaveTo(onShowPrompt)}>
            {words.contextMeter.exactPrompt}
          </Button>
        ) : null}
        {onLoadSettings ? (
          <Button size="sm" icon={LoadSettingsIcon} onClick={leaveTo(onLoadSettings)}>
            {words.models.loadSettings}
          </Button>
        ) : null}
      </div>
    </div>
  );
}
