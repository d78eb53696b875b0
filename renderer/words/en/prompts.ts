/** The prompt library, the form for a prompt’s variables, and the menu of the field for the next message. */
import { formatInteger, plural } from '../format.ts';
import { isNumber, type ErrorText } from './error-facts.ts';

export const prompts = {
  title: 'Prompt library',
  text: 'Texts that you use again. Type / in a message to insert one.',
  loading: 'Loading the prompts',
  new: 'New prompt',
  edit: (name: string): string => `Edit ${name}`,
  remove: (name: string): string => `Delete ${name}`,
  search: 'Search prompts',
  count: (count: number): string => plural(count, { one: '# prompt', other: '# prompts' }),
  nothingFound: 'No prompt matches',
  empty: 'No prompts yet',
  emptyText: 'Keep a text that you type often, with variables such as {{topic}} for what changes.',
  addExamples: 'Add examples',
  examples: [
    {
      name: 'Summarize',
      description: 'A text in a few sentences',
      text: 'Summarize this text in {{length | select:options=["three sentences","five bullet points","one paragraph"]}}:\n\n{{text | textarea:required}}',
    },
    {
      name: 'Translate',
      description: 'A text into another language',
      text: 'Translate this text into {{language|English}}. Keep its tone.\n\n{{text | textarea:required}}',
    },
    {
      name: 'Improve writing',
      description: 'Clearer and without mistakes',
      text: 'Improve this text. Make it {{tone|clearer,friendlier,more formal,shorter}}, and correct its mistakes. Show only the new text.\n\n{{text | textarea:required}}',
    },
    {
      name: 'Explain code',
      description: 'What it does, step by step',
      text: 'Explain what this code does, step by step, for {{reader|a beginner,an experienced programmer}}:\n\n```\n{{code | textarea:required}}\n```',
    },
  ],
  more: 'More acts',
  import: 'Import…',
  exportHearth: 'Export for Hearth',
  exportOpenWebUi: 'Export for Open WebUI',
  exportName: 'hearth-prompts.json',
  exportNameOpenWebUi: 'open-webui-prompts.json',
  exported: (count: number): string => `${plural(count, { one: '# prompt was', other: '# prompts were' })} exported`,
  imported: (count: number): string => `${plural(count, { one: '# prompt was', other: '# prompts were' })} added`,
  importSame: (count: number): string => `${formatInteger(count)} ${count === 1 ? 'was' : 'were'} here already.`,
  importRenamed: (count: number): string => `${formatInteger(count)} got another name, because theirs was taken.`,
  importRefused: {
    no_name: (count: number): string => `${formatInteger(count)} had no name.`,
    no_text: (count: number): string => `${formatInteger(count)} had no text.`,
    too_long: (count: number): string =>
      `${formatInteger(count)} ${count === 1 ? 'was' : 'were'} longer than 100,000 characters.`,
    not_a_prompt: (count: number): string =>
      plural(count, { one: '# entry is no prompt.', other: '# entries are no prompts.' }),
    library_full: (count: number): string => `${formatInteger(count)} did not fit: the library is full.`,
  },
  fileTooLarge: (name: string): string => `${name} is too large`,
  fileTooLargeText: 'A file of prompts has up to ten million characters.',
  fileUnreadable: (name: string): string => `${name} cannot be read`,
  deleted: (name: string): string => `“${name}” was deleted`,
  tooLate: 'It is too late to undo this',
  saved: (name: string): string => `“${name}” was saved`,

  editTitle: (name: string): string => `Edit “${name}”`,
  name: 'Name',
  nameHint: 'What you type after the / to find it.',
  nameMissing: 'Enter a name.',
  nameTaken: 'Another prompt has this name.',
  description: 'Description',
  textField: 'Prompt',
  textHint:
    '{{topic}} asks for a topic. {{tone|friendly,formal}} offers choices, {{language|English}} has a default, {{text | textarea:required}} takes several lines. {{date}} and {{time}} are filled in, {{clipboard}} begins with what you copied.',
  textMissing: 'Enter the text of the prompt.',
  variables: 'Asked when it is inserted',
  filledIn: 'Filled in without asking',
  unreadable: (text: string): string => `${text} cannot be read as a variable, and stays as it is.`,
  save: 'Save',
  unsaved: 'Close without saving?',
  unsavedText: 'What you changed is lost.',
  closeUnsaved: 'Close without saving',

  formText: 'Fill in the prompt.',
  insert: 'Insert',
  required: 'Enter something here.',
  optional: (label: string): string => `${label} (optional)`,
  unknownNumber: 'Enter a number.',
  clipboardDenied: 'The clipboard cannot be read. Allow it in the browser, or paste here.',
  clipboard: 'Clipboard',
  userName: 'Your name',
  userLocation: 'Your location',

  palette: 'Prompt library',
  paletteKeywords: ['prompts', 'templates', 'snippets', 'variables', 'slash'],
  paletteNew: 'New prompt',
};

/** The menu that opens in the field at `/`, `@` and `#`. */
export const suggestions = {
  prompts: 'Prompts',
  models: 'Models',
  sources: 'Files and chats',
  spoken: (count: number, title: string): string =>
    `${title}: ${plural(count, { one: '# suggestion', other: '# suggestions' })}. Up and down to choose, Enter to insert, Escape to close.`,
  chat: 'Chat',
  file: 'File of this chat',
  inUse: 'In use',
  newPrompt: 'New prompt…',
  manage: 'Prompt library…',
  chatName: (title: string): string => `Chat: ${title}`,
  chatUnread: 'The chat cannot be read',
  chatEmpty: (title: string): string => `“${title}” has no text`,
  you: 'You',
  model: 'Model',
  switched: (model: string): string => `This chat uses ${model} now`,
};

/** The tokens of the message that is being written. */
export const draftTokens = {
  about: (tokens: number): string => `about ${plural(tokens, { one: '# token', other: '# tokens' })}`,
  exact: 'Counted by the model’s tokenizer',
  estimated: 'Estimated: only a loaded model on this computer counts exactly, and of a long text a sample is counted.',
  leavesOut: {
    roll: 'With this message the context is full: the oldest messages will be left out of the reply.',
    cut_middle: 'With this message the context is full: the middle of the conversation will be left out of the reply.',
  },
  refused:
    'This message does not fit into what is left of the context, and this chat is set to refuse it. Shorten it, or raise Context size.',
  tooLong: (tokens: number, size: number, over: number, exact: boolean): string =>
    `This message has ${exact ? '' : 'about '}${plural(tokens, { one: '# token', other: '# tokens' })}: ${formatInteger(over)} more than fit into a context of ${formatInteger(size)} with space for a reply. Shorten it, or raise Context size.`,
};

export const promptReasons = {
  prompt_name_taken: prompts.nameTaken,
  library_full: ({ limit }) =>
    `The library has ${isNumber(limit) ? formatInteger(limit) : 'many'} prompts, and takes no more. Delete some first.`,
  file_not_json: 'This file is no JSON. Choose a file that Hearth or Open WebUI exported.',
  no_prompts: 'This file contains no prompts. Choose a file that Hearth or Open WebUI exported.',
  prompts_newer: 'This file was written by a newer version of Hearth. Update Hearth to read it.',
  too_many_prompts: ({ limit }) =>
    `This file has more than ${isNumber(limit) ? formatInteger(limit) : 'enough'} prompts. Import it in smaller files.`,
} satisfies Record<string, ErrorText>;
