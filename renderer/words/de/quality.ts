/** Models of one base side by side: what a quantization costs, measured. */
import type { MeasuredModel } from '../../../preload/contract/convert.ts';
import type { quality as english } from '../en/quality.ts';
import { formatCount, formatFixed, formatShare, plural } from '../format.ts';

/** A perplexity: three decimals where they tell something, and none above a thousand. */
const perplexity = (value: number): string =>
  value >= 1_000_000 ? formatCount(value) : formatFixed(value, value >= 1_000 ? 0 : 3);

export const quality: typeof english = {
  listLabel: 'Vergleiche',
  title: 'Qualität vergleichen',
  keywords: ['perplexität', 'perplexity', 'kl-divergenz', 'benchmark', 'messen', 'geschwindigkeit'],
  intro:
    'Misst Modelle mit derselben Basis auf diesem Computer: wie schnell jedes ist und wie weit seine Vorhersagen von denen der Referenz abweichen.',
  newOne: 'Neuer Vergleich',
  all: 'Alle Vergleiche',
  emptyTitle: 'Noch nichts verglichen',
  emptyText: 'Mehrere Quantisierungen eines Modells wählen; Hearth misst dann, was jede davon an Qualität kostet.',
  awaitedTitle: 'Der erste Vergleich wird gemessen',
  awaitedText: 'Tabelle und Diagramm erscheinen hier, wenn alle Modelle gemessen sind.',
  noModelsTitle: 'Keine Modelle zum Vergleichen',
  noModelsText:
    'Ein Vergleich braucht zwei Modelle mit derselben Basis, etwa zwei Quantisierungen. Eines quantisieren oder ein weiteres herunterladen.',
  toModels: 'Modelle auf diesem Computer',
  reference: 'Referenz',
  referenceHint: 'Die anderen werden an ihr gemessen. Am besten das am wenigsten quantisierte Modell wählen.',
  models: 'Modelle zum Vergleichen',
  modelsHint: 'Modelle derselben Architektur.',
  otherSize: 'andere Größe',
  chooseOne: 'Neben der Referenz mindestens ein Modell wählen.',
  atMost: (most: number): string => plural(most, { one: 'Höchstens # Modell.', other: 'Höchstens # Modelle.' }),
  text: 'Text',
  textDefault: 'Mitgelieferter Text',
  textOwn: 'Eigener Text',
  textDefaultHint: 'Prosa, Dialoge und Code in mehreren Sprachen.',
  start: 'Messen',
  startHint:
    'Der Computer ist während der Messung ausgelastet. Antworten kommen langsamer und verfälschen die gemessenen Geschwindigkeiten.',
  remove: (name: string): string => `Vergleich von ${name} löschen`,
  on: (date: string, tokens: number): string => `${date}, mit ${plural(tokens, { one: '# Token', other: '# Token' })}`,
  onText: (date: string, tokens: number, isDefault: boolean): string =>
    `${date}, mit ${plural(tokens, { one: '# Token', other: '# Token' })} ${isDefault ? 'des mitgelieferten Textes' : 'des eigenen Textes'}`,
  table: 'Messwerte der Modelle',
  columns: {
    model: 'Modell',
    size: 'Größe',
    speed: 'Token/s',
    perplexity: 'Perplexität',
    divergence: 'KL-Divergenz',
    agreement: 'Top-1-Übereinstimmung',
    act: 'Chat',
  },
  about: {
    speed: 'Auf diesem Computer pro Sekunde geschriebene Token. In Klammern die pro Sekunde gelesenen Token.',
    perplexity:
      'Wie sehr der Text das Modell überrascht: niedriger ist besser. Der Wert hängt vom Text ab; nur innerhalb dieser Tabelle vergleichen.',
    divergence:
      'Wie weit die Vorhersagen im Mittel von denen der Referenz abweichen: 0 ist gleich, unter 0,05 fällt kaum auf.',
    agreement: 'Wie oft das wahrscheinlichste nächste Token dasselbe ist wie bei der Referenz.',
  },
  glossary: 'Was die Spalten bedeuten',
  promptSpeed: (figure: string): string => `(${figure})`,
  plusMinus: (figure: string): string => `± ${figure}`,
  isReference: 'Referenz',
  isPick: 'Empfehlung',
  perplexity,
  /** What leaving layers out cost, in one sentence. */
  loss: ({ pruned, whole }: { readonly pruned: MeasuredModel; readonly whole: MeasuredModel }): string =>
    [
      `Gemessen: Perplexität ${perplexity(pruned.perplexity ?? 0)} statt ${perplexity(whole.perplexity ?? 0)}`,
      ...(pruned.topAgreement === null || !whole.isReference
        ? []
        : [`dasselbe wahrscheinlichste Token an ${formatShare(pruned.topAgreement)} der Positionen`]),
    ].join(', ') + '.',
  pickText: (name: string): string =>
    `${name} bietet unter diesen Modellen die beste Qualität für seine Größe und Geschwindigkeit.`,
  notYet: '–',
  gone: 'Nicht mehr vorhanden',
  chart: 'Qualität im Verhältnis zu Größe und Geschwindigkeit',
  chartOf: (label: string, points: string): string => `${label}: ${points}`,
  pointSpoken: (name: string, x: string, y: string, isPick: boolean): string =>
    `${name}: ${y} bei ${x}${isPick ? ', die Empfehlung' : ''}`,
  against: 'Im Verhältnis zu',
  againstSize: 'Größe',
  againstSpeed: 'Geschwindigkeit',
  axisAgreement: 'Top-1-Übereinstimmung',
  axisPerplexity: 'Perplexität (niedriger ist besser)',
  axisSize: 'Größe',
  axisSpeed: 'Token pro Sekunde',
  tooFew: 'Das Diagramm erscheint, sobald zwei Modelle gemessen sind.',
};
