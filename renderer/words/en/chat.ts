/** Chats: the list, the conversation, the composer, the inspector. */
import { formatInteger, plural } from '../format.ts';

const contextSize = (tokens: number): string => `context size ${plural(tokens, { one: '# token', other: '# tokens' })}`;

/** Why something was left out; `reserve` is what was kept free for the reply, in tokens, where it is known. */
/** A server elsewhere may not tell the size: it is 0 then. */
const fullWords = (size: number, reserve: number | null): string =>
  reserve === null
    ? `the context is full${size > 0 ? ` (${contextSize(size)})` : ''}.`
    : `${formatInteger(reserve)} of ${plural(size, { one: '# token', other: '# tokens' })} ${reserve === 1 ? 'is' : 'are'} kept free for the reply.`;

export const chat = {
  title: 'Chat',
  chats: 'Chats',
  newChat: 'New chat',
  searchChats: 'Search chats',
  search: 'Search',
  clearSearch: 'Clear search',
  loadingChats: 'Loading chats',
  noChats: 'Your chats will be listed here. They stay on this computer.',
  groups: { pinned: 'Pinned', today: 'Today', yesterday: 'Yesterday', week: 'Previous 7 days', older: 'Older' },
  rename: 'Rename',
  pin: 'Pin',
  unpin: 'Unpin',
  delete: 'Delete',
  writingIn: (title: string): string => `${title}, a reply is being written`,
  actsFor: (title: string): string => `Actions for ${title}`,
  moreFor: (title: string): string => `More for ${title}`,
  titleField: 'Title of the chat',
  deleted: (title: string): string => `“${title}” was deleted`,
  tooLate: 'It is too late to undo this',
  notRestored: 'The chat could not be restored',
  gone: 'This chat is no longer here',
  goneText: 'It was deleted, or the address is from another computer.',
  notConnected: 'Not connected',
  chooseModelFirst: 'Choose a model first',
  inspector: 'Inspector',
  loadingChat: 'Loading the chat',
  searching: 'Searching',
  nothingFound: 'Nothing found',
  nothingFoundText: (query: string): string => `No chat contains “${query}”.`,
  noWords: 'Nothing to search for',
  noWordsText: 'The search finds words and numbers. Type a letter or a digit.',
  found: (count: number): string => plural(count, { one: '# hit', other: '# hits' }),
  results: 'Search results',
};

export const composer = {
  message: 'Message',
  placeholder: (model: string | null): string => (model === null ? 'Write a message' : `Write to ${model}`),
  send: 'Send',
  stop: 'Stop',
  add: {
    label: 'Add',
    files: 'Attach files…',
    source: 'Add a file or a chat',
    sourceDetail: 'Or type #',
    prompt: 'Insert a prompt',
    promptDetail: 'Or type /',
    model: 'Choose a model',
    modelDetail: 'Or type @',
    keep: 'Keep this text as a prompt',
  },
  waitsForModels: 'Will be sent once the models are listed',
  notSent: 'Your message was not sent',
  modelGone: (name: string): string => `${name} is no longer on this computer.`,
  chooseAnother: 'Choose another model',
};

export const files = {
  label: 'Files of the message',
  pasted: 'Pasted text',
  size: (length: number): string => plural(length, { one: '# character', other: '# characters' }),
  openIt: 'Open',
  text: 'Text of the file',
  more: (length: number): string => `Show more (${plural(length, { one: '# character', other: '# characters' })} left)`,
  unpack: 'Turn into text',
  staysFile: {
    length: (length: number, most: number): string =>
      `${plural(length, { one: '# character', other: '# characters' })}: more than the ${formatInteger(most)} that the field holds, so it stays a file and has no “Turn into text”`,
    line: (length: number, most: number): string =>
      `${plural(length, { one: '# character', other: '# characters' })}, with a line of more than ${formatInteger(most)}: in the field every key would be slow, so it stays a file and has no “Turn into text”`,
  },
  tooLong: (name: string): string => `${name} is too long for a message`,
  tooLongText: 'A message can hold up to two million characters.',
  noText: {
    picture: (name: string): string => `${name} is a picture`,
    sound: (name: string): string => `${name} is a sound file`,
    video: (name: string): string => `${name} is a video`,
    document: (name: string): string => `${name} is a document with more than text`,
    model: (name: string): string => `${name} is a model`,
    other: (name: string): string => `${name} is not a text file`,
  },
  noTextText: 'Text files can be attached, such as notes, code, tables in CSV and web pages.',
  documentText: 'Text files can be attached. Copy the text out of the document and paste it here.',
  modelText: 'Drop it on the window to add it to your models.',
  empty: (name: string): string => `${name} is empty`,
  notKept: 'This unsent text is not kept',
  notKeptText:
    'The storage of this window is full, so the text is gone when the window is closed. Send it, or remove files.',
};

