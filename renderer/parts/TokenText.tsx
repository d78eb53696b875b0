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
  marks = 'breaks',
  ids = false,
  before = 0,
  all = before + tokens.length,
}: {
  label: string;
  tokens: readonly T[];
  describe: (token: T) => ReactNode;
  /** `prose` looks like the text of a reply. */
  look?: 'exact' | 'prose';
  /** What is made visible: line breaks, or spaces and tabs as well. */
  marks?: 'breaks' | 'spaces';
  /** Shows each token's id below it. */
  ids?: boolean;
  /** Where `tokens` are a page of more: how many are before them, and how many there are. */
  before?: number;
  all?: number;
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
    <div className={`tokens tokens-${look}${ids ? ' tokens-ids' : ''}`}>
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
        <Spans tokens={shown} marks={marks} ids={ids} before={before} />
      </div>
      <div className="tokens-readout num" aria-live="polite">
        {token === undefined ? (
          <span>{words.tokens.hint}</span>
        ) : (
          <>
            <span>{words.tokens.place(before + (active ?? 0) + 1, all)}</span>
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

interface SpansProps {
  readonly tokens: readonly ShownToken[];
  readonly marks: 'breaks' | 'spaces';
  readonly ids: boolean;
  readonly before: number;
}

const Spans = memo(function Spans({ tokens, marks, ids, before }: SpansProps) {
  return tokens.map((token, index) => (
    <span
      key={index}
      data-index={index}
      data-odd={(token.level === undefined && (before + index) % 2 === 1) || undefined}
      data-level={token.level}
      data-break={(ids && token.text.endsWith('\n')) || undefined}
      style={{ '--o': token.tint } as React.CSSProperties}
    >
      {ids ? (
        <span>
          <TokenWords text={token.text} marks={marks} />
        </span>
      ) : (
        <TokenWords text={token.text} marks={marks} />
      )}
      {ids && <small aria-hidden="true">{token.id}</small>}
    </span>
  ));
});

/** Signs for what leaves no mark of its own. A line break keeps its effect. */
const signs: Readonly<Record<string, string>> = { '\n': '↵\n', '\r': '␍', '\t': '⇥', ' ': '·', '\u00a0': '⍽' };
const invisible = { breaks: /(\n)/, spaces: /([\n\r\t \u00a0])/ } as const;

/** Makes what is invisible visible, and gives a token without text a width. */
function TokenWords({ text, marks }: { text: string; marks: 'breaks' | 'spaces' }) {
  if (text === '') return <span className="tokens-mark">∅</span>;
  if (!invisible[marks].test(text)) return text;
  return text.split(invisible[marks]).map((part, index) =>
    index % 2 === 1 ? (
      <span key={index} className="tokens-mark">
        {signs[part]}
      </span>
    ) : (
      part
    ),
  );
}
