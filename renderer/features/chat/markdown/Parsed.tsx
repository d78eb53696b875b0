/** One block of Markdown, parsed and made into elements of a short list. */
import { memo, type ComponentProps } from 'react';
import ReactMarkdown, { type Components, type ExtraProps } from 'react-markdown';
import rehypeSanitize, { defaultSchema } from 'rehype-sanitize';
import remarkGfm from 'remark-gfm';
import { openLink } from '../../../navigation/open-link.ts';
import { addressOf } from '../../../navigation/link-address.ts';
import { words } from '../../../words/words.ts';
import { CodeBlock } from './code/CodeBlock.tsx';
import { otherHost } from './link-host.ts';
import { NoteReference } from './NoteReference.tsx';
import { rehypeDepth, remarkHtmlAsText, remarkMaths, remarkNotes, remarkTyped } from './plugins.ts';
import { Tex } from './Tex.tsx';

const schema: typeof defaultSchema = {
  ...defaultSchema,
  attributes: {
    ...defaultSchema.attributes,
    code: [
      ['className', /^language-./],
      ['dataTex', 'inline', 'display'],
    ],
    sup: ['dataNote'],
  },
  protocols: { ...defaultSchema.protocols, href: ['http', 'https', 'mailto'], src: ['http', 'https'] },
};

type HastElement = NonNullable<ExtraProps['node']>;

/** All text below an element. */
function textBelow(node: HastElement): string {
  return node.children
    .map((child) => (child.type === 'text' ? child.value : child.type === 'element' ? textBelow(child) : ''))
    .join('');
}

/** A link that is opened after a question that shows where it goes. */
function CheckedLink({ href, text, children }: { href: string; text: string; children: React.ReactNode }) {
  const address = addressOf(href);
  if (address === null) return <span>{children}</span>;
  const open = (event: React.MouseEvent): void => {
    if (event.button > 1) return;
    event.preventDefault();
    openLink({ href: address.href, text });
  };
  return (
    <a href={address.href} target="_blank" rel="noreferrer" title={address.href} onClick={open} onAuxClick={open}>
      {children}
    </a>
  );
}

function Link({ node, href, children }: ComponentProps<'a'> & ExtraProps): React.JSX.Element {
  const text = node ? textBelow(node) : '';
  if (href === undefined) return <span>{children}</span>;
  return (
    <CheckedLink href={href} text={text}>
      {children}
      {otherHost(href, text)}
    </CheckedLink>
  );
}

/** A fetched image would tell its host that the message was read, so an image becomes a link. */
function ImageLink({ src, alt }: ComponentProps<'img'> & ExtraProps): React.JSX.Element {
  const name = alt !== undefined && alt !== '' ? alt : words.conversation.image;
  if (typeof src !== 'string' || addressOf(src) === null) return <span>[{name}]</span>;
  return (
    <CheckedLink href={src} text={name}>
      {name}
    </CheckedLink>
  );
}

function Pre({ node, children }: ComponentProps<'pre'> & ExtraProps): React.JSX.Element {
  const code = node?.children[0];
  if (code?.type !== 'element') return <pre>{children}</pre>;
  const names = code.properties['className'];
  const language = (Array.isArray(names) ? names : []).map(String).find((name) => name.startsWith('language-'));
  return <CodeBlock language={language?.slice('language-'.length) ?? ''} code={textBelow(code)} />;
}

function InlineCode({ node, ...props }: ComponentProps<'code'> & ExtraProps): React.JSX.Element {
  const tex = node?.properties['dataTex'];
  if (node && (tex === 'inline' || tex === 'display')) return <Tex tex={textBelow(node)} display={tex === 'display'} />;
  return <code {...props} />;
}

function Superscript({ node, ...props }: ComponentProps<'sup'> & ExtraProps): React.JSX.Element {
  const label = node?.properties['dataNote'];
  return typeof label === 'string' ? <NoteReference label={label} /> : <sup {...props} />;
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

const components: Components = {
  ...{ a: Link, img: ImageLink, pre: Pre, code: InlineCode, sup: Superscript, table: Table, input: TaskBox },
};
const remarkPlugins: ComponentProps<typeof ReactMarkdown>['remarkPlugins'] = [
  [remarkGfm, { singleTilde: false }],
  remarkMaths,
  remarkNotes,
  remarkHtmlAsText,
];
const typedPlugins: ComponentProps<typeof ReactMarkdown>['remarkPlugins'] = [remarkGfm, remarkTyped];
// Sanitized last, so that no output of an earlier step escapes it.
const rehypePlugins: ComponentProps<typeof ReactMarkdown>['rehypePlugins'] = [rehypeDepth, [rehypeSanitize, schema]];

/** `typed`: only lists and code are formatted. */
export const Parsed = memo(function Parsed({ text, typed }: { text: string; typed: boolean }) {
  return (
    <ReactMarkdown
      remarkPlugins={typed ? typedPlugins : remarkPlugins}
      rehypePlugins={rehypePlugins}
      components={components}
      // Addresses are checked once, by addressOf.
      urlTransform={(url) => url}
    >
      {text}
    </ReactMarkdown>
  );
});
