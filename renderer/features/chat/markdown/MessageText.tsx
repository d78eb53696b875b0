import { lazy, Suspense } from 'react';

// Markdown is a third of the page's script; the first start shows a composer and no message.
const Markdown = lazy(() => import('./Markdown.tsx').then((module) => ({ default: module.Markdown })));

/** A message's text as Markdown, or as plain text until the Markdown script is loaded. `typed`: a person's, of which lists and code are formatted. */
export function MessageText({
  text,
  live = false,
  typed = false,
}: {
  text: string;
  live?: boolean;
  typed?: boolean;
}): React.JSX.Element {
  return (
    <Suspense
      fallback={
        <div className="chat-md chat-md-plain" dir="auto">
          {text}
        </div>
      }
    >
      <Markdown text={text} live={live} typed={typed} />
    </Suspense>
  );
}
