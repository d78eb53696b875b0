/** A message as HTML for documents and mail, and as plain text. Both come from the parser that shows it, with its rules about what may be in it. */
import type { Element, Root } from 'hast';
import { toHtml } from 'hast-util-to-html';
import { toText } from 'hast-util-to-text';
import rehypeSanitize, { defaultSchema } from 'rehype-sanitize';
import remarkGfm from 'remark-gfm';
import remarkParse from 'remark-parse';
import remarkRehype from 'remark-rehype';
import { unified } from 'unified';
import { addressOf } from '../../../navigation/link-address.ts';
import { withFormulasInLines } from './maths-lines.ts';
import { rehypeDepth, remarkHtmlAsText, remarkMaths } from './plugins.ts';

/** Without images: who pastes them into a mail would have it fetch them. */
const schema: typeof defaultSchema = {
  ...defaultSchema,
  tagNames: defaultSchema.tagNames?.filter((name) => name !== 'img' && name !== 'source' && name !== 'picture') ?? [],
  attributes: { ...defaultSchema.attributes, code: [['className', /^language-./]] },
  protocols: { href: ['http', 'https', 'mailto'] },
};

/** Checks addresses as the message does, and gives formulas back their marks, which a document knows better than a typeset picture. */
function rehypeForDocuments() {
  const visit = (node: Pick<Root, 'children'> | Pick<Element, 'children'>): void => {
    for (const child of node.children) {
      if (child.type !== 'element') continue;
      if (child.tagName === 'a') {
        const href = child.properties['href'];
        const address = typeof href === 'string' && !href.startsWith('#') ? addressOf(href) : null;
        if (address === null) delete child.properties['href'];
        else child.properties['href'] = address.href;
      }
      const tex = child.properties['dataTex'];
      const [text] = child.children;
      if (tex !== undefined && text?.type === 'text') {
        child.tagName = 'span';
        text.value = tex === 'display' ? `$$${text.value}$$` : `$${text.value}$`;
      }
      visit(child);
    }
  };
  return (tree: Root): void => visit(tree);
}

const processor = unified()
  .use(remarkParse)
  .use(remarkGfm, { singleTilde: false })
  .use(remarkMaths)
  .use(remarkHtmlAsText)
  .use(remarkRehype)
  .use(rehypeDepth)
  .use(rehypeForDocuments)
  .use(rehypeSanitize, schema)
  .freeze();

/** Null where the text is too long or too deep to be read at once. */
function read(markdown: string): Root | null {
  if (markdown.length > 500_000) return null;
  try {
    return processor.runSync(processor.parse(withFormulasInLines(markdown, false))) as Root;
  } catch {
    return null;
  }
}

/** The HTML of a message; its Markdown where it cannot be read. */
export function htmlOf(markdown: string): string {
  const root = read(markdown) ?? { type: 'root', children: [preformatted(markdown)] };
  return toHtml(root);
}

const preformatted = (value: string) => ({
  ...{ type: 'element' as const, tagName: 'pre', properties: {} },
  children: [{ type: 'text' as const, value }],
});

/** The text of a message without the marks of Markdown; items of lists keep theirs, and cells of tables are divided by tabs. */
export function plainTextOf(markdown: string): string {
  const root = read(markdown);
  if (!root) return markdown;
  markItems(root);
  return toText({ ...root }).trim();
}

function markItems(node: Pick<Root, 'children'> | Pick<Element, 'children'>, depth = 0): void {
  for (const child of node.children) {
    if (child.type !== 'element') continue;
    const isList = child.tagName === 'ul' || child.tagName === 'ol';
    if (isList) {
      let number = typeof child.properties['start'] === 'number' ? child.properties['start'] : 1;
      for (const item of child.children) {
        if (item.type !== 'element' || item.tagName !== 'li') continue;
        const first = item.children.find((one) => one.type === 'element' || one.type === 'text');
        const bullet = depth === 0 ? '•' : '◦';
        const mark = child.tagName === 'ol' ? `${number++}. ` : `${bullet} `;
        const into = first?.type === 'element' && first.tagName === 'p' ? first : item;
        into.children.unshift({ type: 'text', value: mark });
      }
    }
    markItems(child, isList ? depth + 1 : depth);
  }
}
