/** What is in force, presets of sampling, defaults of models, personas and lorebooks. */
import type { ValueOrigin } from '../../../preload/contract/in-force.ts';
import type {
  inForce as englishInForce,
  lorebooks as englishLorebooks,
  modelDefaults as englishModelDefaults,
  personaReasons as englishPersonaReasons,
  personas as englishPersonas,
  presets as englishPresets,
} from '../en/personas.ts';
import { formatInteger, plural } from '../format.ts';

const entryWords = (count: number): string => plural(count, { one: '# Eintrag', other: '# Einträge' });

export const inForce: typeof englishInForce = {
  title: 'Geltende Werte',
  text: 'Womit die nächste Antwort geschrieben wird und woher jeder Wert stammt.',
  systemPrompt: 'System-Prompt',
  none: 'Keiner',
  noLimit: 'Ohne Grenze',
  random: 'Zufällig',
  on: 'Ein',
  texts: (count: number): string => plural(count, { one: '# Text', other: '# Texte' }),
  penaltyTokens: 'Reichweite der Strafen',
  minTokens: 'Mindestzahl an Token',
  wholeContext: 'Ganzer Kontext',
  origin: (origin: ValueOrigin, persona: string | null, model: string | null): string => {
    switch (origin) {
      case 'chat':
        return 'Dieser Chat';
      case 'persona':
        return persona ?? 'Persona';
      case 'model':
        return model === null ? 'Standardwerte des Modells' : `Standardwerte von ${model}`;
      case 'settings':
        return 'Einstellungen';
      default:
        return origin satisfies never;
    }
  },
  reset: (name: string): string => `${name} in diesem Chat zurücksetzen`,
  inherited: (origin: string): string => `Leer: Der System-Prompt aus „${origin}“ gilt.`,
  saveDefaults: (model: string): string => `Als Standardwerte von ${model} speichern`,
  saved: (model: string): string => `Als Standardwerte von ${model} gespeichert.`,
};

export const presets: typeof englishPresets = {
  button: 'Vorlagen',
  choose: 'Vorlage verwenden',
  builtIn: {
    precise: { name: 'Präzise', detail: 'Fakten, Code, Auszüge' },
    balanced: { name: 'Ausgewogen', detail: 'Alltägliche Fragen' },
    creative: { name: 'Kreativ', detail: 'Geschichten, Ideen' },
  },
  save: 'Diese Werte als Vorlage speichern',
  saveTitle: 'Als Vorlage speichern',
  saveText:
    'Die Vorlage lässt sich in Chats, für die Standardwerte eines Modells und für Personas verwenden. Ihre Werte werden dorthin kopiert.',
  name: 'Name',
  saveButton: 'Speichern',
  saved: (name: string): string => `Die Vorlage „${name}“ ist gespeichert.`,
  applied: (name: string): string => `„${name}“ wird verwendet.`,
  manage: 'Vorlagen verwalten',
  title: 'Sampling-Vorlagen',
  intro:
    'Benannte Werte für das Sampling. Sie lassen sich aus einem Chat speichern und in anderen Chats, für die Standardwerte eines Modells oder für eine Persona verwenden.',
  comesWithApp: 'In Hearth enthalten',
  rename: (name: string): string => `${name} umbenennen`,
  renameTitle: (name: string): string => `„${name}“ umbenennen`,
  remove: (name: string): string => `${name} löschen`,
  removed: (name: string): string => `„${name}“ ist gelöscht.`,
};

export const modelDefaults: typeof englishModelDefaults = {
  title: 'Standardwerte dieses Modells',
  text: 'Womit Chats mit diesem Modell beginnen. Ein Chat und seine Persona können davon abweichen.',
  none: 'Keine eigenen: Es gelten die Einstellungen.',
  edit: 'Standardwerte bearbeiten',
  add: 'Standardwerte festlegen',
  sheetTitle: (model: string): string => `Standardwerte von ${model}`,
  systemPromptHint:
    'Gilt in Chats mit diesem Modell, die weder einen eigenen System-Prompt noch eine Persona mit System-Prompt haben.',
  samplingHint: 'Hier geänderte Werte gelten an Stelle der Werte aus den Einstellungen.',
  save: 'Speichern',
  remove: 'Standardwerte entfernen',
  removed: 'Die Standardwerte sind entfernt.',
  saved: 'Die Standardwerte sind gespeichert.',
};

