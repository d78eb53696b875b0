/** The prompt library, the form for a prompt’s variables, and the menu of the field for the next message. */
import type {
  draftTokens as englishDraftTokens,
  promptReasons as englishPromptReasons,
  prompts as englishPrompts,
  suggestions as englishSuggestions,
} from '../en/prompts.ts';
import { formatInteger, plural } from '../format.ts';
import { isNumber } from './error-facts.ts';

const tokenWords = (count: number): string => plural(count, { one: '# Token', other: '# Token' });

export const prompts: typeof englishPrompts = {
  title: 'Prompt-Bibliothek',
  text: 'Texte, die immer wieder gebraucht werden. Ein / in einer Nachricht fügt einen davon ein.',
  loading: 'Prompts werden geladen',
  new: 'Neuer Prompt',
  edit: (name: string): string => `${name} bearbeiten`,
  remove: (name: string): string => `${name} löschen`,
  search: 'Prompts durchsuchen',
  count: (count: number): string => plural(count, { one: '# Prompt', other: '# Prompts' }),
  nothingFound: 'Kein passender Prompt',
  empty: 'Noch keine Prompts',
  emptyText:
    'Hier lassen sich Texte aufbewahren, die oft gebraucht werden, mit Variablen wie {{thema}} für das, was sich ändert.',
  addExamples: 'Beispiele hinzufügen',
  examples: [
    {
      name: 'Zusammenfassen',
      description: 'Einen Text in wenigen Sätzen',
      text: 'Fasse diesen Text in {{umfang | select:options=["drei Sätzen","fünf Stichpunkten","einem Absatz"]}} zusammen:\n\n{{text | textarea:required}}',
    },
    {
      name: 'Übersetzen',
      description: 'Einen Text in eine andere Sprache',
      text: 'Übersetze diesen Text in die folgende Sprache: {{sprache|Englisch}}. Behalte den Ton bei.\n\n{{text | textarea:required}}',
    },
    {
      name: 'Text verbessern',
      description: 'Klarer und ohne Fehler',
      text: 'Verbessere diesen Text. Mache ihn {{ton|klarer,freundlicher,förmlicher,kürzer}} und korrigiere die Fehler. Zeige nur den neuen Text.\n\n{{text | textarea:required}}',
    },
    {
      name: 'Code erklären',
      description: 'Was er tut, Schritt für Schritt',
      text: 'Erkläre Schritt für Schritt, was dieser Code tut, für {{leser|Anfänger,erfahrene Programmierer}}:\n\n```\n{{code | textarea:required}}\n```',
    },
  ],
  more: 'Weitere Aktionen',
  import: 'Importieren…',
  exportHearth: 'Für Hearth exportieren',
  exportOpenWebUi: 'Für Open WebUI exportieren',
  exportName: 'hearth-prompts.json',
  exportNameOpenWebUi: 'open-webui-prompts.json',
  exported: (count: number): string =>
    plural(count, { one: '# Prompt wurde exportiert', other: '# Prompts wurden exportiert' }),
  imported: (count: number): string =>
    plural(count, { one: '# Prompt wurde hinzugefügt', other: '# Prompts wurden hinzugefügt' }),
  importSame: (count: number): string =>
    plural(count, { one: '# Prompt war schon vorhanden.', other: '# Prompts waren schon vorhanden.' }),
  importRenamed: (count: number): string =>
    plural(count, {
      one: '# Prompt bekam einen anderen Namen, weil der Name vergeben war.',
      other: '# Prompts bekamen andere Namen, weil die Namen vergeben waren.',
    }),
  importRefused: {
    no_name: (count: number): string =>
      plural(count, { one: '# Prompt hatte keinen Namen.', other: '# Prompts hatten keinen Namen.' }),
    no_text: (count: number): string =>
      plural(count, { one: '# Prompt hatte keinen Text.', other: '# Prompts hatten keinen Text.' }),
    too_long: (count: number): string =>
      plural(count, {
        one: '# Prompt war länger als 100.000 Zeichen.',
        other: '# Prompts waren länger als 100.000 Zeichen.',
      }),
    not_a_prompt: (count: number): string =>
      plural(count, { one: '# Eintrag ist kein Prompt.', other: '# Einträge sind keine Prompts.' }),
    library_full: (count: number): string =>
      plural(count, {
        one: '# Prompt hatte keinen Platz: Die Bibliothek ist voll.',
        other: '# Prompts hatten keinen Platz: Die Bibliothek ist voll.',
      }),
  },
  fileTooLarge: (name: string): string => `${name} ist zu groß`,
  fileTooLargeText: 'Eine Datei mit Prompts hat höchstens zehn Millionen Zeichen.',
  fileUnreadable: (name: string): string => `${name} ist nicht lesbar`,
  deleted: (name: string): string => `„${name}“ wurde gelöscht`,
  tooLate: 'Das lässt sich nicht mehr rückgängig machen',
  saved: (name: string): string => `„${name}“ wurde gespeichert`,

  editTitle: (name: string): string => `„${name}“ bearbeiten`,
  name: 'Name',
  nameHint: 'Wird nach dem / eingegeben, um den Prompt zu finden.',
  nameMissing: 'Einen Namen eingeben.',
  nameTaken: 'Ein anderer Prompt hat diesen Namen.',
  description: 'Beschreibung',
  textField: 'Prompt',
  textHint:
    '{{thema}} fragt nach einem Thema. {{ton|freundlich,förmlich}} bietet eine Auswahl, {{sprache|Englisch}} hat eine Vorgabe, {{text | textarea:required}} nimmt mehrere Zeilen auf. {{date}} und {{time}} werden ausgefüllt, {{clipboard}} beginnt mit dem Inhalt der Zwischenablage.',
  textMissing: 'Den Text des Prompts eingeben.',
  variables: 'Beim Einfügen abgefragt',
  filledIn: 'Ohne Nachfrage ausgefüllt',
  unreadable: (text: string): string => `${text} ist nicht als Variable lesbar und bleibt, wie es ist.`,
  save: 'Speichern',
  unsaved: 'Ohne Speichern schließen?',
  unsavedText: 'Die Änderungen gehen verloren.',
  closeUnsaved: 'Ohne Speichern schließen',

  formText: 'Den Prompt ausfüllen.',
  insert: 'Einfügen',
  required: 'Hier etwas eingeben.',
  optional: (label: string): string => `${label} (optional)`,
  unknownNumber: 'Eine Zahl eingeben.',
  clipboardDenied: 'Die Zwischenablage ist nicht lesbar. Den Zugriff im Browser erlauben oder hier einfügen.',
  clipboard: 'Zwischenablage',
  userName: 'Ihr Name',
  userLocation: 'Ihr Ort',

  palette: 'Prompt-Bibliothek',
  paletteKeywords: ['Prompts', 'Vorlagen', 'Textbausteine', 'Variablen', 'Schrägstrich', 'Slash'],
  paletteNew: 'Neuer Prompt',
};

