import { lazy, Suspense } from 'react';

// Markdown and its colors are half of the page's script; the first start shows a composer and no message.
const Markdown = lazy(() => import('./Markdown.tsx').then((module) => ({ default: module.Markdown })));

/** A message's text as Markdown, or as plain text until the Markdown script is loaded. */
export function MessageText({ text, live = false }: { text: string; live?: boolean }) {
  return (
    <Suspense
      fallback={
        <div className="chat-md chat-md-plain" dir="auto">
          {text}
        </div>
      }
    >
      <Markdown text={text} live={live} />
    </Suspense>
  );
}