export const personas: typeof englishPersonas = {
  title: 'Personas',
  screen: 'Personas',
  tabs: { personas: 'Personas', lorebooks: 'Lorebooks', presets: 'Vorlagen' },
  intro:
    'Als wer ein Modell spricht: Anweisungen, ein Bild, Eröffnungsnachrichten. Charakterkarten anderer Programme lassen sich importieren.',
  empty: 'Noch keine Personas',
  emptyText:
    'Eine Persona hat einen Namen, Anweisungen und ein Bild und kann den Chat eröffnen. Eine Persona erstellen oder eine Charakterkarte importieren (PNG, JSON oder CHARX).',
  loading: 'Personas werden geladen',
  create: 'Neue Persona',
  createTitle: 'Neue Persona',
  editTitle: (name: string): string => `„${name}“ bearbeiten`,
  import: 'Karte importieren',
  imported: (name: string): string => `„${name}“ ist importiert.`,
  chat: 'Chat',
  chatWith: (name: string): string => `Chat mit ${name}`,
  edit: (name: string): string => `${name} bearbeiten`,
  more: (name: string): string => `Weitere Aktionen für ${name}`,
  exportPng: 'Als Karte mit Bild exportieren (PNG)',
  exportJson: 'Als Karte exportieren (JSON)',
  duplicate: 'Duplizieren',
  copyOf: (name: string): string => `${name} (Kopie)`,
  remove: 'Löschen',
  removed: (name: string): string => `„${name}“ ist gelöscht.`,
  tooLate: 'Das Löschen lässt sich nicht mehr rückgängig machen.',
  saved: (name: string): string => `„${name}“ ist gespeichert.`,
  greetings: (count: number): string =>
    plural(count, { one: '# Eröffnungsnachricht', other: '# Eröffnungsnachrichten' }),
  lorebooks: (count: number): string => plural(count, { one: '# Lorebook', other: '# Lorebooks' }),
  userName: 'Ihr Name',
  userNameHint: 'So werden Sie von Personas genannt.',
  name: 'Name',
  nameMissing: 'Eine Persona braucht einen Namen.',
  picture: 'Bild',
  choosePicture: 'Bild wählen',
  removePicture: 'Bild entfernen',
  pictureUnreadable: 'Dieses Bild ist nicht lesbar. Eine PNG-, JPEG- oder WebP-Datei wählen.',
  systemPrompt: 'System-Prompt',
  systemPromptHint:
    '{{original}} steht für den Prompt aus den Standardwerten des Modells, {{char}} und {{user}} stehen für die beiden Namen.',
  description: 'Beschreibung',
  descriptionHint: 'Wer die Persona ist. Das Modell erfährt es bei jeder Antwort.',
  personality: 'Persönlichkeit',
  scenario: 'Szenario',
  exampleDialogue: 'Beispieldialog',
  exampleHint: 'Zeigt, wie die Persona spricht. <START> beginnt ein weiteres Beispiel.',
  lastInstructions: 'Letzte Anweisungen',
  lastInstructionsHint: 'Das Modell liest sie nach Ihrer letzten Nachricht.',
  opening: 'Eröffnungsnachrichten',
  openingHint: 'Der Chat beginnt mit der ersten; die anderen sind ihre Versionen.',
  openingNumber: (number: number): string => `Eröffnungsnachricht ${formatInteger(number)}`,
  addOpening: 'Eröffnungsnachricht hinzufügen',
  removeOpening: (number: number): string => `Eröffnungsnachricht ${formatInteger(number)} entfernen`,
  model: 'Modell',
  anyModel: 'Zuletzt verwendetes Modell',
  usesLorebooks: 'Lorebooks',
  sampling: 'Sampling',
  samplingHint: 'Hier geänderte Werte gelten in Chats mit dieser Persona.',
  character: 'Charakter',
  save: 'Speichern',
  inChat: 'Persona',
  noPersona: 'Keine Persona',
  discover: 'Mit einer Persona chatten',
  all: 'Alle Personas',
  manage: 'Personas',
  told: 'Aus Lorebooks',
  toldHint: 'Geht mit der nächsten Antwort an das Modell, weil ein Stichwort gefallen ist.',
  toldByKey: (key: string): string => `Stichwort: ${key}`,
  toldAlways: 'Immer dabei',
  cardTooLarge: 'Diese Datei ist größer als 11 MB. Charakterkarten sind kleiner.',
  imports: {
    title: 'Nicht alles wurde übernommen',
    text: (name: string): string => `„${name}“ ist importiert. Das hat Hearth weggelassen oder geändert:`,
    close: 'Schließen',
    notes: {
      regex_keys: (count) =>
        plural(count, {
          one: '# Stichwort ist ein regulärer Ausdruck und wurde weggelassen: Ein solcher kann endlos laufen.',
          other: '# Stichwörter sind reguläre Ausdrücke und wurden weggelassen: Ein solcher kann endlos laufen.',
        }),
      at_depth: (count) =>
        plural(count, {
          one: '# Eintrag steht bei der Beschreibung und nicht innerhalb des Gesprächs.',
          other: '# Einträge stehen bei der Beschreibung und nicht innerhalb des Gesprächs.',
        }),
      decorators: (count) =>
        plural(count, {
          one: '# Anweisung in Lorebook-Einträgen (eine Zeile, die mit @@ beginnt) wird nicht befolgt.',
          other: '# Anweisungen in Lorebook-Einträgen (Zeilen, die mit @@ beginnen) werden nicht befolgt.',
        }),
      assets: (count) =>
        plural(count, {
          one: '# Datei der Karte (ein Hintergrund oder ein Gesichtsausdruck) wurde weggelassen.',
          other: '# Dateien der Karte (Hintergründe, Gesichtsausdrücke) wurden weggelassen.',
        }),
      group_greetings: (count) =>
        plural(count, {
          one: '# Eröffnungsnachricht für Gruppen wurde weggelassen.',
          other: '# Eröffnungsnachrichten für Gruppen wurden weggelassen.',
        }),
      picture: () => 'Das Bild war nicht lesbar.',
      cut_texts: (count) =>
        plural(count, {
          one: '# Text oder Liste war zu lang und ist gekürzt.',
          other: '# Texte oder Listen waren zu lang und sind gekürzt.',
        }),
      broken_entries: (count) =>
        plural(count, {
          one: '# Lorebook-Eintrag war nicht lesbar oder überzählig.',
          other: '# Lorebook-Einträge waren nicht lesbar oder überzählig.',
        }),
      extensions: () => 'Was andere Programme in der Karte ablegen, ist zu groß und wurde weggelassen.',
      chances: (count) =>
        plural(count, {
          one: '# Eintrag hat eine Wahrscheinlichkeit. Hearth verwendet ihn jedes Mal.',
          other: '# Einträge haben eine Wahrscheinlichkeit. Hearth verwendet sie jedes Mal.',
        }),
      logic: (count) =>
        plural(count, {
          one: '# Eintrag verknüpft Stichwörter auf eine Weise, die es in Hearth nicht gibt. Er ist ausgeschaltet.',
          other:
            '# Einträge verknüpfen Stichwörter auf eine Weise, die es in Hearth nicht gibt. Sie sind ausgeschaltet.',
        }),
    },
  },
};

