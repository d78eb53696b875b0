/** Words for errors of imports and exports of chats, by their code and reason. */
import type { exchangeErrors as english } from '../en/exchange-errors.ts';
import { formatInteger } from '../format.ts';
import { size, type ErrorText, type ReasonWords } from './error-facts.ts';

type Reasons = Readonly<Record<string, ErrorText | ReasonWords>>;

const invalidInput: Reasons = {
  import_no_chats: {
    title: 'Diese Datei enthält keine Chats',
    text: 'Hearth liest eigene Exporte, die von ChatGPT, Claude, LM Studio, Jan, Open WebUI, GPT4All und KoboldCpp sowie Nachrichtenlisten als JSON.',
  },
  import_not_json: {
    title: 'Diese Datei ist nicht lesbar',
    text: 'Sie ist weder ein Archiv noch JSON. Die Datei wählen, die das andere Programm exportiert hat.',
  },
  import_newer: {
    title: 'Diese Chats stammen aus einem neueren Hearth',
    text: 'Für den Import Hearth aktualisieren. Nichts wurde geändert.',
  },
  import_gpt4all_version: {
    title: 'Diese Version von GPT4All speicherte Chats anders',
    text: 'Den Chat in GPT4All ab Version 3.5 öffnen; dort wird er in der Form gespeichert, die Hearth liest.',
  },
  import_value_too_large: ({ maxBytes }) =>
    `Ein Gespräch in der Datei ist größer als ${typeof maxBytes === 'number' ? size(maxBytes) : 'erlaubt'}.`,
  import_file_too_large: ({ maxBytes }) =>
    `Die Datei ist größer als ${typeof maxBytes === 'number' ? size(maxBytes) : 'erlaubt'}. Weniger Chats auf einmal exportieren.`,
  import_too_deep: 'Die Datei ist viel tiefer verschachtelt als ein Chat und wurde daher nicht gelesen.',
  import_too_many_chats: ({ limit }) =>
    `Die Datei hat mehr als ${formatInteger(Number(limit))} Chats. In mehreren Teilen importieren.`,
  import_too_much:
    'Das Lesen der Datei brauchte mehr Arbeitsspeicher oder Zeit als erlaubt. Weniger Chats auf einmal exportieren.',
  import_zip_damaged: {
    title: 'Das Archiv ist beschädigt',
    text: 'Vielleicht wurde es nicht vollständig heruntergeladen. Neu herunterladen.',
  },
  import_zip_bomb: {
    title: 'Das Archiv wurde nicht entpackt',
    text: 'Entpackt wäre es viel größer als die Chats irgendeines Programms: Vielleicht soll es den Speicherplatz füllen.',
  },
  import_zip_too_many: 'Das Archiv hat zu viele Dateien. In mehreren Teilen importieren.',
  import_zip_encrypted: {
    title: 'Das Archiv hat ein Passwort',
    text: 'Zuerst entpacken, dann die Datei mit den Chats wählen.',
  },
  export_too_large: 'So viel passt nicht in ein Archiv. Als eine JSON-Datei exportieren oder weniger Chats auf einmal.',
};

const notFound: Reasons = {
  import_gone: {
    title: 'Datei erneut wählen',
    text: 'Was daraus gelesen wurde, ist nicht mehr vorhanden.',
  },
};

export const exchangeErrors: typeof english = { invalid_input: invalidInput, not_found: notFound };
