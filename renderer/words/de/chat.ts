/** Chats: the list, the conversation, the composer, the inspector. */
import type {
  alternatives as englishAlternatives,
  chat as englishChat,
  composer as englishComposer,
  contextMeter as englishContextMeter,
  conversation as englishConversation,
  emptyChat as englishEmptyChat,
  failure as englishFailure,
  files as englishFiles,
  inspector as englishInspector,
  picker as englishPicker,
  prompt as englishPrompt,
  replyFacts as englishReplyFacts,
} from '../en/chat.ts';
import { formatInteger, plural } from '../format.ts';

const tokenWords = (count: number): string => plural(count, { one: '# Token', other: '# Token' });
const characters = (count: number): string => plural(count, { one: '# Zeichen', other: '# Zeichen' });
const contextSize = (tokens: number): string => `Kontextgröße ${tokenWords(tokens)}`;

/** Why something was left out; `reserve` is what was kept free for the reply, in tokens, where it is known. */
/** A server elsewhere may not tell the size: it is 0 then. */
const fullWords = (size: number, reserve: number | null): string =>
  reserve === null
    ? `Der Kontext ist voll${size > 0 ? ` (${contextSize(size)})` : ''}.`
    : `${formatInteger(reserve)} von ${tokenWords(size)} ${reserve === 1 ? 'bleibt' : 'bleiben'} für die Antwort frei.`;

export const chat: typeof englishChat = {
  title: 'Chat',
  chats: 'Chats',
  newChat: 'Neuer Chat',
  searchChats: 'Chats durchsuchen',
  search: 'Suchen',
  clearSearch: 'Suche leeren',
  loadingChats: 'Chats werden geladen',
  noChats: 'Hier erscheinen die Chats. Sie bleiben auf diesem Computer.',
  groups: { pinned: 'Angeheftet', today: 'Heute', yesterday: 'Gestern', week: 'Letzte 7 Tage', older: 'Älter' },
  rename: 'Umbenennen',
  pin: 'Anheften',
  unpin: 'Nicht mehr anheften',
  delete: 'Löschen',
  writingIn: (title: string): string => `${title}, eine Antwort wird geschrieben`,
  actsFor: (title: string): string => `Aktionen für ${title}`,
  moreFor: (title: string): string => `Weitere Aktionen für ${title}`,
  titleField: 'Titel des Chats',
  deleted: (title: string): string => `„${title}“ wurde gelöscht`,
  tooLate: 'Das lässt sich nicht mehr rückgängig machen',
  notRestored: 'Der Chat konnte nicht wiederhergestellt werden',
  gone: 'Diesen Chat gibt es hier nicht mehr',
  goneText: 'Er wurde gelöscht, oder die Adresse stammt von einem anderen Computer.',
  notConnected: 'Nicht verbunden',
  chooseModelFirst: 'Zuerst ein Modell wählen',
  inspector: 'Inspektor',
  loadingChat: 'Chat wird geladen',
  searching: 'Suche läuft',
  nothingFound: 'Nichts gefunden',
  nothingFoundText: (query: string): string => `Kein Chat enthält „${query}“.`,
  noWords: 'Kein Suchbegriff',
  noWordsText: 'Die Suche findet Wörter und Zahlen. Einen Buchstaben oder eine Ziffer eingeben.',
  found: (count: number): string => plural(count, { one: '# Treffer', other: '# Treffer' }),
  results: 'Suchergebnisse',
};

export const composer: typeof englishComposer = {
  message: 'Nachricht',
  placeholder: (model: string | null): string =>
    model === null ? 'Nachricht schreiben' : `Nachricht an ${model} schreiben`,
  send: 'Senden',
  stop: 'Stoppen',
  add: {
    label: 'Hinzufügen',
    files: 'Dateien anhängen…',
    source: 'Datei oder Chat hinzufügen',
    sourceDetail: 'Oder # eingeben',
    prompt: 'Prompt einfügen',
    promptDetail: 'Oder / eingeben',
    model: 'Modell wählen',
    modelDetail: 'Oder @ eingeben',
    keep: 'Diesen Text als Prompt aufbewahren',
  },
  waitsForModels: 'Wird gesendet, sobald die Liste der Modelle da ist',
  notSent: 'Die Nachricht wurde nicht gesendet',
  modelGone: (name: string): string => `${name} ist nicht mehr auf diesem Computer.`,
  chooseAnother: 'Anderes Modell wählen',
};

