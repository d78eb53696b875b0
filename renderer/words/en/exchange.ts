/** Exports and imports of chats. */
import type { CameOverKind, ExchangeFormat, ExportFormat, LeftOutKind } from '../../../preload/contract/exchange.ts';
import { formatInteger, plural } from '../format.ts';

const cameOver: Readonly<Record<CameOverKind, (count: number) => string>> = {
  chats: (count) => plural(count, { one: '# chat', other: '# chats' }),
  messages: (count) => plural(count, { one: '# message', other: '# messages' }),
  versions: (count) => plural(count, { one: '# other version of a message', other: '# other versions of messages' }),
  reasoning: (count) => plural(count, { one: '# reasoning block', other: '# reasoning blocks' }),
  system_prompts: (count) => plural(count, { one: '# system prompt', other: '# system prompts' }),
  models: (count) =>
    plural(count, { one: '# reply with its model’s name', other: '# replies with their model’s name' }),
  files: (count) => plural(count, { one: '# picture or file', other: '# pictures and files' }),
  tool_steps: (count) =>
    plural(count, { one: '# step of a tool, as a block of code', other: '# steps of tools, as blocks of code' }),
};

const leftOut: Readonly<Record<LeftOutKind, (count: number) => string>> = {
  empty_messages: (count) => plural(count, { one: '# empty message', other: '# empty messages' }),
  hidden_messages: (count) =>
    plural(count, { one: '# message that was hidden there', other: '# messages that were hidden there' }),
  images: (count) =>
    plural(count, { one: '# picture that is not in the file', other: '# pictures that are not in the file' }),
  audio: (count) => plural(count, { one: '# recording', other: '# recordings' }),
  files: (count) => plural(count, { one: '# attached file', other: '# attached files' }),
  unknown_parts: (count) => plural(count, { one: '# part of an unknown kind', other: '# parts of an unknown kind' }),
  broken_links: (count) =>
    plural(count, {
      one: '# message whose place was lost; it begins a branch',
      other: '# messages whose place was lost; each begins a branch',
    }),
  long_texts: (count) =>
    plural(count, { one: '# text that was cut, for its length', other: '# texts that were cut, for their length' }),
  bad_characters: (count) =>
    plural(count, {
      one: '# text with characters that were replaced',
      other: '# texts with characters that were replaced',
    }),
  huge_chats: (count) =>
    plural(count, { one: '# chat with too many messages', other: '# chats with too many messages' }),
  empty_chats: (count) => plural(count, { one: '# chat without messages', other: '# chats without messages' }),
  unknown_values: (count) => plural(count, { one: '# entry that is no chat', other: '# entries that are no chats' }),
  cut_off: () => 'The end of the file: it was cut off',
  other_files: (count) => plural(count, { one: '# file without chats', other: '# files without chats' }),
  story_notes: (count) => plural(count, { one: '# note or world info entry', other: '# notes and world info entries' }),
};

export const exchange = {
  exportTitle: 'Export chats',
  exportOne: (title: string): string => `Export “${title}”`,
  exportSome: (count: number): string => `Export ${plural(count, { one: '# chat', other: '# chats' })}`,
  exportEllipsis: 'Export…',
  exportAll: 'Export all chats…',
  exportKeywords: ['save', 'markdown', 'json', 'html', 'pdf', 'backup', 'download'],
  importEllipsis: 'Import chats…',
  importKeywords: [
    'chatgpt',
    'claude',
    'lm studio',
    'jan',
    'open webui',
    'gpt4all',
    'koboldcpp',
    'sharegpt',
    'restore',
  ],
  form: 'Form',
  forms: {
    markdown: { label: 'Markdown', detail: 'What is shown, as text with headings, code and lists.' },
    json: { label: 'JSON', detail: 'Everything: all versions, settings and files. Hearth imports it again.' },
    html: { label: 'HTML', detail: 'One page to read in any browser, to print or to save as PDF.' },
    text: { label: 'Plain text', detail: 'What is shown, without any marks.' },
  } satisfies Record<ExportFormat, { label: string; detail: string }>,
  reasoning: 'Include the reasoning of replies',
  archive: 'One file for each chat, in an archive',
  archiveHint: 'Otherwise all chats are in one file.',
  several: 'Each chat becomes a file in one archive.',
  export: 'Export',
  cancel: 'Cancel',
  close: 'Close',
  exporting: 'Exporting',
  exportedChats: (done: number, all: number): string =>
    `${formatInteger(done)} of ${plural(all, { one: '# chat', other: '# chats' })}`,
  exported: (fileName: string): string => `${fileName} was written`,
  leftOutFiles: (count: number): string =>
    plural(count, {
      one: '# attached file is not in it: it is gone, or larger than 64 MB.',
      other: '# attached files are not in it: they are gone, or larger than 64 MB.',
    }),
  labels: {
    user: 'You',
    assistant: 'Assistant',
    system: 'System prompt',
    tool: 'Tool',
    reasoning: 'Reasoning',
    file: 'File',
    untitled: 'New chat',
  },

  importTitle: 'Import chats',
  importText:
    'From Hearth, ChatGPT, Claude, LM Studio, Jan, Open WebUI, GPT4All, KoboldCpp, ShareGPT or OpenAI messages. Hearth reads the file first and shows what is in it.',
  choose: 'Choose a file',
  chooseInput: 'File with chats',
  dropHere: 'or drop it here',
  reading: (name: string): string => `Reading ${name}`,
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
    messages: 'OpenAI messages',
  } satisfies Record<ExchangeFormat, string>,
  foundIn: (name: string): string => `In ${name}`,
  cameOver: 'Comes over',
  leftOut: 'Stays behind or was mended',
  nothingLeftOut: 'Nothing is left behind.',
  cameOverCount: (kind: CameOverKind, count: number): string => cameOver[kind](count),
  leftOutCount: (kind: LeftOutKind, count: number): string => leftOut[kind](count),
  samples: 'The chats',
  more: (count: number): string => plural(count, { one: 'and # more', other: 'and # more' }),
  messages: (count: number): string => plural(count, { one: '# message', other: '# messages' }),
  isHere: 'already here',
  skipDuplicates: (count: number): string =>
    plural(count, { one: 'Skip # chat that is already here', other: 'Skip # chats that are already here' }),
  import: (count: number): string =>
    count === 0 ? 'Nothing to import' : `Import ${plural(count, { one: '# chat', other: '# chats' })}`,
  other: 'Choose another file',
  importing: 'Importing',
  imported: (count: number): string => `${plural(count, { one: '# chat was', other: '# chats were' })} imported`,
  skipped: (count: number): string =>
    count === 0 ? '' : plural(count, { one: '# was already here.', other: '# were already here.' }),
  takenBack: (count: number): string => `${plural(count, { one: '# chat was', other: '# chats were' })} taken back`,
  keptChats: (count: number): string =>
    plural(count, {
      one: '# chat that went on since is still here.',
      other: '# chats that went on since are still here.',
    }),
};
