/** Conversations that outgrow their context: summaries, and messages that are found again. */
import type { memory as english } from '../en/memory.ts';
import { formatInteger, formatPercent, plural } from '../format.ts';

/** In the nominative and the accusative. */
const firstMessages = (count: number): string =>
  plural(count, { one: 'die erste Nachricht', other: 'die ersten # Nachrichten' });

/** In the genitive. */
const ofFirstMessages = (count: number): string =>
  plural(count, { one: 'der ersten Nachricht', other: 'der ersten # Nachrichten' });

export const memory: typeof english = {
  title: 'Gedächtnis',
  automatic: 'Automatisch zusammenfassen',
  automaticHint:
    'Ist der Kontext fast voll, fasst das Modell des Chats nach seiner Antwort die ältesten Nachrichten zusammen.',
  findsAgain: 'Ausgelassene Nachrichten wiederfinden',
  findsAgainHint:
    'Zitiert Nachrichten, die nicht mehr in den Kontext passen, wenn eine Frage kennzeichnende Wörter mit ihnen teilt.',
  nearlyFull: (share: number): string =>
    `Dieses Gespräch füllt ${formatPercent(share)} des Kontexts. Bald werden die ältesten Nachrichten ausgelassen.`,
  leftOut: (count: number): string => `Das Modell sieht ${firstMessages(count)} nicht mehr.`,
  summarize: 'Zusammenfassen, was herausfällt',
  summarizeShort: 'Zusammenfassen',
  summarizing: 'Die ältesten Nachrichten werden zusammengefasst',
  progress: (share: number): string =>
    `Die ältesten Nachrichten werden zusammengefasst, ${formatPercent(share)} gelesen`,
  stop: 'Stoppen',
  failed: 'Das Gespräch wurde nicht zusammengefasst',
  ready: (count: number): string =>
    `Ab der nächsten Antwort liest das Modell eine Zusammenfassung ${ofFirstMessages(count)}.`,
  show: 'Zusammenfassung anzeigen',
  takeBack: 'Zurücknehmen',
  removed: 'Die Zusammenfassung wurde entfernt',
  notRestored: 'Die Zusammenfassung konnte nicht wiederhergestellt werden',
  dividerSummary: (count: number): string => `Das Modell liest eine Zusammenfassung ${ofFirstMessages(count)}`,
  dividerLeftOut: 'Das Modell sieht nicht mehr, was darüber steht',
  dialog: 'Zusammenfassung',
  dialogText: (count: number): string =>
    `Das Modell liest sie an Stelle ${ofFirstMessages(count)}. Die Nachrichten bleiben im Chat.`,
  which: 'Zusammengefasst',
  whichOption: firstMessages,
  text: 'Text der Zusammenfassung',
  writtenBy: (model: string | null, edited: boolean): string =>
    `${model === null ? 'Von einem Modell geschrieben' : `Von ${model} geschrieben`}${edited ? ', von Ihnen geändert' : ''}`,
  use: 'Diese Zusammenfassung verwenden',
  useHint: 'Ist sie aus, liest das Modell wieder die Nachrichten selbst.',
  save: 'Speichern',
  remove: 'Entfernen',
  empty:
    'Eine Zusammenfassung braucht Text. Soll sie nicht mehr verwendet werden, lässt sie sich ausschalten oder entfernen.',
  length: (length: number, limit: number): string => `${formatInteger(length)} von ${formatInteger(limit)} Zeichen`,
  found: (count: number): string =>
    plural(count, { one: '1 frühere Nachricht zitiert', other: '# frühere Nachrichten zitiert' }),
  foundTitle: 'Für diese Frage wiedergefunden',
  foundText: 'Diese Nachrichten passen nicht mehr in den Kontext. Teile davon bekam das Modell zusammen mit der Frage.',
  goTo: 'Anzeigen',
  goToMessage: (text: string): string => `Nachricht „${text}“ anzeigen`,
  isGone: 'Diese Nachricht wurde gelöscht.',
};