export const files: typeof englishFiles = {
  label: 'Dateien der Nachricht',
  pasted: 'Eingefügter Text',
  size: characters,
  openIt: 'Öffnen',
  text: 'Text der Datei',
  more: (length: number): string => `Mehr anzeigen (noch ${characters(length)})`,
  unpack: 'In Text umwandeln',
  staysFile: {
    length: (length: number, most: number): string =>
      `${characters(length)}: Das Eingabefeld fasst höchstens ${formatInteger(most)}, daher bleibt es eine Datei, ohne „In Text umwandeln“`,
    line: (length: number, most: number): string =>
      `${characters(length)}, eine Zeile davon mit mehr als ${formatInteger(most)}: Im Eingabefeld wäre jeder Tastendruck langsam, daher bleibt es eine Datei, ohne „In Text umwandeln“`,
  },
  tooLong: (name: string): string => `${name} ist zu lang für eine Nachricht`,
  tooLongText: 'Eine Nachricht fasst bis zu zwei Millionen Zeichen.',
  noText: {
    picture: (name: string): string => `${name} ist ein Bild`,
    sound: (name: string): string => `${name} ist eine Audiodatei`,
    video: (name: string): string => `${name} ist ein Video`,
    document: (name: string): string => `${name} ist ein Dokument, das nicht nur Text enthält`,
    model: (name: string): string => `${name} ist ein Modell`,
    other: (name: string): string => `${name} ist keine Textdatei`,
  },
  noTextText: 'Anhängen lassen sich Textdateien, etwa Notizen, Code, CSV-Tabellen und Webseiten.',
  documentText: 'Anhängen lassen sich Textdateien. Den Text aus dem Dokument kopieren und hier einfügen.',
  modelText: 'Die Datei auf das Fenster ziehen, um sie zu den Modellen hinzuzufügen.',
  empty: (name: string): string => `${name} ist leer`,
  notKept: 'Dieser nicht gesendete Text wird nicht aufbewahrt',
  notKeptText:
    'Der Speicher dieses Fensters ist voll, daher geht der Text beim Schließen des Fensters verloren. Den Text senden oder Dateien entfernen.',
};

export const emptyChat: typeof englishEmptyChat = {
  suggestions: 'Vorschläge',
  // In English: the built-in model reads and writes nothing else.
  forBuiltIn: ['What can you do?', 'What is a context window?', 'Tell me a story about a robot'],
  forAny: [
    'Erkläre in wenigen Sätzen, wie ein Sprachmodell das nächste Wort auswählt',
    'Schreibe eine kurze, höfliche E-Mail, die ein Treffen auf Freitag verschiebt',
    'Schlage drei Abendessen mit Linsen vor, mit Einkaufsliste',
  ],
  morning: 'Guten Morgen',
  afternoon: 'Guten Tag',
  evening: 'Guten Abend',
  noModel: 'Ein Modell für den Chat wählen.',
  builtIn: (name: string): string =>
    `${name} ist das sehr kleine Modell, das zu Hearth gehört. Es versteht nur Englisch und weiß ein wenig über Hearth und über den Betrieb von Modellen.`,
  model: (name: string): string => `${name} antwortet auf diesem Computer. Die Nachrichten bleiben hier.`,
  bigger: 'Größeres Modell herunterladen',
  biggerText: 'Ein Modell, das zu diesem Computer passt, weiß weit mehr.',
};

export const conversation: typeof englishConversation = {
  title: 'Gespräch',
  you: 'Sie',
  reply: 'Antwort',
  sending: 'Wird gesendet…',
  earlier: (count: number): string => plural(count, { one: '# frühere Nachricht', other: '# frühere Nachrichten' }),
  newText: 'Neuer Text',
  toEnd: 'Zum Ende',
  copyMessage: 'Nachricht kopieren',
  editMessage: 'Nachricht bearbeiten',
  showLess: 'Weniger anzeigen',
  showAll: 'Alles anzeigen',
  copyReply: 'Antwort kopieren',
  regenerate: 'Neu erzeugen',
  continue: 'Fortsetzen',
  showAlternatives: 'Alternativen anzeigen',
  versionsOfMessage: 'Versionen dieser Nachricht',
  versionsOfReply: 'Versionen dieser Antwort',
  previousVersion: 'Vorige Version',
  nextVersion: 'Nächste Version',
  version: (place: number, all: number): string => `Version ${formatInteger(place)} von ${formatInteger(all)}`,
  place: (place: number, all: number): string => `${formatInteger(place)}/${formatInteger(all)}`,
  keepFirst: 'Die erste Version bleibt erhalten.',
  sendAgain: 'Erneut senden',
  thinking: 'Denkt nach…',
  thoughts: 'Gedanken',
  thoughtFor: (time: string): string => `${time} nachgedacht`,
  loading: (model: string, percent: string): string => `${model} wird geladen… ${percent}`,
  preparing: (model: string): string => `${model} wird vorbereitet…`,
  replyFailed: 'Die Antwort ist fehlgeschlagen.',
  code: (language: string): string => (language === '' ? 'Code' : `Code, ${language}`),
  plainText: 'Text',
  copyCode: 'Code kopieren',
  table: 'Tabelle',
  done: 'Erledigt',
  toDo: 'Zu erledigen',
  image: 'Bild',
  hideNotes: 'Ausblenden',
  speedRange: (slowest: number, fastest: number): string =>
    `Tempo während der Antwort: ${formatInteger(slowest)} bis ${formatInteger(fastest)}\u00a0Token/s`,
};

