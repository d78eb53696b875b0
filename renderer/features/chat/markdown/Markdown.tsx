/** Markdown of a model or a person. It is untrusted: no raw HTML, no fetched content, and links only to the web. */
import { memo, useDeferredValue, useEffect, useMemo, useRef, useState, type ComponentProps } from 'react';
import ReactMarkdown, { type Components, type ExtraProps } from 'react-markdown';
import rehypeHighlight from 'rehype-highlight';
import rehypeSanitize, { defaultSchema } from 'rehype-sanitize';
import remarkGfm from 'remark-gfm';
import { CodeBlock, PlainCode } from './CodeBlock.tsx';
import { otherHost } from './link-host.ts';
import { splitBlocks, type MarkdownBlock } from './markdown-blocks.ts';
import { words } from '../../../words/words.ts';
import './markdown.css';

/** A longer code block is shown without colors: coloring costs about a millisecond per thousand characters. */
const COLOR_LIMIT = 60_000;
/** The same for a code block that is still being written, which would be colored again with every token. */
const LIVE_COLOR_LIMIT = 4_000;
/** Replies with more blocks than this show their end first, and the rest when the page is idle. */
const DEFER_ABOVE_BLOCKS = 120;

const schema: typeof defaultSchema = {
  ...defaultSchema,
  attributes: {
    ...defaultSchema.attributes,
    code: [['className', /^language-./, 'hljs']],
    span: [['className', /^hljs-./]],
  },
  protocols: { ...defaultSchema.protocols, href: ['http', 'https', 'mailto'], src: ['http', 'https'] },
};

const webLink = /^(?:https?:|mailto:)/i;

function Link({ node: _node, href, children }: ComponentProps<'a'> & ExtraProps): React.JSX.Element {
  if (href === undefined || !webLink.test(href)) return <span>{children}</span>;
  return (
    <a href={href} target="_blank" rel="noreferrer" title={href}>
      {children}
      {typeof children === 'string' ? otherHost(href, children) : null}
    </a>
  );
}

/** A fetched image would tell its host that the message was read, so an image becomes a link. */
function ImageLink({ src, alt }: ComponentProps<'img'> & ExtraProps): React.JSX.Element {
  const name = alt !== undefined && alt !== '' ? alt : words.conversation.image;
  if (typeof src !== 'string' || !webLink.test(src)) return <span>[{name}]</span>;
  return (
    <a href={src} target="_blank" rel="noreferrer" title={src}>
      {name}
    </a>
  );
}

function Pre({ node, children }: ComponentProps<'pre'> & ExtraProps): React.JSX.Element {
  const code = node?.children[0];
  const names = code?.type === 'element' ? code.properties['className'] : undefined;
  const language = (Array.isArray(names) ? names : []).map(String).find((name) => name.startsWith('language-'));
  return <CodeBlock language={language?.slice('language-'.length) ?? ''}>{children}</CodeBlock>;
}

function Table({ node: _node, ...props }: ComponentProps<'table'> & ExtraProps): React.JSX.Element {
  // Focusable, because a wide table scrolls and the keyboard must be able to scroll it.
  return (
    <div className="chat-md-table" tabIndex={0} role="group" aria-label={words.conversation.table}>
      <table {...props} />
    </div>
  );
}

/** The checkbox of a task list: the only input that Markdown produces. */
function TaskBox({ checked }: ComponentProps<'input'> & ExtraProps): React.JSX.Element {
  return (
    <input
      type="checkbox"
      disabled
      checked={checked === true}
      readOnly
      aria-label={checked === true ? words.conversation.done : words.conversation.toDo}
    />
  );
}

interface MarkdownNode {
  type: string;
  value?: string;
  lang?: string;
  children?: MarkdownNode[];
}

/** Elements that contain blocks; all others contain text. */
const blockParents = new Set(['root', 'blockquote', 'listItem', 'footnoteDefinition']);

/** Shows HTML tags as text. If they were dropped, the text that the model meant to show with them would be lost. */
function remarkHtmlAsText() {
  const visit = (parent: MarkdownNode): void => {
    for (const node of parent.children ?? []) {
      if (node.type !== 'html') visit(node);
      else if (blockParents.has(parent.type)) Object.assign(node, { type: 'code', lang: 'html' });
      else node.type = 'text';
    }
  };
  return visit;
}

const components: Components = { a: Link, img: ImageLink, pre: Pre, table: Table, input: TaskBox };
const remarkPlugins = [remarkGfm, remarkHtmlAsText];
// Sanitized last, so that no output of an earlier step escapes it.
const rehypePlugins: ComponentProps<typeof ReactMarkdown>['rehypePlugins'] = [
  [rehypeHighlight, { detect: false }],
  [rehypeSanitize, schema],
];

const Parsed = memo(function Parsed({ text }: { text: string }) {
  return (
    <ReactMarkdown remarkPlugins={remarkPlugins} rehypePlugins={rehypePlugins} components={components}>
      {text}
    </ReactMarkdown>
  );
});

/** One block. While it is written, parsing takes at most a tenth of the time: a long block is parsed less often. */
const Block = memo(
  function Block({ block, live }: { block: MarkdownBlock; live: boolean }) {
    const limit = live && block.fence?.closed === false ? LIVE_COLOR_LIMIT : COLOR_LIMIT;
    const text = useThrottled(block.text, live ? block.text.length / 40 : 0);
    if (block.fence && block.fence.code.length > limit) {
      return <PlainCode language={block.fence.language} code={block.fence.code} />;
    }
    return <Parsed text={text} />;
  },
  // Each cut creates new objects, but the render depends on the text alone.
  (before, after) => before.block.text === after.block.text && before.live === after.live,
);

/** `value`, changing at most every `intervalMs`; immediately when that is 16 ms or less. */
function useThrottled(value: string, intervalMs: number): string {
  const [shown, setShown] = useState(value);
  const shownAt = useRef(0);
  const throttled = intervalMs > 16;
  useEffect(() => {
    if (!throttled) return;
    const wait = Math.max(0, shownAt.current + intervalMs - performance.now());
    const timer = setTimeout(() => {
      shownAt.current = performance.now();
      setShown(value);
    }, wait);
    return () => clearTimeout(timer);
  }, [value, throttled, intervalMs]);
  return throttled ? shown : value;
}

/** `live`: more text will follow. Finished blocks are parsed once. */
export const Markdown = memo(function Markdown({ text, live = false }: { text: string; live?: boolean }) {
  const blocks = useMemo(() => splitBlocks(text), [text]);
  const first = blocks.length > DEFER_ABOVE_BLOCKS ? blocks.length - 40 : 0;
  // A long reply shows its end at once when it is opened; the beginning follows without blocking the page.
  const from = useDeferredValue(0, first);
  return (
    <div className="chat-md" dir="auto">
      {blocks.map((block, index) => {
        if (index < from) return null;
        // The last two, because an incomplete line may still join the block before it.
        return <Block key={index} block={block} live={live && index >= blocks.length - 2} />;
      })}
    </div>
  );
});
