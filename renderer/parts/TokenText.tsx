import { memo, useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { Button } from '../ui/controls/Button.tsx';
import { words } from '../words/words.ts';
import './origin.css';

export interface ShownToken {
  readonly id: number;
  readonly text: string;
  /** A CSS color, such as `var(--o-history)`. */
  readonly tint: string;
  /** The strength of the tint, 0 to 4. Without it neighbors alternate between two tints. */
  readonly level?: number;
}

/** More spans make the page slow, and nobody reads as many at once. */
const FIRST_TOKENS = 4_000;

/**
 * Text with its tokens tinted. The arrow keys move from token to token; `describe` gives the text about the active one,
 * shown below.
 */
export function TokenText<T extends ShownToken>({
  label,
  tokens,
  describe,
  look = 'exact',
}: {
  label: string;
  tokens: readonly T[];
  describe: (token: T) => ReactNode;
  /** `prose` looks like the text of a reply. */
  look?: 'exact' | 'prose';
}) {
  const [whole, setWhole] = useState(false);
  const [active, setActive] = useState<number | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const shown = useMemo(() => (whole ? tokens : tokens.slice(0, FIRST_TOKENS)), [tokens, whole]);

  const mark = (index: number): void => {
    // Set on the elements directly: React would compare thousands of spans at every step.
    box.current?.querySelector('[data-active]')?.removeAttribute('data-active');
    const span = box.current?.children[index];
    span?.setAttribute('data-active', '');
    span?.scrollIntoView({ block: 'nearest' });
    setActive(index);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const steps: Readonly<Record<string, number>> = {
      ArrowRight: 1,
      ArrowDown: 1,
      ArrowLeft: -1,
      ArrowUp: -1,
      Home: -Infinity,
      End: Infinity,
    };
    const step = steps[event.key];
    if (step === undefined || shown.length === 0) return;
    event.preventDefault();
    mark(Math.min(shown.length - 1, Math.max(0, (active ?? -1) + step)));
  };
  const token = active === null ? undefined : shown[active];
  return (
    <div className={`tokens tokens-${look}`}>
      <div
        ref={box}
        className="tokens-text"
        role="group"
        aria-label={label}
        dir="auto"
        tabIndex={0}
        onKeyDown={onKeyDown}
        onPointerOver={(event) => {
          const index = (event.target as HTMLElement).closest<HTMLElement>('[data-index]')?.dataset['index'];
          if (index !== undefined) setActive(Number(index));
        }}
      >
        <Spans tokens={shown} />
      </div>
      <div className="tokens-readout num" aria-live="polite">
        {token === undefined ? (
          <span>{words.tokens.hint}</span>
        ) : (
          <>
            <span>{words.tokens.place((active ?? 0) + 1, tokens.length)}</span>
            <span>
              {words.tokens.id} <strong>{token.id}</strong>
            </span>
            <span>
              {words.tokens.text} <strong className="mono">{JSON.stringify(token.text)}</strong>
            </span>
            {describe(token)}
          </>
        )}
      </div>
      {shown.length < tokens.length ? (
        <div>
          <Button size="sm" onClick={() => setWhole(true)}>
            {words.tokens.showAll(tokens.length)}
          </Button>
        </div>
      ) : null}
    </div>
  );
}

const Spans = memo(function Spans({ tokens }: { tokens: readonly ShownToken[] }) {
  return tokens.map((token, index) => (
    <span
      key={index}
      data-index={index}
      data-odd={(token.level === undefined && index % 2 === 1) || undefined}
      data-level={token.level}
      style={{ '--o': token.tint } as React.CSSProperties}
    >
      <TokenWords text={token.text} />
    </span>
  ));
});

/** Makes a line break visible, and gives a token without text a width. */
function TokenWords({ text }: { text: string }) {
  if (text === '') return <span className="tokens-mark">∅</span>;
  if (!text.includes('\n')) return text;
  return text.split(/(\n)/).map((part, index) =>
    part === '\n' ? (
      <span key={index} className="tokens-mark">
        {'↵\n'}
      </span>
    ) : (
      part
    ),
  );
}