export const lorebooks: typeof englishLorebooks = {
  title: 'Lorebooks',
  intro:
    'Texte, die das Modell erfährt, wenn eines ihrer Stichwörter fällt. Ein Lorebook gehört zu Personas oder gilt in jedem Chat.',
  empty: 'Noch keine Lorebooks',
  emptyText:
    'Fakten über eine Welt, ein Projekt oder eine Familie einmal aufschreiben: Das Modell erfährt sie nur, wenn davon die Rede ist.',
  create: 'Neues Lorebook',
  createTitle: 'Neues Lorebook',
  editTitle: (name: string): string => `„${name}“ bearbeiten`,
  import: 'Lorebook importieren',
  imported: (name: string, entries: number): string => `„${name}“ ist importiert: ${entryWords(entries)}.`,
  notRead: 'Diese Datei ist nicht lesbar.',
  entries: entryWords,
  everywhere: 'In jedem Chat verwenden',
  everywhereHint: 'Sonst nur in Chats der Personas, die es haben.',
  edit: (name: string): string => `${name} bearbeiten`,
  more: (name: string): string => `Weitere Aktionen für ${name}`,
  export: 'Exportieren (JSON)',
  saved: (name: string): string => `„${name}“ ist gespeichert.`,
  name: 'Name',
  nameMissing: 'Ein Lorebook braucht einen Namen.',
  scanDepth: 'Durchsuchte Nachrichten',
  scanDepthHint: 'In so vielen letzten Nachrichten wird nach Stichwörtern gesucht.',
  tokenBudget: 'Token-Budget',
  tokenBudgetHint: 'Etwa so viele Token aus den Einträgen gehen höchstens an das Modell.',
  recursive: 'Einträge rufen Einträge auf',
  recursiveHint: 'Auch in den Texten verwendeter Einträge wird nach Stichwörtern gesucht.',
  matchCase: 'Groß- und Kleinschreibung beachten',
  wholeWords: 'Ganze Wörter',
  entriesTitle: 'Einträge',
  addEntry: 'Eintrag hinzufügen',
  find: 'Eintrag suchen',
  noneFound: 'Kein Eintrag enthält das.',
  untitled: 'Ohne Titel',
  entryTitle: 'Titel',
  entryText: 'Text',
  keys: 'Stichwörter',
  keysHint: 'Der Eintrag wird verwendet, wenn eines davon fällt.',
  secondaryKeys: 'Außerdem nötig',
  secondaryKeysHint: 'Stehen hier welche, muss auch eines davon fallen.',
  enabled: 'Eingeschaltet',
  disabled: 'Aus',
  constant: 'Immer dabei',
  order: 'Reihenfolge',
  orderHint: 'Kleinere Zahlen kommen zuerst.',
  priority: 'Priorität',
  priorityHint: 'Reicht das Budget nicht, werden kleinere Zahlen zuerst weggelassen.',
  place: 'Platz',
  places: { before: 'Vor der Beschreibung', after: 'Nach der Beschreibung' },
  ownDepth: 'Eigene Anzahl Nachrichten',
  asBook: 'Wie das Lorebook',
  yes: 'Ja',
  no: 'Nein',
  removeEntry: 'Eintrag löschen',
  entryRemoved: 'Der Eintrag ist gelöscht.',
  save: 'Speichern',
};

/** The reasons of errors about personas. */
export const personaReasons: typeof englishPersonaReasons = {
  card_not_card: 'Das ist keine Charakterkarte.',
  card_no_card:
    'In dieser Datei ist kein Charakter. Das Bild einer Karte verliert ihn, wenn es bearbeitet oder über einen Messenger gesendet wird.',
  card_no_name: 'Diese Karte hat keinen Namen.',
  card_broken_png: 'Diese PNG-Datei ist beschädigt oder unvollständig.',
  card_broken_archive: 'Dieses Archiv ist beschädigt oder unvollständig.',
  card_too_large: 'Ein Text in dieser Datei wird beim Entpacken zu groß.',
  lorebook_not_lorebook: 'Das ist kein Lorebook.',
  not_png: 'Bilder werden als PNG gespeichert.',
  picture_too_large: 'Dieses Bild ist zu groß.',
  built_in_preset:
    'Diese Vorlage gehört zu Hearth und bleibt, wie sie ist. Ihre Werte unter einem anderen Namen speichern.',
  too_many_kept: 'Die Höchstzahl ist schon erreicht. Zuerst etwas löschen.',
};
