/** What a message shows beside its text: code, previews, formulas, footnotes, links, copies. */
import type { markdown as english } from '../en/markdown.ts';
import { formatInteger, plural } from '../format.ts';

export const markdown: typeof english = {
  wrapLines: 'Zeilen umbrechen',
  showPreview: 'Vorschau zeigen',
  showSource: 'Quelltext zeigen',
  preview: { html: 'Vorschau der Seite', svg: 'Vorschau des Bildes', mermaid: 'Diagramm' },
  drawing: 'Diagramm wird gezeichnet…',
  notDrawn: 'Dieses Diagramm konnte nicht gezeichnet werden',
  tooSlow: (seconds) => `Es war nach ${plural(seconds, { one: '# Sekunde', other: '# Sekunden' })} nicht fertig.`,
  notLoaded: 'Das Werkzeug zum Zeichnen von Diagrammen konnte nicht geladen werden. Das Fenster neu laden.',
  tooLong: (characters) =>
    `Ein Teil mit ${plural(characters, { one: '# Zeichen', other: '# Zeichen' })} wird als reiner Text gezeigt: Er ist zu lang, um formatiert zu werden.`,
  notes: 'Fußnoten',
  note: (number) => `Fußnote ${formatInteger(number)}`,
  backTo: (number) => `Zurück zum Text von Fußnote ${formatInteger(number)}`,
  link: {
    title: 'Diesen Link öffnen?',
    text: 'Er wird im Browser geöffnet.',
    mailText: 'Er wird im E-Mail-Programm geöffnet.',
    punycode:
      'Der Host enthält andere Buchstaben als a bis z, hier in ihrer codierten Form gezeigt (xn--). Vielleicht ahmt er einen anderen Namen nach.',
    address: 'Adresse',
    open: 'Öffnen',
    copy: 'Adresse kopieren',
  },
  copy: {
    label: 'Kopieren als…',
    markdown: 'Als Markdown kopieren',
    text: 'Als reinen Text kopieren',
    rich: 'Als formatierten Text kopieren',
    richDetail: 'Für Dokumente und E-Mails',
  },
};
