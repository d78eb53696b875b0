/** The window around the screens, and the primitives that have text of their own. */
import type { StartWarning } from '../../../preload/contract/system.ts';

/** An environment variable whose value is invalid. */
function startWarning(warning: StartWarning): string {
  const { variable } = warning;
  switch (warning.code) {
    case 'unknown_variable':
      return `${variable} is set, but Hearth knows no such variable. Known: ${warning.known.join(', ')}.`;
    case 'not_a_switch':
      return `${variable} is “${warning.value}”; 1 or 0 is expected. It is taken as 0.`;
    case 'unknown_log_level':
      return `${variable} is “${warning.value}”; ${warning.known.join(', ')} are expected. It is taken as info.`;
    case 'not_a_port':
      return `${variable} is “${warning.value}”, which is not a port.`;
    case 'not_seconds':
      return `${variable} is “${warning.value}”; whole seconds are expected. It is not used.`;
    case 'not_a_web_address':
      return `${variable} is not a web address and is not used.`;
    case 'unreadable_file':
      return `${variable} names a file that cannot be read and is not used.`;
    default:
      return warning satisfies never;
  }
}

export const frame = {
  startWarning,
  appName: 'Hearth',
  titles: {
    chat: 'Hearth',
    models: 'Models · Hearth',
    notebook: 'Notebook · Hearth',
    server: 'Server · Hearth',
    personas: 'Personas · Hearth',
    settings: 'Settings · Hearth',
  },
  titleOf: (chat: string): string => `${chat} · Hearth`,
  skip: 'Skip to the screen',
  connectionLost: 'Connection to Hearth lost. Reconnecting; your draft stays here.',
  needsAddress: 'This tab has no access to Hearth. Open the address that Hearth printed when it was last started.',
  reconnect: 'Reconnect now',
  dismiss: 'Dismiss',
  screens: 'Screens',
  chat: 'Chat',
  models: 'Models',
  notebook: 'Notebook',
  server: 'Server',
  serverOn: 'Server, on',
  settings: 'Settings',
  search: 'Search commands',
  commands: 'Search',
  widenRail: 'Show labels',
  narrowRail: 'Hide labels',
  downloadsAndMemory: 'Downloads and memory',
  offline: 'Offline',
  offlineTip: 'Offline mode: Hearth sends nothing to the internet',
  broken: 'This screen failed',
  showAgain: 'Show this screen again',
  reloadWindow: 'Reload the window',
  themeNotSaved: 'The theme could not be saved.',
};

