/** Acts on messages: versions, branches, comparisons, deletions. */
import type { versions as english } from '../en/versions.ts';
import { formatInteger, plural } from '../format.ts';

const following = (count: number): string =>
  plural(count, { one: '# darauf folgende Nachricht', other: '# darauf folgende Nachrichten' });

export const versions: typeof english = {
  more: 'Weitere Aktionen für diese Nachricht',
  editReply: 'Antwort bearbeiten',
  editHint: 'Die bisherige Antwort bleibt als weitere Version. Geschrieben wird erst nach „Fortsetzen“.',
  save: 'Als Version speichern',
  edited: 'bearbeitet',
  endsInEdit: 'Das Ende dieser Version stammt von Ihnen.',
  branch: 'In einen neuen Chat verzweigen',
  branchTitle: (title: string): string => `${title} (Zweig)`,
  delete: 'Nachricht löschen',
  deleteVersion: (place: number, all: number): string =>
    `Version ${formatInteger(place)} von ${formatInteger(all)} löschen`,
  deleteDetail: 'Mit allen Nachrichten, die darauf folgen',
  deleted: 'Die Nachricht wurde gelöscht',
  versionDeleted: (place: number, all: number): string =>
    `Version ${formatInteger(place)} von ${formatInteger(all)} wurde gelöscht`,
  withFollowing: (count: number): string | undefined => (count > 0 ? `Und ${following(count)}.` : undefined),
  notRestored: 'Die Nachricht konnte nicht wiederhergestellt werden',
  noReply: 'Diese Nachricht hat keine Antwort.',
  writeReply: 'Antwort schreiben',
  with: 'Neu erzeugen mit',
  sameModel: 'Modell dieser Antwort',
  otherSettings: 'Andere Einstellungen…',
  compare: 'Nebeneinander vergleichen…',
  moreModels: (count: number): string => plural(count, { one: '# weiteres Modell…', other: '# weitere Modelle…' }),
  withTitle: 'Mit anderen Einstellungen neu erzeugen',
  withText: 'Fügt eine weitere Version dieser Antwort hinzu. Modell und Sampling des Chats bleiben, wie sie sind.',
  keepForChat: 'Ab jetzt für diesen Chat verwenden',
  regenerate: 'Neu erzeugen',
  compareTitle: 'Nebeneinander vergleichen',
  compareText:
    'Zwei Antworten auf dieselbe Nachricht werden gleichzeitig geschrieben. Eine davon wird behalten, die andere bleibt als Version.',
  writers: { first: 'Erste Antwort', second: 'Zweite Antwort' },
  startCompare: 'Vergleichen',
  comparison: 'Zwei Antworten nebeneinander',
  keep: 'Diese behalten',
  keepNamed: (name: string): string => `Diese behalten: ${name}`,
  kept: (name: string): string => `Die Antwort von ${name} wird behalten. Die andere bleibt als Version davon.`,
  stopOne: 'Diese Antwort stoppen',
  waits:
    'Wartet auf die andere Antwort: Der Arbeitsspeicher fasst nur eines der beiden Modelle, oder das Modell schreibt nur eine Antwort zugleich.',
  sameSampling: 'Gleiches Sampling',
  sampler: (name: string, value: string): string => `${name} ${value}`,
  on: 'ein',
  off: 'aus',
  side: (place: number, name: string): string => `${formatInteger(place)}: ${name}`,
  keepFirst: 'Zuerst eine der beiden Antworten behalten',
  commands: {
    editReply: 'Letzte Antwort bearbeiten',
    regenerateWith: 'Letzte Antwort mit anderen Einstellungen neu erzeugen',
    compare: 'Zwei Antworten nebeneinander vergleichen',
    compareKeywords: ['versus', 'Modelle', 'Einstellungen', 'Spalten'],
    branch: 'Ab der letzten Nachricht in einen neuen Chat verzweigen',
    branchKeywords: ['Fork', 'Kopie', 'kopieren'],
    seen: 'Was das Modell vor der letzten Antwort gesehen hat',
    deleteLast: 'Letzte Nachricht löschen',
  },
};
