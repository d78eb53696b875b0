/** Servers elsewhere: their list in the settings, and their models in the chat. */
import type {
  CapabilityAnswer,
  CheckStep,
  ProviderCapability,
  ProviderRow,
  ServerKind,
} from '../../../preload/contract/providers.ts';
import { formatDuration, formatInteger, plural } from '../format.ts';

const serverKinds: Readonly<Record<ServerKind, string>> = {
  'llama-server': 'llama-server',
  vllm: 'vLLM',
  sglang: 'SGLang',
  tgi: 'Text Generation Inference',
  ollama: 'Ollama',
  'lm-studio': 'LM Studio',
  hearth: 'Hearth',
  openai: 'OpenAI',
  unknown: 'OpenAI-compatible server',
};

const samplerNames: Readonly<Record<string, string>> = {
  topK: 'Top-k',
  topP: 'Top-p',
  minP: 'Min-p',
  temperature: 'Temperature',
  repeatPenalty: 'Repeat penalty',
  presencePenalty: 'Presence penalty',
  frequencyPenalty: 'Frequency penalty',
  penaltyTokens: 'Penalty window',
  minTokens: 'Least length',
  xtc: 'XTC',
  dry: 'DRY',
  seed: 'Seed',
};

export const elsewhere = {
  // In the chat.
  leaves: 'Leaves this computer',
  otherProgram: 'Another program here',
  goesTo: (name: string, address: string): string => `What you write in this chat is sent to ${name} (${address}).`,
  group: (name: string, leaves: boolean): string =>
    leaves ? `${name} · leaves this computer` : `${name} · another program here`,
  introduction: (model: string, server: string | null, leaves: boolean): string =>
    leaves
      ? `${model} runs elsewhere: your messages are sent to ${server ?? 'its server'}.`
      : `${model} runs in another program of this computer, ${server ?? 'its server'}.`,
  isOff: (name: string): string => `The server of ${name} is switched off.`,
  off: (name: string): string => `${name} (off)`,
  openSettings: 'Open the settings',
  isGone: (name: string): string => `${name} is no longer offered by its server.`,
  context: (tokens: number): string => `Context size ${formatInteger(tokens)}`,
  contextUnknown: 'Context size unknown',
  contextFull: 'Ended because the context is full.',
  unknown: 'Unknown',
  server: 'Server',
  address: 'Address',
  messages: 'Messages',
  notReached: 'Not reached. Open the settings',
  noModels: 'No models. Open the settings',
  moreModels: (count: number): string => plural(count, { one: '# more model', other: '# more models' }),
  abilities: {
    chat: 'Chat',
    vision: 'Vision',
    audio: 'Audio',
    tools: 'Tools',
    reasoning: 'Reasoning',
    embeddings: 'Embeddings',
    tokenize: 'Token counts',
  },
  uncounted: 'not counted by the server',
  notTaken: 'The server does not take',
  sampler: (name: string): string => samplerNames[name] ?? name,

  // In the settings.
  list: 'Servers elsewhere',
  loading: 'Loading the servers',
  none: 'No servers yet',
  noneText: 'Add one that you run, or have an account at. Nothing is sent to it until you switch it on.',
  offline: (variable: string): string => `${variable} keeps Hearth offline: only servers on this computer are asked.`,
  add: 'Add a server…',
  use: (name: string): string => `Use ${name}`,
  check: 'Check',
  checkNamed: (name: string): string => `Check ${name}`,
  stopCheck: 'Stop',
  edit: 'Edit…',
  editNamed: (name: string): string => `Edit ${name}`,
  remove: 'Remove',
  removeNamed: (name: string): string => `Remove ${name}`,
  removed: (name: string): string => `“${name}” was removed`,
  removedText: 'Its key was deleted with it.',
  unencrypted: 'Not encrypted',
  unencryptedHint: 'The address begins with http://: what is sent can be read on the way.',
  states: {
    off: 'Off',
    unasked: 'Not asked yet',
    asking: 'Asking for its models',
    ready: (models: number): string => plural(models, { one: '# model', other: '# models' }),
  },
  kind: (kind: ServerKind, version: string | null): string =>
    version === null ? serverKinds[kind] : `${serverKinds[kind]} ${version}`,
  models: (count: number): string => plural(count, { one: '# model', other: '# models' }),
  modelsOf: (name: string): string => `Models of ${name}`,
  leftOut: (count: number): string =>
    plural(count, { one: '# more model is not listed', other: '# more models are not listed' }),
  keySaved: 'Key saved',
  noKey: 'No key',

  form: {
    addTitle: 'Add a server',
    editTitle: (name: string): string => `Edit ${name}`,
    text: 'Any server that speaks OpenAI’s protocol. It is off until you switch it on.',
    name: 'Name',
    namePlaceholder: 'GPU server',
    address: 'Address',
    addressHint: 'With http:// or https://, as the server’s documentation gives it. Often it ends in /v1.',
    key: 'Key',
    keyHint: 'Sent as “Authorization: Bearer”. Stored encrypted where the system allows it, and never shown again.',
    keyPlaceholder: 'Leave empty where none is needed',
    keyKept: 'Saved. Leave empty to keep it',
    forgetKey: 'Forget the key',
    otherHost: 'This is another host: the key and the values of headers are forgotten unless you enter them again.',
    headers: 'Further headers',
    headerName: (place: number): string => `Name of header ${formatInteger(place)}`,
    headerValue: (place: number): string => `Value of header ${formatInteger(place)}`,
    headerNamePlaceholder: 'X-Team',
    headerValueKept: 'Saved',
    addHeader: 'Add a header',
    removeHeader: (place: number): string => `Remove header ${formatInteger(place)}`,
    certificates: 'Certificate authority',
    certificatesHint: 'Only for servers whose certificate this computer does not know. In PEM form.',
    certificatesKept: (count: number): string =>
      plural(count, { one: '# certificate is saved.', other: '# certificates are saved.' }),
    certificatesStay: 'Leave the field empty to keep what is saved.',
    certificatesForgotten: 'They are forgotten when you save.',
    addCertificates: 'Add certificates',
    replaceCertificates: 'Replace',
    forgetCertificates: 'Forget',
    keepCertificates: 'Keep',
    saved: (name: string): string => `“${name}” was saved`,
    savedOff: 'It is off. Switch it on to use its models.',
  },

  steps: {
    connect: 'Reach the server',
    models: 'List its models',
    server: 'Find out what it is',
    context: 'Context size',
    tokenize: 'Token counts',
    reply: 'A short reply',
    tools: 'A tool call',
  } satisfies Record<CheckStep, string>,
  checkOf: (name: string): string => `Check of ${name}`,
  checkDone: 'The check is done.',
  checkCosts: 'A check has a model write a few words.',
  found: {
    connect: (ms: number): string => formatDuration(ms),
    models: (count: number): string => plural(count, { one: '# model', other: '# models' }),
    context: (tokens: number | null): string =>
      tokens === null ? 'The server does not tell' : plural(tokens, { one: '# token', other: '# tokens' }),
    tokenize: (absent: boolean): string => (absent ? 'Not offered' : 'Offered'),
    reply: (ms: number, counted: boolean): string =>
      `First token after ${formatDuration(ms)}${counted ? '' : '; tokens are not counted'}`,
    tools: (absent: boolean): string => (absent ? 'The model made none' : 'Works'),
    failed: 'Failed',
    running: 'Running',
  },

  table: {
    title: 'What each engine can do',
    capability: 'Ability',
    kinds: { 'llama.cpp': 'llama.cpp (built in)', 'openai-compatible': 'openai-compatible' } satisfies Record<
      ProviderRow['kind'],
      string
    >,
    platforms: { linux: 'Linux', macos: 'macOS', windows: 'Windows' } satisfies Record<
      ProviderRow['platforms'][number],
      string
    >,
    anyPlatform: 'any platform',
    capabilities: {
      chat: 'Chat',
      tools: 'Tools',
      images: 'Images',
      grammar: 'Grammars and JSON schemas',
      continue: 'Continue a cut reply',
      logprobs: 'Log-probabilities',
      embeddings: 'Embeddings',
      rerank: 'Reranking',
      tokenize: 'Token counts',
      states: 'Kept state of long chats',
      gpu: 'GPU',
    } satisfies Record<ProviderCapability, string>,
    answers: {
      yes: 'Yes',
      no: 'No',
      server: 'Where the server can',
      cuda_vulkan: 'CUDA, Vulkan',
      metal: 'Metal',
    } satisfies Record<CapabilityAnswer, string>,
  },
};
