/** Hearth's plugins of remark and rehype: what Markdown of a stranger may become. */
import type { Root as HastRoot, RootContent as HastContent } from 'hast';
import type { Extension } from 'micromark-util-types';
import type { Processor } from 'unified';
import { labelOf } from './markdown-blocks.ts';

export { remarkMaths } from './maths-syntax.ts';

interface MarkdownNode {
  type: string;
  value?: string;
  lang?: string;
  label?: string | null;
  data?: object;
  children?: MarkdownNode[];
}

/** Elements that contain blocks; all others contain text. */
const blockParents = new Set(['root', 'blockquote', 'listItem', 'footnoteDefinition']);

/** Shows HTML tags as text. If they were dropped, the text that the model meant to show with them would be lost. */
export function remarkHtmlAsText() {
  const visit = (parent: MarkdownNode): void => {
    for (const node of parent.children ?? []) {
      if (node.type !== 'html') visit(node);
      else if (blockParents.has(parent.type)) Object.assign(node, { type: 'code', lang: 'html' });
      else node.type = 'text';
    }
  };
  return visit;
}

/** Makes references to footnotes elements of their own, and takes out the definitions, which the message shows at its end. */
export function remarkNotes() {
  const visit = (parent: MarkdownNode): void => {
    if (!parent.children) return;
    parent.children = parent.children.filter(({ type }) => type !== 'footnoteDefinition');
    for (const node of parent.children) {
      if (node.type === 'footnoteReference')
        Object.assign(node, {
          type: 'noteReference',
          data: { hName: 'sup', hProperties: { dataNote: labelOf(node.label ?? '') } },
        });
      else visit(node);
    }
  };
  return visit;
}

/** What stays as it was typed in a person's text: an asterisk of a person is no Markdown. */
const typedAsTheyAre: Extension = {
  disable: {
    null: [
      ...['attention', 'blockQuote', 'characterEscape', 'characterReference', 'codeIndented', 'definition'],
      ...['headingAtx', 'htmlFlow', 'htmlText', 'labelStartImage', 'labelStartLink', 'labelStartFootnoteCall'],
      ...['setextUnderline', 'strikethrough', 'thematicBreak', 'gfmFootnoteDefinition', 'hardBreakEscape'],
    ],
  },
};

/** A plugin of remark: lists and code alone. */
export function remarkTyped(this: Processor): void {
  const data = this.data() as { micromarkExtensions?: Extension[] };
  (data.micromarkExtensions ??= []).push(typedAsTheyAre);
}

/** Elements within elements; a browser's layout of more can end its process. */
const MAX_DEPTH = 120;

/** @throws RangeError for elements that are nested too deeply. */
export function rehypeDepth() {
  return (tree: HastRoot): void => {
    const waiting: { readonly nodes: readonly HastContent[]; readonly depth: number }[] = [
      { nodes: tree.children, depth: 0 },
    ];
    for (let entry = waiting.pop(); entry; entry = waiting.pop()) {
      const { nodes, depth } = entry;
      if (depth > MAX_DEPTH) throw new RangeError('The text is nested too deeply.');
      for (const node of nodes) if (node.type === 'element') waiting.push({ nodes: node.children, depth: depth + 1 });
    }
  };
}
