/** Words for errors of imports and exports of chats, by their code and reason. */
import { formatInteger } from '../format.ts';
import { size, type ErrorText, type ReasonWords } from './error-facts.ts';

type Reasons = Readonly<Record<string, ErrorText | ReasonWords>>;

const invalidInput: Reasons = {
  import_no_chats: {
    title: 'There are no chats in this file',
    text: 'Hearth reads its own exports and those of ChatGPT, Claude, LM Studio, Jan, Open WebUI, GPT4All and KoboldCpp, and lists of messages as JSON.',
  },
  import_not_json: {
    title: 'This file cannot be read',
    text: 'It is no archive and not JSON. Choose the file that the other program exported.',
  },
  import_newer: {
    title: 'A newer Hearth exported these chats',
    text: 'Update Hearth to import them. Nothing was changed.',
  },
  import_gpt4all_version: {
    title: 'This version of GPT4All kept its chats differently',
    text: 'Open the chat in GPT4All 3.5 or later, which saves it in the form that Hearth reads.',
  },
  import_value_too_large: ({ maxBytes }) =>
    `One conversation of the file is larger than ${typeof maxBytes === 'number' ? size(maxBytes) : 'the limit'}.`,
  import_file_too_large: ({ maxBytes }) =>
    `The file is larger than ${typeof maxBytes === 'number' ? size(maxBytes) : 'the limit'}. Export fewer chats at a time.`,
  import_too_deep: 'The file is nested far deeper than a chat is, so it was not read.',
  import_too_many_chats: ({ limit }) =>
    `The file has more than ${formatInteger(Number(limit))} chats. Import it in several parts.`,
  import_too_much: 'Reading the file took more memory or time than it may. Export fewer chats at a time.',
  import_zip_damaged: {
    title: 'The archive is damaged',
    text: 'It may not have been downloaded completely. Download it again.',
  },
  import_zip_bomb: {
    title: 'The archive was not unpacked',
    text: 'It would become far larger than the chats of any program: it may be made to fill the disk.',
  },
  import_zip_too_many: 'The archive has too many files. Import it in several parts.',
  import_zip_encrypted: {
    title: 'The archive has a password',
    text: 'Unpack it first, and choose the file with the chats.',
  },
  export_too_large: 'An archive cannot hold that much. Export as one JSON file, or fewer chats at a time.',
};

const notFound: Reasons = {
  import_gone: { title: 'Choose the file again', text: 'What was read of it is no longer here.' },
};

export const exchangeErrors = { invalid_input: invalidInput, not_found: notFound };