export const palette = {
  title: 'Command palette',
  commands: 'Commands',
  placeholder: 'Search commands, chats, models and settings',
  nothing: 'Nothing matches.',
  groups: {
    recent: 'Recent chats',
    chats: 'Chats',
    byName: 'Models by name',
    settings: 'Settings',
    chat: 'Chat',
    field: 'Message field',
    list: 'Chat list',
    models: 'Models',
    notebook: 'Notebook',
    server: 'Server',
    goTo: 'Go to',
    window: 'Window',
    notNow: 'Not available now',
  },
  shortcuts: 'Keyboard shortcuts',
  newChat: 'New chat',
  undo: 'Undo',
  goToDiscover: 'Discover models',
  discoverKeywords: ['models', 'hub', 'download', 'search'],
  goToLocal: 'Models on this computer',
  localKeywords: ['models', 'load', 'unload', 'delete'],
  chooseModel: 'Choose a model',
  chooseModelKeywords: ['switch', 'picker', 'change'],
  continueReply: 'Continue the last reply',
  editLast: 'Edit the last message',
  chatWith: (name: string): string => `Chat with ${name}`,
  load: (name: string): string => `Load ${name}`,
  goToChat: 'Go to Chat',
  goToNotebook: 'Go to Notebook',
  notebookKeywords: ['document', 'completion', 'raw', 'write', 'perplexity', 'fill'],
  goToServer: 'Go to Server',
  goToPersonas: 'Go to Personas',
  personasKeywords: ['character', 'card', 'lorebook', 'preset', 'world info'],
  serverKeywords: ['api', 'openai', 'anthropic', 'ollama', 'editor', 'key', 'requests', 'port'],
  startServer: 'Start the API server',
  stopServer: 'Stop the API server',
  copyServerAddress: 'Copy the address of the API server',
  settingsOf: (section: string): string => `Settings: ${section}`,
  goToSettings: 'Go to Settings',
  settingsKeywords: ['preferences', 'token', 'folder', 'sampling'],
  toggleRail: 'Show or hide labels in the rail',
  light: 'Light theme',
  dark: 'Dark theme',
  system: 'System theme',
  showDownloads: 'Show downloads',
  downloadsKeywords: ['progress', 'pause', 'resume'],
  rescan: 'Rescan models',
  rescanKeywords: ['refresh', 'cache'],
  showStorage: 'Show storage',
  storageKeywords: ['disk', 'space', 'cache', 'delete', 'limit', 'move'],
  checkUpdates: 'Check models for updates',
  updatesKeywords: ['new', 'version'],
  verifyAll: 'Verify all models',
  verifyKeywords: ['hash', 'check', 'damaged'],
  stop: 'Stop the reply',
  regenerate: 'Regenerate the last reply',
  copyReply: 'Copy the last reply',
  loadSettings: 'Load settings',
  loadKeywords: [
    'load options',
    'context size',
    'gpu layers',
    'threads',
    'kv cache',
    'memory type',
    'lora',
    'speculative decoding',
    'draft model',
  ],
  exactPrompt: 'Show the exact prompt',
  promptKeywords: ['tokens', 'template', 'context'],
  inspector: 'Show or hide the inspector',
  inspectorKeywords: ['system prompt', 'instructions', 'sampling', 'temperature'],
  renameChat: 'Rename this chat',
  deleteChat: 'Delete this chat',
  writeMessage: 'Write a message',
  send: 'Send the message',
  newLine: 'New line',
  sentMessages: 'Sent messages, at the start of the field',
  editLastEmpty: 'Edit the last message, in an empty field',
  previousChat: 'Previous chat',
  nextChat: 'Next chat',
  rows: 'Move in the list',
  renameRow: 'Rename the focused chat',
  deleteRow: 'Delete the focused chat',
  otherTheme: 'Switch between light and dark',
};

export const gauge = {
  memory: 'Memory',
  inUse: 'Memory in use',
  free: 'Free',
  freeAmount: (size: string): string => `${size} free`,
  labeled: (name: string, size: string): string => `${name} ${size}`,
  freeOnDisk: 'Free disk space for models',
  engine: 'Engine',
  otherPrograms: 'Other programs',
  models: 'Models',
  loadedModels: 'Loaded models',
  noneLoaded: 'No model is loaded.',
  graphicsMemory: (card: string): string => `Graphics memory of ${card}`,
  ram: 'Memory (RAM)',
  vram: 'Graphics memory (VRAM)',
};

/** Words of the primitives. */
export const ui = {
  add: 'Add',
  cancel: 'Cancel',
  close: 'Close',
  closePanel: (title: string): string => `Close ${title.toLowerCase()}`,
  copied: 'Copied',
  copy: 'Copy',
  default: 'default',
  resetTo: (name: string, value: string): string => `Reset ${name} to ${value}`,
  details: 'Details',
  dismiss: 'Dismiss',
  fromTo: (least: string, most: string, isWhole: boolean): string =>
    `A ${isWhole ? 'whole ' : ''}number from ${least} to ${most}`,
  loading: 'Loading',
  more: 'More',
  notices: 'Notices',
  remove: (name: string): string => `Remove ${name}`,
  save: 'Save',
  show: 'Show',
  tryAgain: 'Try again',
  undo: 'Undo',
  inUnit: (label: string, unit: string): string => `${label}, in ${unit}`,
  withTerm: (label: string, term: string): string => `${label} (${term})`,
  copyFailed: 'The text could not be copied.',
  copyRefused: 'The system refused access to the clipboard.',
  loadingModel: (name: string): string => `Loading ${name}`,
  on: 'On',
  off: 'Off',
  auto: 'Auto',
  megabytesPerSecond: 'MB/s',
  gigabytes: 'GB',
  minutes: 'min',
  tokens: 'tokens',
};
