/** Exports and imports of chats. */
import type { CameOverKind, ExchangeFormat, ExportFormat, LeftOutKind } from '../../../preload/contract/exchange.ts';
import type { exchange as english } from '../en/exchange.ts';
import { formatInteger, plural } from '../format.ts';

const cameOver: Readonly<Record<CameOverKind, (count: number) => string>> = {
  chats: (count) => plural(count, { one: '# Chat', other: '# Chats' }),
  messages: (count) => plural(count, { one: '# Nachricht', other: '# Nachrichten' }),
  versions: (count) =>
    plural(count, { one: '# weitere Fassung einer Nachricht', other: '# weitere Fassungen von Nachrichten' }),
  reasoning: (count) => plural(count, { one: '# Reasoning-Block', other: '# Reasoning-Blöcke' }),
  system_prompts: (count) => plural(count, { one: '# System-Prompt', other: '# System-Prompts' }),
  models: (count) =>
    plural(count, { one: '# Antwort mit dem Namen ihres Modells', other: '# Antworten mit dem Namen ihres Modells' }),
  files: (count) => plural(count, { one: '# Bild oder Datei', other: '# Bilder und Dateien' }),
  tool_steps: (count) =>
    plural(count, {
      one: '# Schritt eines Tools, als Codeblock',
      other: '# Schritte von Tools, als Codeblöcke',
    }),
};

const leftOut: Readonly<Record<LeftOutKind, (count: number) => string>> = {
  empty_messages: (count) => plural(count, { one: '# leere Nachricht', other: '# leere Nachrichten' }),
  hidden_messages: (count) =>
    plural(count, {
      one: '# Nachricht, die dort ausgeblendet war',
      other: '# Nachrichten, die dort ausgeblendet waren',
    }),
  images: (count) =>
    plural(count, { one: '# Bild, das nicht in der Datei ist', other: '# Bilder, die nicht in der Datei sind' }),
  audio: (count) => plural(count, { one: '# Aufnahme', other: '# Aufnahmen' }),
  files: (count) => plural(count, { one: '# angehängte Datei', other: '# angehängte Dateien' }),
  unknown_parts: (count) => plural(count, { one: '# Teil unbekannter Art', other: '# Teile unbekannter Art' }),
  broken_links: (count) =>
    plural(count, {
      one: '# Nachricht, deren Platz verloren ging; sie beginnt einen Zweig',
      other: '# Nachrichten, deren Platz verloren ging; jede beginnt einen Zweig',
    }),
  long_texts: (count) =>
    plural(count, {
      one: '# Text, der wegen seiner Länge gekürzt wurde',
      other: '# Texte, die wegen ihrer Länge gekürzt wurden',
    }),
  bad_characters: (count) =>
    plural(count, {
      one: '# Text mit Zeichen, die ersetzt wurden',
      other: '# Texte mit Zeichen, die ersetzt wurden',
    }),
  huge_chats: (count) =>
    plural(count, { one: '# Chat mit zu vielen Nachrichten', other: '# Chats mit zu vielen Nachrichten' }),
  empty_chats: (count) => plural(count, { one: '# Chat ohne Nachrichten', other: '# Chats ohne Nachrichten' }),
  unknown_values: (count) =>
    plural(count, { one: '# Eintrag, der kein Chat ist', other: '# Einträge, die keine Chats sind' }),
  cut_off: () => 'Das Ende der Datei: Sie war abgeschnitten',
  other_files: (count) => plural(count, { one: '# Datei ohne Chats', other: '# Dateien ohne Chats' }),
  story_notes: (count) =>
    plural(count, { one: '# Notiz oder World-Info-Eintrag', other: '# Notizen und World-Info-Einträge' }),
};

