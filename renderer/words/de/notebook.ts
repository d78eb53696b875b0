/** The notebook: free text that a model continues. */
import type { Timing } from '../../../preload/contract/chat.ts';
import type { notebook as english, notebookErrors as englishErrors } from '../en/notebook.ts';
import { formatDecimal, formatInteger, formatProbability, formatTokenRate, plural } from '../format.ts';
import { text } from './error-facts.ts';

/** What is missing, or cannot stand, where a text stops to be a grammar: see main/gbnf/read-grammar.ts. */
const parts = {
  rule_name: 'Hier wird eine Regel erwartet, etwa root ::= "yes" | "no".',
  defined_as: 'Nach dem Namen einer Regel wird „::=“ erwartet.',
  closing_quote: 'Der Text in Anführungszeichen ist nicht geschlossen.',
  closing_bracket: 'Die Zeichenmenge „[“ ist nicht geschlossen.',
  closing_parenthesis: '„(“ ist nicht geschlossen.',
  escape: 'Diese Escape-Folge gibt es nicht. Bekannt: \\n \\r \\t \\" \\\\ \\[ \\] \\- \\xNN \\uNNNN \\UNNNNNNNN.',
  repetition: 'Eine Wiederholung wird {2}, {2,} oder {2,4} geschrieben, bis zu 2.000-mal.',
  repeated: 'Davor steht nichts, was wiederholt werden könnte.',
  line_end: 'Das kann hier nicht stehen. Text in Anführungszeichen setzen.',
  root: 'Eine Regel muss root heißen: Mit ihr beginnt der Text.',
  text: 'Das lässt sich nicht als Grammatik lesen.',
};
const partWords = (part: unknown, name: string): string =>
  part === 'rule'
    ? `Es gibt keine Regel „${name}“. Text in Anführungszeichen setzen.`
    : ((parts as Readonly<Record<string, string>>)[String(part)] ?? parts.text);

/** Words for the reasons of its errors. */
export const notebookErrors: typeof englishErrors = {
  not_found: {
    document: {
      title: 'Dieses Dokument ist nicht mehr hier',
      text: 'Es wurde gelöscht, vielleicht in einem anderen Fenster.',
    },
  },
  unsupported: {
    no_infill: {
      title: 'Dieses Modell kann keine Lücken füllen',
      text: 'Es wurde nicht dafür trainiert, zwischen zwei Texten zu schreiben. Ab dem Cursor erzeugen oder ein Modell für Code wählen, etwa Qwen2.5 Coder.',
    },
  },
  invalid_input: {
    grammar_syntax: ({ part, name }) => partWords(part, text(name, '')),
    edit_place: 'Die Änderung passt nicht zum Text. Die Seite neu laden.',
    document_too_long: ({ limit }) => `Ein Dokument hat höchstens ${formatInteger(Number(limit))} Zeichen.`,
  },
};

const tokens = (count: number): string => plural(count, { one: '# Token', other: '# Token' });

function endWords(reason: Timing['endReason']): string {
  switch (reason) {
    case 'end_of_turn':
    case 'tool_calls':
      return 'Das Modell hat den Text beendet.';
    case 'stop_text':
      return 'Endete an einem Stopptext.';
    case 'max_tokens':
      return 'Endete an der Höchstzahl an Token.';
    case 'context_full':
      return 'Der Kontext ist voll.';
    case 'stopped':
      return 'Gestoppt.';
    case 'failed':
      return 'Fehlgeschlagen.';
    default:
      return reason satisfies never;
  }
}

