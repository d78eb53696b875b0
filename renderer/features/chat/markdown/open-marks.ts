import remend, { type RemendOptions } from 'remend';

/** Formulas are closed in `maths-lines.ts`, and a link is text until its address is whole. */
const options: RemendOptions = {
  ...{ links: true, linkMode: 'text-only', images: true, bold: true, italic: true, boldItalic: true, inlineCode: true },
  ...{ strikethrough: true, setextHeadings: true, katex: false, inlineKatex: false, htmlTags: false },
  ...{ singleTilde: false, comparisonOperators: false },
};

/** The text of a block with the marks closed that are still open, so that a reply that is being written shows no asterisks that become bold later. */
export function withOpenMarksClosed(text: string, live: boolean): string {
  return live ? remend(text, options) : text;
}