export const replyFacts: typeof englishReplyFacts = {
  speed: 'Tempo',
  firstToken: 'Zeit bis zum ersten Token',
  load: 'Zeit zum Laden des Modells',
  loadValue: (time: string): string => `${time} zum Laden`,
  firstTokenValue: (time: string): string => `${time} bis zum ersten Token`,
  length: 'Länge',
  tokens: tokenWords,
  continuedTokens: (all: number, last: number): string =>
    `${tokenWords(all)}, davon ${formatInteger(last)} seit dem Fortsetzen`,
  toolsInWords: (detail: string): string =>
    `Das Chat-Template des Modells hat die Tools dieses Chats abgelehnt („${detail}“). Das Modell bekam sie in Worten beschrieben.`,
  toolsInWordsValue: 'Tools in Worten',
  stopString: 'Die Antwort endete vor einem Stopptext',
  stopStringValue: 'Stopptext',
  drafted: (byModel: boolean, drafted: number, accepted: number): string =>
    `${byModel ? 'Entwurfsmodell' : 'Prompt-Lookup'}: ${tokenWords(drafted)} vorgeschlagen, ` +
    `davon ${formatInteger(accepted)} angenommen (spekulatives Dekodieren)`,
  acceptedShare: (percent: string): string => `${percent} der Vorschläge angenommen`,
  interruptedEmpty: 'Hearth wurde geschlossen, bevor diese Antwort geschrieben war.',
  interrupted: 'Hearth wurde geschlossen, während diese Antwort geschrieben wurde. Das Geschriebene bleibt erhalten.',
  stoppedEmpty: 'Gestoppt, bevor etwas geschrieben war.',
  stopped: 'Gestoppt. Das Geschriebene bleibt erhalten.',
  toolCalls: 'Endete mit einem Tool-Aufruf.',
  maxTokens: (tokens: number | null): string =>
    tokens === null
      ? 'Endete bei der Höchstzahl an Token.'
      : `Endete bei der Höchstzahl an Token (${formatInteger(tokens)}).`,
  contextFull: (size: number): string => `Endete, weil der Kontext voll ist (${contextSize(size)}).`,
};

export const contextMeter: typeof englishContextMeter = {
  title: 'Kontextgröße',
  used: (words: string): string => `Kontextgröße: ${words} nach der letzten Antwort belegt`,
  usedWithDraft: (words: string): string => `Kontextgröße: ${words} mit dieser Nachricht`,
  filledWithDraft: 'Was den Kontext mit dieser Nachricht füllen wird',
  filled: 'Was den Kontext bei der letzten Antwort gefüllt hat',
  part: (name: string, tokens: number): string => `${name} ${formatInteger(tokens)}`,
  origins: {
    system: 'System-Prompt',
    summary: 'Zusammenfassung',
    recalled: 'Wiedergefunden',
    files: 'Dateien und eingefügte Texte',
    history: 'Frühere Nachrichten',
    message: 'Ihre Nachricht',
    template: 'Chat-Template',
    prompt: 'Gespräch',
    reply: 'Antwort',
    draft: 'Nächste Nachricht',
    free: 'Frei',
  },
  tokensLeftOut: (tokens: number): string => ` (${tokenWords(tokens)})`,
  middleLeftOut: (tokens: string, size: number, reserve: number | null): string =>
    `Die Mitte des Gesprächs wurde ausgelassen${tokens}: ${fullWords(size, reserve)}`,
  beginningLeftOut: (tokens: string, size: number, reserve: number | null): string =>
    `Der Anfang des Gesprächs wurde ausgelassen${tokens}: ${fullWords(size, reserve)}`,
  firstLeftOut: (messages: number, tokens: string, size: number, reserve: number | null): string =>
    `${plural(messages, { one: 'Die erste Nachricht wurde', other: 'Die ersten # Nachrichten wurden' })} bei dieser Antwort ausgelassen${tokens}: ` +
    fullWords(size, reserve),
  reused: (reused: number, all: number): string =>
    `${formatInteger(reused)} von ${tokenWords(all)} ${plural(reused, { one: 'wurde', other: 'wurden' })} aus der letzten Antwort wiederverwendet und ${plural(reused, { one: 'kostete', other: 'kosteten' })} keine Zeit.`,
  policies: {
    roll: {
      label: 'Älteste auslassen',
      detail:
        'Lässt die ersten Nachrichten aus, mehrere auf einmal, damit die nächsten Antworten früher beginnen. Jede Antwort gibt an, wie viele es sind.',
    },
    cut_middle: {
      label: 'Mitte kürzen',
      detail: 'Behält Anfang und Ende, für Aufgaben, die am Anfang gestellt werden.',
    },
    stop: { label: 'Ablehnen', detail: 'Lässt nichts weg: Was entfernt wird, entscheiden Sie.' },
  },
  keptForReply: (tokens: number): string =>
    `${plural(tokens, { one: '# Token bleibt', other: '# Token bleiben' })} für die Antwort frei.`,
  whenFull: {
    roll: 'Ist der Kontext voll, werden die ältesten Nachrichten ausgelassen.',
    cut_middle: 'Ist der Kontext voll, wird die Mitte gekürzt.',
    stop: 'Ist der Kontext voll, wird die nächste Nachricht abgelehnt.',
  },
  exactPrompt: 'Genauer Prompt',
};

