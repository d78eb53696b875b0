/** What a message shows beside its text: code, previews, formulas, footnotes, links, copies. */
import { formatInteger, plural } from '../format.ts';

export const markdown = {
  wrapLines: 'Wrap lines',
  showPreview: 'Show preview',
  showSource: 'Show source',
  preview: { html: 'Preview of the page', svg: 'Preview of the picture', mermaid: 'Diagram' },
  drawing: 'Drawing the diagram…',
  notDrawn: 'This diagram could not be drawn',
  tooSlow: (seconds: number): string =>
    `It was not finished after ${plural(seconds, { one: '# second', other: '# seconds' })}.`,
  notLoaded: 'What draws diagrams could not be loaded. Reload the window.',
  tooLong: (characters: number): string =>
    `A part of ${plural(characters, { one: '# character', other: '# characters' })} is shown as plain text: it is too long to be formatted.`,
  notes: 'Footnotes',
  note: (number: number): string => `Footnote ${formatInteger(number)}`,
  backTo: (number: number): string => `Back to the text of footnote ${formatInteger(number)}`,
  link: {
    title: 'Open this link?',
    text: 'It opens in your browser.',
    mailText: 'It opens in your mail program.',
    punycode: 'The host has letters beyond a to z, shown here in their coded form (xn--). It may imitate another name.',
    address: 'Address',
    open: 'Open',
    copy: 'Copy address',
  },
  copy: {
    label: 'Copy as…',
    markdown: 'Copy as Markdown',
    text: 'Copy as plain text',
    rich: 'Copy as formatted text',
    richDetail: 'For documents and mail',
  },
};
