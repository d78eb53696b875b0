/** What is in force, presets of sampling, defaults of models, personas and lorebooks. */
import type { ValueOrigin } from '../../../preload/contract/in-force.ts';
import type { ImportNote } from '../../../preload/contract/personas.ts';
import { formatInteger, plural } from '../format.ts';

export const inForce = {
  title: 'In force',
  text: 'What the next reply is written with, and where each value comes from.',
  systemPrompt: 'System prompt',
  none: 'None',
  noLimit: 'No limit',
  random: 'Random',
  on: 'On',
  texts: (count: number): string => plural(count, { one: '# text', other: '# texts' }),
  penaltyTokens: 'Penalty range',
  minTokens: 'Min tokens',
  wholeContext: 'Whole context',
  origin: (origin: ValueOrigin, persona: string | null, model: string | null): string => {
    switch (origin) {
      case 'chat':
        return 'This chat';
      case 'persona':
        return persona ?? 'Persona';
      case 'model':
        return model === null ? 'Model defaults' : `Defaults of ${model}`;
      case 'settings':
        return 'Settings';
      default:
        return origin satisfies never;
    }
  },
  reset: (name: string): string => `Reset ${name} in this chat`,
  inherited: (origin: string): string => `Empty: the one of “${origin}” is used.`,
  saveDefaults: (model: string): string => `Save as defaults of ${model}`,
  saved: (model: string): string => `Saved as defaults of ${model}.`,
};

export const presets = {
  button: 'Presets',
  choose: 'Use a preset',
  builtIn: {
    precise: { name: 'Precise', detail: 'Facts, code, extraction' },
    balanced: { name: 'Balanced', detail: 'Everyday questions' },
    creative: { name: 'Creative', detail: 'Stories, ideas' },
  },
  save: 'Save these values as a preset',
  saveTitle: 'Save as a preset',
  saveText: 'The preset can be used in chats, for a model’s defaults and for personas. Its values are copied there.',
  name: 'Name',
  saveButton: 'Save',
  saved: (name: string): string => `The preset “${name}” is saved.`,
  applied: (name: string): string => `“${name}” is in use.`,
  manage: 'Manage presets',
  title: 'Presets of sampling',
  intro:
    'Named values of sampling. Save one from the values of a chat, and use it in other chats, for a model’s defaults or for a persona.',
  comesWithApp: 'Comes with Hearth',
  rename: (name: string): string => `Rename ${name}`,
  renameTitle: (name: string): string => `Rename “${name}”`,
  remove: (name: string): string => `Delete ${name}`,
  removed: (name: string): string => `“${name}” is deleted.`,
};

export const modelDefaults = {
  title: 'Defaults of this model',
  text: 'What chats with this model begin with. A chat and its persona can say otherwise.',
  none: 'None of its own: the settings are used.',
  edit: 'Edit defaults',
  add: 'Set defaults',
  sheetTitle: (model: string): string => `Defaults of ${model}`,
  systemPromptHint: 'Used in chats with this model that have no system prompt of their own, and no persona with one.',
  samplingHint: 'Values that you change here are used in place of those of the settings.',
  save: 'Save',
  remove: 'Remove the defaults',
  removed: 'The defaults are removed.',
  saved: 'The defaults are saved.',
};

