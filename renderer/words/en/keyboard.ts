/** Settings > Keyboard: choosing the keys of commands. */
export const keyboard = {
  change: 'Change keys',
  record: (command: string): string => `Change the key of “${command}”`,
  recording: 'Press the new key. Esc cancels.',
  reset: (command: string): string => `Reset the key of “${command}”`,
  remove: (command: string, key: string): string => `Remove ${key} from “${command}”`,
  noKey: 'No key',
  resetAll: 'Reset all keys',
  resetDone: 'All keys are reset.',
  fixed: 'Fixed',
  search: 'Search commands and keys',
  nothing: 'No command or key matches.',
  taken: (key: string, command: string): string => `${key} belongs to “${command}”.`,
  useHere: 'Use it here',
  problems: {
    control: 'Fields and buttons use this key themselves.',
    editing: 'Text fields use this key to edit.',
    window: 'The window uses this key itself.',
    browser: 'A browser keeps this key for itself. It works in the desktop app.',
  },
  desktopOnly: 'In a browser this key does not work: the browser keeps it for itself.',
};