export const emptyChat = {
  suggestions: 'Suggestions',
  forBuiltIn: ['What can you do?', 'What is a context window?', 'Tell me a story about a robot'],
  forAny: [
    'Explain in a few sentences how a language model picks its next word',
    'Write a short, polite email that moves a meeting to Friday',
    'Suggest three dinners with lentils, with a shopping list',
  ],
  morning: 'Good morning',
  afternoon: 'Good afternoon',
  evening: 'Good evening',
  noModel: 'Choose a model to talk to.',
  builtIn: (name: string): string =>
    `${name} is the very small model that comes with Hearth. It knows a little about Hearth and about running models.`,
  model: (name: string): string => `${name} answers on this computer. Your messages stay here.`,
  bigger: 'Get a bigger model',
  biggerText: 'A model that fits this computer knows far more.',
};

export const conversation = {
  title: 'Conversation',
  you: 'You',
  reply: 'Reply',
  sending: 'Sending…',
  earlier: (count: number): string => plural(count, { one: '# earlier message', other: '# earlier messages' }),
  newText: 'New text',
  toEnd: 'To the end',
  copyMessage: 'Copy message',
  editMessage: 'Edit message',
  showLess: 'Show less',
  showAll: 'Show all',
  copyReply: 'Copy reply',
  regenerate: 'Regenerate',
  continue: 'Continue',
  showAlternatives: 'Show alternatives',
  versionsOfMessage: 'Versions of this message',
  versionsOfReply: 'Versions of this reply',
  previousVersion: 'Previous version',
  nextVersion: 'Next version',
  version: (place: number, all: number): string => `Version ${formatInteger(place)} of ${formatInteger(all)}`,
  place: (place: number, all: number): string => `${formatInteger(place)}/${formatInteger(all)}`,
  keepFirst: 'The first version is kept.',
  sendAgain: 'Send again',
  thinking: 'Thinking…',
  thoughts: 'Thoughts',
  thoughtFor: (time: string): string => `Thought for ${time}`,
  loading: (model: string, percent: string): string => `Loading ${model}… ${percent}`,
  preparing: (model: string): string => `Preparing ${model}…`,
  replyFailed: 'The reply failed.',
  code: (language: string): string => (language === '' ? 'Code' : `Code, ${language}`),
  plainText: 'text',
  copyCode: 'Copy code',
  table: 'Table',
  done: 'Done',
  toDo: 'To do',
  image: 'image',
  hideNotes: 'Hide this',
  speedRange: (slowest: number, fastest: number): string =>
    `Speed over the reply: ${formatInteger(slowest)} to ${formatInteger(fastest)}\u00a0tokens/s`,
};

export const replyFacts = {
  speed: 'Speed',
  firstToken: 'Time to first token',
  load: 'Time to load the model',
  loadValue: (time: string): string => `${time} to load`,
  firstTokenValue: (time: string): string => `${time} to first token`,
  length: 'Length',
  tokens: (count: number): string => plural(count, { one: '# token', other: '# tokens' }),
  continuedTokens: (all: number, last: number): string =>
    `${plural(all, { one: '# token', other: '# tokens' })}, ${formatInteger(last)} of them since it was continued`,
  toolsInWords: (detail: string): string =>
    `The model’s template refused the tools of this chat (“${detail}”). The model got them described in words.`,
  toolsInWordsValue: 'tools in words',
  stopString: 'The reply ended before a stop string',
  stopStringValue: 'stop string',
  drafted: (byModel: boolean, drafted: number, accepted: number): string =>
    `${byModel ? 'The draft model' : 'Prompt lookup'} drafted ${plural(drafted, { one: '# token', other: '# tokens' })}, ` +
    `${formatInteger(accepted)} of them accepted (speculative decoding)`,
  acceptedShare: (percent: string): string => `${percent} of drafts accepted`,
  interruptedEmpty: 'Hearth closed before this reply was written.',
  interrupted: 'Hearth closed while this reply was being written. What was written is kept.',
  stoppedEmpty: 'Stopped before anything was written.',
  stopped: 'Stopped. What was written is kept.',
  toolCalls: 'Ended with a tool call.',
  maxTokens: (tokens: number | null): string =>
    tokens === null ? 'Ended at max tokens.' : `Ended at max tokens (${formatInteger(tokens)}).`,
  contextFull: (size: number): string => `Ended because the context is full (${contextSize(size)}).`,
};