export const prompt: typeof englishPrompt = {
  title: 'Genauer Prompt',
  text: 'Was das Modell liest, bevor es die nächste Antwort schreibt, in seinen eigenen Token.',
  reading: 'Prompt wird gelesen',
  legend: 'Herkunft der Token',
  copyText: 'Als Text kopieren',
  copyIds: 'Token-IDs kopieren',
};

export const alternatives: typeof englishAlternatives = {
  reading: 'Token werden gelesen',
  gone: 'Die Alternativen dieser Antwort sind nicht mehr da: Sie bleiben für die neuesten Antworten erhalten, bis Hearth geschlossen wird.',
  label: 'Token der Antwort',
  choices: 'Alternativen für dieses Token',
  written: 'geschrieben',
};

export const failure: typeof englishFailure = {
  actions: {
    retry: 'Neu erzeugen',
    continue: 'Fortsetzen',
    plain_form: 'Ohne Chat-Template versuchen',
    roll: 'Älteste auslassen und erneut versuchen',
    edit_message: 'Nachricht bearbeiten',
    free_memory: 'Arbeitsspeicher freigeben und erneut versuchen',
    load_settings: 'Ladeeinstellungen',
    download_again: 'Erneut herunterladen',
    smaller_file: 'Kleinere Datei herunterladen',
    choose_model: 'Anderes Modell wählen',
    models: 'Modelle auf diesem Computer',
    settings: 'Einstellungen öffnen',
    provider_settings: 'Engines anderswo',
    new_chat: 'Neuer Chat',
  },
  notStored: 'Diese Antwort ist noch nicht gespeichert',
  engineStopped: 'Die Engine hat während dieser Antwort angehalten',
  kept: 'Das Geschriebene bleibt erhalten.',
};

export const inspector: typeof englishInspector = {
  model: 'Modell',
  chooseAnother: 'Anderes Modell wählen',
  loadSettings: 'Ladeeinstellungen',
  systemPrompt: 'System-Prompt',
  expand: 'Vergrößern',
  expandSystemPrompt: 'System-Prompt vergrößern',
  systemPromptHint: 'Wird dem Modell vor dem Gespräch gesendet. Gilt ab der nächsten Antwort.',
  systemPromptPlaceholder: 'Zum Beispiel: Antworte kurz und sage, wenn etwas unsicher ist.',
  whenFull: 'Wenn der Kontext voll ist',
  thisChat: 'Dieser Chat',
  noModel: 'Kein Modell gewählt.',
  notBegun: 'Der Chat beginnt mit der ersten Nachricht.',
  facts: {
    name: 'Name',
    size: 'Größe',
    parameters: 'Parameter',
    quantization: 'Quantisierung',
    trainedContext: 'Kontextgröße (trainiert)',
    context: 'Kontextgröße',
    memory: 'Im Arbeitsspeicher',
    idle: 'Bei Leerlauf',
    created: 'Erstellt',
    messages: 'Nachrichten',
    tokensWritten: 'Geschriebene Token',
    load: 'Laden vor der letzten Antwort',
    firstToken: 'Erstes Token der letzten Antwort',
  },
  notLoaded: 'Nicht geladen',
};

export const picker: typeof englishPicker = {
  label: 'Modell',
  named: (name: string): string => `Modell: ${name}`,
  loaded: 'Geladen',
  local: 'Auf diesem Computer',
  more: 'Weitere Modelle herunterladen',
  choose: 'Modell wählen',
  missing: (name: string): string => `${name} (fehlt)`,
  fits: { fits: 'Passt', tight: 'Könnte knapp werden', too_big: 'Passt nicht', unknown: '' },
};
