/** A model card. Untrusted Markdown and HTML: nothing runs, nothing loads from elsewhere, and links are checked. */
import { memo } from 'react';
import Markdown, { type Components } from 'react-markdown';
import rehypeRaw from 'rehype-raw';
import rehypeSanitize, { defaultSchema } from 'rehype-sanitize';
import remarkGfm from 'remark-gfm';
import './card.css';
import { cardLink } from './card-links.ts';
import { words } from '../../words/words.ts';

/** Enough for nearly every card. A card of megabytes would block the window during layout. */
const MAX_CHARACTERS = 80_000;

const schema = {
  ...defaultSchema,
  // Without src and sources, so that not even a sanitized image address reaches the page.
  tagNames: defaultSchema.tagNames?.filter((name) => name !== 'source') ?? [],
  attributes: { ...defaultSchema.attributes, img: ['alt'] },
  protocols: { href: ['http', 'https', 'mailto'] },
};

interface ModelCardProps {
  readonly markdown: string;
  readonly pageUrl: string;
}

export const ModelCard = memo(function ModelCard({ markdown, pageUrl }: ModelCardProps) {
  const cut = markdown.length > MAX_CHARACTERS;
  return (
    <section className="models-card" aria-label={words.discover.card.title}>
      <h3 className="models-card-title">{words.discover.card.title}</h3>
      <div className="models-prose">
        <Markdown
          remarkPlugins={[remarkGfm]}
          // Half of the cards contain HTML. What remains after sanitizing has an equivalent in Markdown.
          rehypePlugins={[rehypeRaw, [rehypeSanitize, schema]]}
          components={componentsFor(pageUrl)}
          // The address is checked once, by cardLink, in the `a` component.
          urlTransform={(url) => url}
        >
          {cut ? markdown.slice(0, MAX_CHARACTERS) : markdown}
        </Markdown>
      </div>
      {cut && (
        <p className="secondary">
          <a href={pageUrl} target="_blank" rel="noreferrer">
            {words.discover.card.continued}
          </a>
        </p>
      )}
    </section>
  );
});

/** Headings move down by two levels: the screen uses the first two. */
function componentsFor(pageUrl: string): Components {
  return {
    h1: ({ children }) => <h4 data-level="1">{children}</h4>,
    h2: ({ children }) => <h4 data-level="2">{children}</h4>,
    h3: ({ children }) => <h5>{children}</h5>,
    h4: ({ children }) => <h6>{children}</h6>,
    h5: ({ children }) => <h6>{children}</h6>,
    a: ({ href: target, children }) => {
      const address = cardLink(target, pageUrl);
      return address === null ? (
        <span>{children}</span>
      ) : (
        <a href={address} target="_blank" rel="noreferrer">
          {children}
        </a>
      );
    },
    img: ({ alt }) => (alt ? <span className="models-prose-image">{alt}</span> : null),
    // Both scroll sideways, so both can take the focus.
    pre: ({ children }) => <pre tabIndex={0}>{children}</pre>,
    table: ({ children }) => (
      <div className="models-prose-table" role="group" aria-label={words.discover.card.table} tabIndex={0}>
        <table>{children}</table>
      </div>
    ),
  };
}
