/** Code in a message: the language, a copy button, and the code itself, which scrolls sideways. */
import { memo, useMemo, useRef, type ReactNode } from 'react';
import { CopyIconButton } from '../../../ui/controls/CopyButton.tsx';
import { words } from '../../../words/words.ts';

/** `children` is the highlighted `code` element. */
export function CodeBlock({ language, children }: { language: string; children: ReactNode }): React.JSX.Element {
  const body = useRef<HTMLPreElement>(null);
  return (
    <CodeFrame language={language} codeOf={() => body.current?.textContent ?? ''}>
      <pre ref={body} tabIndex={0} role="group" aria-label={words.conversation.code(language)}>
        {children}
      </pre>
    </CodeFrame>
  );
}

/** Code without colors, in groups of lines. Only the last group changes while text is appended. */
export function PlainCode({ language, code }: { language: string; code: string }): React.JSX.Element {
  const runs = useMemo(() => runsOfLines(code, 60), [code]);
  return (
    <CodeFrame language={language} codeOf={() => code}>
      <pre tabIndex={0} role="group" aria-label={words.conversation.code(language)}>
        <code>
          {runs.map((run, index) => (
            <Run key={index} text={run} />
          ))}
        </code>
      </pre>
    </CodeFrame>
  );
}

const Run = memo(function Run({ text }: { text: string }) {
  return <span className="chat-code-run">{text}</span>;
});

function runsOfLines(code: string, linesEach: number): readonly string[] {
  const lines = code.split('\n');
  const runs: string[] = [];
  for (let at = 0; at < lines.length; at += linesEach) runs.push(lines.slice(at, at + linesEach).join('\n'));
  return runs;
}

function CodeFrame({
  language,
  codeOf,
  children,
}: {
  language: string;
  codeOf: () => string;
  children: ReactNode;
}): React.JSX.Element {
  return (
    <div className="chat-code" dir="ltr">
      <div className="chat-code-bar">
        <span className="chat-code-language">{language === '' ? words.conversation.plainText : language}</span>
        <CopyIconButton label={words.conversation.copyCode} text={() => codeOf().replace(/\n$/, '')} />
      </div>
      {children}
    </div>
  );
}