/** The menu that opens in the field at `/`, `@` and `#`. */
export const suggestions: typeof englishSuggestions = {
  prompts: 'Prompts',
  models: 'Modelle',
  sources: 'Dateien und Chats',
  spoken: (count: number, title: string): string =>
    `${title}: ${plural(count, { one: '# Vorschlag', other: '# Vorschläge' })}. Auswählen mit den Pfeiltasten nach oben und unten, einfügen mit der Eingabetaste, schließen mit Escape.`,
  chat: 'Chat',
  file: 'Datei dieses Chats',
  inUse: 'In Verwendung',
  newPrompt: 'Neuer Prompt…',
  manage: 'Prompt-Bibliothek…',
  chatName: (title: string): string => `Chat: ${title}`,
  chatUnread: 'Der Chat ist nicht lesbar',
  chatEmpty: (title: string): string => `„${title}“ enthält keinen Text`,
  you: 'Sie',
  model: 'Modell',
  switched: (model: string): string => `Dieser Chat verwendet jetzt ${model}`,
};

/** The tokens of the message that is being written. */
export const draftTokens: typeof englishDraftTokens = {
  about: (tokens: number): string => `etwa ${tokenWords(tokens)}`,
  exact: 'Mit dem Tokenizer des Modells gezählt',
  estimated:
    'Geschätzt: Genau zählt nur ein geladenes Modell auf diesem Computer, und von einem langen Text wird nur eine Stichprobe gezählt.',
  leavesOut: {
    roll: 'Mit dieser Nachricht ist der Kontext voll: Bei der Antwort werden die ältesten Nachrichten ausgelassen.',
    cut_middle: 'Mit dieser Nachricht ist der Kontext voll: Bei der Antwort wird die Mitte des Gesprächs ausgelassen.',
  },
  refused:
    'Diese Nachricht passt nicht in den Rest des Kontexts, und dieser Chat ist so eingestellt, dass er sie ablehnt. Die Nachricht kürzen oder die Kontextgröße erhöhen.',
  tooLong: (tokens: number, size: number, over: number, exact: boolean): string =>
    `Diese Nachricht hat ${exact ? '' : 'etwa '}${tokenWords(tokens)}: ${formatInteger(over)} mehr, als in einen Kontext von ${formatInteger(size)} mit Platz für eine Antwort passen. Die Nachricht kürzen oder die Kontextgröße erhöhen.`,
};

export const promptReasons: typeof englishPromptReasons = {
  prompt_name_taken: prompts.nameTaken,
  library_full: ({ limit }) =>
    `Die Bibliothek hat ${isNumber(limit) ? formatInteger(limit) : 'viele'} Prompts und nimmt keine weiteren auf. Zuerst einige löschen.`,
  file_not_json: 'Diese Datei ist kein JSON. Eine Datei wählen, die Hearth oder Open WebUI exportiert hat.',
  no_prompts: 'Diese Datei enthält keine Prompts. Eine Datei wählen, die Hearth oder Open WebUI exportiert hat.',
  prompts_newer: 'Diese Datei stammt von einer neueren Version von Hearth. Um sie zu lesen, Hearth aktualisieren.',
  too_many_prompts: ({ limit }) =>
    `Diese Datei hat ${isNumber(limit) ? `mehr als ${formatInteger(limit)}` : 'zu viele'} Prompts. Sie in kleineren Dateien importieren.`,
};