export const notebook: typeof english = {
  documents: 'Dokumente',
  newDocument: 'Neues Dokument',
  showMore: (count: number): string => `${formatInteger(count)} weitere anzeigen`,
  untitled: 'Ohne Titel',
  empty: 'Noch keine Dokumente.',
  loading: 'Dokumente werden geladen',
  opening: 'Dokument wird geöffnet',
  more: (title: string): string => `Mehr zu ${title}`,
  acts: (title: string): string => `Aktionen für ${title}`,
  duplicate: 'Duplizieren',
  copyText: 'Text kopieren',
  copied: 'Der Text wurde kopiert.',
  delete: 'Löschen',
  deleted: (title: string): string => `„${title}“ wurde gelöscht`,
  tooLate: 'Es wurde endgültig gelöscht.',
  copyOf: (title: string): string => `${title} (Kopie)`,
  emptyTitle: 'Mit einem Modell schreiben',
  emptyText:
    'Ein Dokument ist roher Text. Das Modell schreibt ab dem Cursor weiter, ohne Chat-Template: einen Anfang schreiben und erzeugen.',
  goneTitle: 'Dieses Dokument ist nicht mehr hier',
  goneText: 'Es wurde gelöscht, vielleicht in einem anderen Fenster.',
  ownSampling: 'Diese Werte gelten nur für dieses Dokument.',
  title: 'Titel',
  model: 'Modell',
  text: 'Text des Dokuments',
  placeholder: 'Einen Anfang schreiben, dann Ctrl+Enter drücken. Das Modell schreibt ab dem Cursor weiter.',
  toolbar: 'Schreiben',
  generate: 'Erzeugen',
  generateHint: 'Schreibt ab dem Cursor weiter',
  fill: 'Lücke füllen',
  fillHint: 'Schreibt, was zwischen den Text vor und nach dem Cursor passt, und ersetzt die Auswahl',
  noFill: 'Dieses Modell wurde nicht dafür trainiert, Lücken zu füllen',
  stop: 'Stoppen',
  retry: 'Erneut versuchen',
  undo: 'Rückgängig',
  redo: 'Wiederholen',
  accept: 'Annehmen: Färbung des erzeugten Textes entfernen',
  perplexity: 'Perplexität',
  perplexityHint: 'Zeigt, wie wahrscheinlich jedes Token des Textes oder der Auswahl für das Modell ist',
  clearPerplexity: 'Perplexität ausblenden',
  openPanel: 'Sampling',
  openList: 'Dokumente',
  characters: (count: number): string => plural(count, { one: '# Zeichen', other: '# Zeichen' }),
  stored: 'Gespeichert',
  storing: 'Wird gespeichert',
  notStored: 'Noch nicht gespeichert',
  state: {
    loading: (model: string): string => `${model} wird geladen`,
    queued: (ahead: number): string =>
      ahead > 0 ? `Wartet auf ${plural(ahead, { one: '# andere Antwort', other: '# andere Antworten' })}` : 'Wartet',
    prompt: (count: number): string => `Liest ${tokens(count)}`,
    writing: (count: number): string => `Schreibt, ${tokens(count)}`,
    scoring: (done: number, all: number): string =>
      all === 0 ? 'Liest den Text' : `Liest ${formatInteger(done)} von ${tokens(all)}`,
  },
  done: (end: { endReason: Timing['endReason']; generatedTokens: number; generateMs: number }): string =>
    [
      tokens(end.generatedTokens),
      ...(end.generatedTokens > 1 && end.generateMs > 0 ? [formatTokenRate(end.generatedTokens, end.generateMs)] : []),
      endWords(end.endReason),
    ].join(' · '),
  omitted: (count: number): string =>
    plural(count, {
      one: 'Das erste Zeichen passte nicht in den Kontext.',
      other: 'Die ersten # Zeichen passten nicht in den Kontext.',
    }),
  notTaken: (names: string): string => `Der Server nimmt nicht an: ${names}.`,
  score: {
    result: (perplexity: number, count: number, ofSelection: boolean): string =>
      `Perplexität ${formatDecimal(perplexity, 2)} über ${tokens(count)}${ofSelection ? ' der Auswahl' : ''}`,
    none: 'Zu kurz: Kein Token hat ein anderes vor sich.',
    window: (count: number): string => `Jedes Token blickt auf höchstens ${tokens(count)} zurück.`,
    edited: 'Der Text wurde seitdem geändert.',
    legend: 'Unerwartet',
    expected: 'Erwartet',
  },
  alternatives: {
    open: 'Alternativen anzeigen',
    ofToken: 'Alternativen für dieses Token',
    pick: (text: string, probability: number): string =>
      `${text}, ${formatProbability(probability)}: von hier weiterschreiben`,
    written: 'geschrieben',
    less: (probability: string): string => `< ${probability.replace(/^[<\s]+/, '')}`,
    first: 'Das erste Token hat keine Wahrscheinlichkeit: Davor steht nichts.',
    hint: 'Eines auswählen, um von dort weiterzuschreiben.',
    partial: 'Ein Teil eines Zeichens kann nicht allein gewählt werden.',
    none: 'Das Modell nennt keine Alternativen.',
  },
};