export const contextMeter = {
  title: 'Context size',
  used: (words: string): string => `Context size: ${words} used after the last reply`,
  usedWithDraft: (words: string): string => `Context size: ${words} with this message`,
  filledWithDraft: 'What will fill the context with this message',
  filled: 'What filled the context in the last reply',
  part: (name: string, tokens: number): string => `${name} ${formatInteger(tokens)}`,
  origins: {
    system: 'System prompt',
    summary: 'Summary',
    recalled: 'Found again',
    files: 'Files and pasted texts',
    history: 'Earlier messages',
    message: 'Your message',
    template: 'Chat template',
    prompt: 'Conversation',
    reply: 'Reply',
    draft: 'Next message',
    free: 'Free',
  },
  tokensLeftOut: (tokens: number): string => ` (${plural(tokens, { one: '# token', other: '# tokens' })})`,
  middleLeftOut: (tokens: string, size: number, reserve: number | null): string =>
    `The middle of the conversation was left out${tokens}: ${fullWords(size, reserve)}`,
  beginningLeftOut: (tokens: string, size: number, reserve: number | null): string =>
    `The beginning of the conversation was left out${tokens}: ${fullWords(size, reserve)}`,
  firstLeftOut: (messages: number, tokens: string, size: number, reserve: number | null): string =>
    `${plural(messages, { one: 'The first message was', other: 'The first # messages were' })} left out of this reply${tokens}: ` +
    fullWords(size, reserve),
  reused: (reused: number, all: number): string =>
    `${formatInteger(reused)} of ${plural(all, { one: '# token', other: '# tokens' })} ${plural(reused, { one: 'was', other: 'were' })} reused from the last reply and cost no time.`,
  policies: {
    roll: {
      label: 'Leave out the oldest',
      detail:
        'Leaves out the first messages, several at a time, so that the next replies begin sooner. Each reply says how many.',
    },
    cut_middle: { label: 'Cut the middle', detail: 'Keeps the beginning and the end, for tasks set at the start.' },
    stop: { label: 'Refuse', detail: 'Drops nothing: you decide what to remove.' },
  },
  keptForReply: (tokens: number): string =>
    `${plural(tokens, { one: '# token is', other: '# tokens are' })} kept free for the reply.`,
  whenFull: {
    roll: 'When the context is full, the oldest messages are left out.',
    cut_middle: 'When the context is full, the middle is cut.',
    stop: 'When the context is full, the next message is refused.',
  },
  exactPrompt: 'Exact prompt',
};

export const prompt = {
  title: 'Exact prompt',
  text: 'What the model reads before it writes the next reply, in its own tokens.',
  reading: 'Reading the prompt',
  legend: 'Origin of the tokens',
  copyText: 'Copy as text',
  copyIds: 'Copy token ids',
};

export const alternatives = {
  reading: 'Reading the tokens',
  gone: 'The alternatives of this reply are gone: they are kept for the latest replies, until Hearth is closed.',
  label: 'Tokens of the reply',
  choices: 'Alternatives for this token',
  written: 'written',
};

export const failure = {
  actions: {
    retry: 'Regenerate',
    continue: 'Continue',
    plain_form: 'Try without the chat template',
    roll: 'Leave out the oldest and try again',
    edit_message: 'Edit the message',
    free_memory: 'Free memory and try again',
    load_settings: 'Load settings',
    download_again: 'Download again',
    smaller_file: 'Download a smaller file',
    choose_model: 'Choose another model',
    models: 'Models on this computer',
    settings: 'Open Settings',
    provider_settings: 'Engines elsewhere',
    new_chat: 'New chat',
  },
  notStored: 'This reply is not stored yet',
  engineStopped: 'The engine stopped while writing this reply',
  kept: 'What was written is kept.',
};

export const inspector = {
  model: 'Model',
  chooseAnother: 'Choose another model',
  loadSettings: 'Load settings',
  systemPrompt: 'System prompt',
  expand: 'Expand',
  expandSystemPrompt: 'Expand the system prompt',
  systemPromptHint: 'Sent to the model before the conversation. Takes effect with the next reply.',
  systemPromptPlaceholder: 'For example: Answer briefly, and say when you are not sure.',
  whenFull: 'When the context is full',
  thisChat: 'This chat',
  noModel: 'No model is chosen.',
  notBegun: 'The chat begins with your first message.',
  facts: {
    name: 'Name',
    size: 'Size',
    parameters: 'Parameters',
    quantization: 'Quantization',
    trainedContext: 'Context size (trained)',
    context: 'Context size',
    memory: 'In memory',
    idle: 'When idle',
    created: 'Created',
    messages: 'Messages',
    tokensWritten: 'Tokens written',
    load: 'Load before the last reply',
    firstToken: 'First token of the last reply',
  },
  notLoaded: 'Not loaded',
};

export const picker = {
  label: 'Model',
  named: (name: string): string => `Model: ${name}`,
  loaded: 'Loaded',
  local: 'On this computer',
  more: 'Get more models',
  choose: 'Choose a model',
  missing: (name: string): string => `${name} (missing)`,
  fits: { fits: 'Fits', tight: 'May be tight', too_big: 'Won’t fit', unknown: '' },
};