export const personas = {
  title: 'Personas',
  screen: 'Personas',
  tabs: { personas: 'Personas', lorebooks: 'Lorebooks', presets: 'Presets' },
  intro:
    'Who a model speaks as: instructions, a picture, opening messages. Character cards of other programs can be imported.',
  empty: 'No personas yet',
  emptyText:
    'A persona has a name, instructions and a picture, and can open the chat. Create one, or import a character card (PNG, JSON or CHARX).',
  loading: 'Loading the personas',
  create: 'New persona',
  createTitle: 'New persona',
  editTitle: (name: string): string => `Edit “${name}”`,
  import: 'Import a card',
  imported: (name: string): string => `“${name}” is imported.`,
  chat: 'Chat',
  chatWith: (name: string): string => `Chat with ${name}`,
  edit: (name: string): string => `Edit ${name}`,
  more: (name: string): string => `More acts for ${name}`,
  exportPng: 'Export as a card with picture (PNG)',
  exportJson: 'Export as a card (JSON)',
  duplicate: 'Duplicate',
  copyOf: (name: string): string => `${name} (copy)`,
  remove: 'Delete',
  removed: (name: string): string => `“${name}” is deleted.`,
  tooLate: 'It is too late to bring it back.',
  saved: (name: string): string => `“${name}” is saved.`,
  greetings: (count: number): string => plural(count, { one: '# opening message', other: '# opening messages' }),
  lorebooks: (count: number): string => plural(count, { one: '# lorebook', other: '# lorebooks' }),
  userName: 'Your name',
  userNameHint: 'What personas call you.',
  name: 'Name',
  nameMissing: 'A persona needs a name.',
  picture: 'Picture',
  choosePicture: 'Choose a picture',
  removePicture: 'Remove the picture',
  pictureUnreadable: 'This picture cannot be read. Choose a PNG, JPEG or WebP file.',
  systemPrompt: 'System prompt',
  systemPromptHint:
    '{{original}} stands for the prompt of the model’s defaults, {{char}} and {{user}} for the two names.',
  description: 'Description',
  descriptionHint: 'Who it is. Told to the model with each reply.',
  personality: 'Personality',
  scenario: 'Scenario',
  exampleDialogue: 'Example dialogue',
  exampleHint: 'Shows how it speaks. <START> begins another example.',
  lastInstructions: 'Last instructions',
  lastInstructionsHint: 'Told to the model below your last message.',
  opening: 'Opening messages',
  openingHint: 'The chat begins with the first one; the others are its versions.',
  openingNumber: (number: number): string => `Opening message ${formatInteger(number)}`,
  addOpening: 'Add an opening message',
  removeOpening: (number: number): string => `Remove opening message ${formatInteger(number)}`,
  model: 'Model',
  anyModel: 'The model used last',
  usesLorebooks: 'Lorebooks',
  sampling: 'Sampling',
  samplingHint: 'Values that you change here are used in chats with this persona.',
  character: 'Character',
  save: 'Save',
  inChat: 'Persona',
  noPersona: 'No persona',
  discover: 'Chat with a persona',
  all: 'All personas',
  manage: 'Personas',
  told: 'Told from lorebooks',
  toldHint: 'With the next reply, because a keyword was said.',
  toldByKey: (key: string): string => `Said: ${key}`,
  toldAlways: 'Always told',
  cardTooLarge: 'This file is larger than 11 MB. Character cards are smaller.',
  imports: {
    title: 'Not everything came over',
    text: (name: string): string => `“${name}” is imported. This is what Hearth left out or changed:`,
    close: 'Close',
    notes: {
      regex_keys: (count) =>
        plural(count, {
          one: '# keyword is a regular expression and was left out: one may run for ever.',
          other: '# keywords are regular expressions and were left out: one may run for ever.',
        }),
      at_depth: (count) =>
        plural(count, {
          one: '# entry is told with the description, and not within the conversation.',
          other: '# entries are told with the description, and not within the conversation.',
        }),
      decorators: (count) =>
        plural(count, {
          one: '# instruction in lorebook entries (a line that begins with @@) is not followed.',
          other: '# instructions in lorebook entries (lines that begin with @@) are not followed.',
        }),
      assets: (count) =>
        plural(count, {
          one: '# file of the card (a background or an expression) was left out.',
          other: '# files of the card (backgrounds, expressions) were left out.',
        }),
      group_greetings: (count) =>
        plural(count, {
          one: '# opening message for groups was left out.',
          other: '# opening messages for groups were left out.',
        }),
      picture: () => 'The picture could not be read.',
      cut_texts: (count) =>
        plural(count, {
          one: '# text or list was too long and is cut.',
          other: '# texts or lists were too long and are cut.',
        }),
      broken_entries: (count) =>
        plural(count, {
          one: '# lorebook entry could not be read, or was one too many.',
          other: '# lorebook entries could not be read, or were too many.',
        }),
      extensions: () => 'What other programs keep in the card is too large and was left out.',
      chances: (count) =>
        plural(count, {
          one: '# entry has a chance. Hearth tells it each time.',
          other: '# entries have a chance. Hearth tells them each time.',
        }),
      logic: (count) =>
        plural(count, {
          one: '# entry combines keywords in a way that Hearth does not have. It is switched off.',
          other: '# entries combine keywords in a way that Hearth does not have. They are switched off.',
        }),
    } satisfies Record<ImportNote['kind'], (count: number) => string>,
  },
};

