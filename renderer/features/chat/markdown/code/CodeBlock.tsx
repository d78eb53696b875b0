/** Code in a message: its language, copying, wrapping, a preview where it has one, and the code itself, which scrolls sideways. */
import { Code, Eye, WrapText } from 'lucide-react';
import { lazy, memo, Suspense, useEffect, useMemo, useRef, useState } from 'react';
import { CopyIconButton } from '../../../../ui/controls/CopyButton.tsx';
import { IconButton } from '../../../../ui/controls/IconButton.tsx';
import { words } from '../../../../words/words.ts';
import { endsOfRuns, piecesOf, samePieces, type CodePiece } from './code-runs.ts';
import { previewKindOf } from './preview-kind.ts';
import type { CodeTokens } from './token-kinds.ts';
import { useHighlighted } from './use-highlighted.ts';

const LINES_EACH = 60;
/** The runs that are colored before anybody sees them. */
const COLORED_AT_ONCE = 2;

const Preview = lazy(() => import('./Preview.tsx').then((module) => ({ default: module.Preview })));

/** `live`: more code will follow. */
export function CodeBlock({
  language,
  code,
  live = false,
}: {
  language: string;
  code: string;
  live?: boolean;
}): React.JSX.Element {
  const [wraps, setWraps] = useState(false);
  const [previewed, setPreviewed] = useState(false);
  const kind = live ? null : previewKindOf(language, code);
  const shows = kind !== null && previewed;
  return (
    <div className="chat-code" dir="ltr">
      <div className="chat-code-bar">
        <span className="chat-code-language">{language === '' ? words.conversation.plainText : language}</span>
        {kind === null ? null : (
          <IconButton
            label={previewed ? words.markdown.showSource : words.markdown.showPreview}
            icon={previewed ? Code : Eye}
            size="sm"
            onClick={() => setPreviewed(!previewed)}
          />
        )}
        {shows ? null : (
          <IconButton
            label={words.markdown.wrapLines}
            icon={WrapText}
            size="sm"
            pressed={wraps}
            onClick={() => setWraps(!wraps)}
          />
        )}
        <CopyIconButton label={words.conversation.copyCode} text={() => code.replace(/\n$/, '')} />
      </div>
      {shows ? (
        <Suspense fallback={<div className="chat-preview" aria-busy="true" />}>
          <Preview kind={kind} source={code} />
        </Suspense>
      ) : (
        <CodeLines language={language} code={code} wraps={wraps} />
      )}
    </div>
  );
}

/** The code in runs of lines. Only the last one changes while text is appended. */
function CodeLines({ language, code, wraps }: { language: string; code: string; wraps: boolean }): React.JSX.Element {
  const tokens = useHighlighted(language.toLowerCase(), code);
  const ends = useMemo(() => endsOfRuns(code, LINES_EACH), [code]);
  return (
    <pre tabIndex={0} role="group" aria-label={words.conversation.code(language)} data-wraps={wraps || undefined}>
      <code>
        {ends.map((end, index) => (
          <Run
            key={index}
            code={code}
            from={index === 0 ? 0 : (ends[index - 1] ?? 0) + 1}
            to={end}
            tokens={tokens}
            eager={index < COLORED_AT_ONCE}
          />
        ))}
      </code>
    </pre>
  );
}

/** Lines of code. Those that are far from the window are not colored: a code of thousands of lines would be many thousand elements. */
function Run({
  code,
  from,
  to,
  tokens,
  eager,
}: {
  code: string;
  from: number;
  to: number;
  tokens: CodeTokens | null;
  eager: boolean;
}): React.JSX.Element {
  const element = useRef<HTMLSpanElement>(null);
  const [near, setNear] = useState(eager);
  useEffect(() => {
    if (near || !element.current) return;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) setNear(true);
      },
      { root: element.current.closest('.chat-scroll'), rootMargin: '1000px 0px' },
    );
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [near]);
  const pieces = useMemo(() => piecesOf(code, from, to, near ? tokens : null), [code, from, to, near, tokens]);
  return (
    <span ref={element} className="chat-code-run">
      <Pieces pieces={pieces} />
    </span>
  );
}

const Pieces = memo(
  function Pieces({ pieces }: { pieces: readonly CodePiece[] }) {
    return pieces.map(({ text, kind }, index) =>
      kind === 'plain' ? (
        text
      ) : (
        <span key={index} className={`code-${kind}`}>
          {text}
        </span>
      ),
    );
  },
  (before, after) => samePieces(before.pieces, after.pieces),
);