export const exchange: typeof english = {
  exportTitle: 'Chats exportieren',
  exportOne: (title: string): string => `„${title}“ exportieren`,
  exportSome: (count: number): string => `${plural(count, { one: '# Chat', other: '# Chats' })} exportieren`,
  exportEllipsis: 'Exportieren…',
  exportAll: 'Alle Chats exportieren…',
  exportKeywords: ['speichern', 'markdown', 'json', 'html', 'pdf', 'sicherung', 'backup', 'herunterladen'],
  importEllipsis: 'Chats importieren…',
  importKeywords: [
    'chatgpt',
    'claude',
    'lm studio',
    'jan',
    'open webui',
    'gpt4all',
    'koboldcpp',
    'sharegpt',
    'wiederherstellen',
  ],
  form: 'Format',
  forms: {
    markdown: { label: 'Markdown', detail: 'Das Angezeigte, als Text mit Überschriften, Code und Listen.' },
    json: {
      label: 'JSON',
      detail: 'Alles: alle Fassungen, Einstellungen und Dateien. Hearth kann es wieder importieren.',
    },
    html: {
      label: 'HTML',
      detail: 'Eine Seite zum Lesen in jedem Browser, zum Drucken oder zum Speichern als PDF.',
    },
    text: { label: 'Reiner Text', detail: 'Das Angezeigte, ohne jede Auszeichnung.' },
  } satisfies Record<ExportFormat, { label: string; detail: string }>,
  reasoning: 'Reasoning der Antworten einschließen',
  archive: 'Eine Datei je Chat, in einem Archiv',
  archiveHint: 'Sonst stehen alle Chats in einer Datei.',
  several: 'Jeder Chat wird zu einer Datei in einem gemeinsamen Archiv.',
  export: 'Exportieren',
  cancel: 'Abbrechen',
  close: 'Schließen',
  exporting: 'Export läuft',
  exportedChats: (done: number, all: number): string =>
    `${formatInteger(done)} von ${plural(all, { one: '# Chat', other: '# Chats' })}`,
  exported: (fileName: string): string => `${fileName} wurde geschrieben`,
  leftOutFiles: (count: number): string =>
    plural(count, {
      one: '# angehängte Datei fehlt darin: Sie ist nicht mehr vorhanden oder größer als 64\u00a0MB.',
      other: '# angehängte Dateien fehlen darin: Sie sind nicht mehr vorhanden oder größer als 64\u00a0MB.',
    }),
  labels: {
    user: 'Sie',
    assistant: 'Assistent',
    system: 'System-Prompt',
    tool: 'Tool',
    reasoning: 'Reasoning',
    file: 'Datei',
    untitled: 'Neuer Chat',
  },

  importTitle: 'Chats importieren',
  importText:
    'Aus Hearth, ChatGPT, Claude, LM Studio, Jan, Open WebUI, GPT4All, KoboldCpp, ShareGPT oder OpenAI-Nachrichten. Hearth liest die Datei zuerst und zeigt, was darin ist.',
  choose: 'Datei wählen',
  chooseInput: 'Datei mit Chats',
  dropHere: 'oder hier ablegen',
  reading: (name: string): string => `${name} wird gelesen`,
  formats: {
    hearth: 'Hearth',
    chatgpt: 'ChatGPT',
    claude: 'Claude',
    open_webui: 'Open WebUI',
    lm_studio: 'LM Studio',
    jan: 'Jan',
    gpt4all: 'GPT4All',
    koboldcpp: 'KoboldCpp',
    sharegpt: 'ShareGPT',
    messages: 'OpenAI-Nachrichten',
  } satisfies Record<ExchangeFormat, string>,
  foundIn: (name: string): string => `In ${name}`,
  cameOver: 'Wird übernommen',
  leftOut: 'Bleibt zurück oder wurde repariert',
  nothingLeftOut: 'Nichts bleibt zurück.',
  cameOverCount: (kind: CameOverKind, count: number): string => cameOver[kind](count),
  leftOutCount: (kind: LeftOutKind, count: number): string => leftOut[kind](count),
  samples: 'Die Chats',
  more: (count: number): string => plural(count, { one: 'und # weiterer', other: 'und # weitere' }),
  messages: (count: number): string => plural(count, { one: '# Nachricht', other: '# Nachrichten' }),
  isHere: 'schon vorhanden',
  skipDuplicates: (count: number): string =>
    plural(count, {
      one: '# Chat überspringen, der schon vorhanden ist',
      other: '# Chats überspringen, die schon vorhanden sind',
    }),
  import: (count: number): string =>
    count === 0 ? 'Nichts zu importieren' : `${plural(count, { one: '# Chat', other: '# Chats' })} importieren`,
  other: 'Andere Datei wählen',
  importing: 'Import läuft',
  imported: (count: number): string => `${plural(count, { one: '# Chat wurde', other: '# Chats wurden' })} importiert`,
  skipped: (count: number): string =>
    count === 0 ? '' : plural(count, { one: '# war schon vorhanden.', other: '# waren schon vorhanden.' }),
  takenBack: (count: number): string =>
    `${plural(count, { one: '# Chat wurde', other: '# Chats wurden' })} zurückgenommen`,
  keptChats: (count: number): string =>
    plural(count, {
      one: '# Chat, der inzwischen weiterging, ist noch hier.',
      other: '# Chats, die inzwischen weitergingen, sind noch hier.',
    }),
};