export const lorebooks = {
  title: 'Lorebooks',
  intro:
    'Texts that are told to the model when one of their keywords is said. A lorebook belongs to personas, or is used in every chat.',
  empty: 'No lorebooks yet',
  emptyText:
    'Write down facts of a world, a project or a family once: each is told to the model only when it is spoken of.',
  create: 'New lorebook',
  createTitle: 'New lorebook',
  editTitle: (name: string): string => `Edit “${name}”`,
  import: 'Import a lorebook',
  imported: (name: string, entries: number): string =>
    `“${name}” is imported: ${plural(entries, { one: '# entry', other: '# entries' })}.`,
  notRead: 'This file cannot be read.',
  entries: (count: number): string => plural(count, { one: '# entry', other: '# entries' }),
  everywhere: 'Used in every chat',
  everywhereHint: 'Otherwise in chats of the personas that have it.',
  edit: (name: string): string => `Edit ${name}`,
  more: (name: string): string => `More acts for ${name}`,
  export: 'Export (JSON)',
  saved: (name: string): string => `“${name}” is saved.`,
  name: 'Name',
  nameMissing: 'A lorebook needs a name.',
  scanDepth: 'Messages looked at',
  scanDepthHint: 'Keywords are looked for in so many last messages.',
  tokenBudget: 'Token budget',
  tokenBudgetHint: 'About so many tokens are told at most.',
  recursive: 'Entries call for entries',
  recursiveHint: 'Keywords are looked for in the texts of told entries as well.',
  matchCase: 'Match case',
  wholeWords: 'Whole words',
  entriesTitle: 'Entries',
  addEntry: 'Add an entry',
  find: 'Find an entry',
  noneFound: 'No entry has this.',
  untitled: 'Without a title',
  entryTitle: 'Title',
  entryText: 'Text',
  keys: 'Keywords',
  keysHint: 'The entry is told when one of these is said.',
  secondaryKeys: 'Also needed',
  secondaryKeysHint: 'Where there are some, one of these must be said as well.',
  enabled: 'Enabled',
  disabled: 'Off',
  constant: 'Always told',
  order: 'Order',
  orderHint: 'Smaller numbers are told first.',
  priority: 'Priority',
  priorityHint: 'Where the budget ends, smaller numbers are left out first.',
  place: 'Place',
  places: { before: 'Before the description', after: 'After the description' },
  ownDepth: 'Own number of messages',
  asBook: 'As the lorebook',
  yes: 'Yes',
  no: 'No',
  removeEntry: 'Delete the entry',
  entryRemoved: 'The entry is deleted.',
  save: 'Save',
};

/** The reasons of errors about personas. */
export const personaReasons = {
  card_not_card: 'This is no character card.',
  card_no_card:
    'There is no character in this file. A card’s picture loses it when it is edited or sent by a messenger.',
  card_no_name: 'This card has no name.',
  card_broken_png: 'This PNG is broken or incomplete.',
  card_broken_archive: 'This archive is broken or incomplete.',
  card_too_large: 'A text in this file becomes too large when it is unpacked.',
  lorebook_not_lorebook: 'This is no lorebook.',
  not_png: 'Pictures are stored as PNG.',
  picture_too_large: 'This picture is too large.',
  built_in_preset: 'This preset comes with Hearth and stays as it is. Save its values under another name.',
  too_many_kept: 'There are too many already. Delete one first.',
};
