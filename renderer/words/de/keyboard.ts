/** Settings > Keyboard: choosing the keys of commands. */
import type { keyboard as english } from '../en/keyboard.ts';

export const keyboard: typeof english = {
  change: 'Tasten ändern',
  record: (command) => `Taste für „${command}“ ändern`,
  recording: 'Neue Taste drücken. Esc bricht ab.',
  reset: (command) => `Taste für „${command}“ zurücksetzen`,
  remove: (command, key) => `${key} von „${command}“ entfernen`,
  noKey: 'Keine Taste',
  resetAll: 'Alle Tasten zurücksetzen',
  resetDone: 'Alle Tasten sind zurückgesetzt.',
  fixed: 'Fest',
  search: 'Befehle und Tasten suchen',
  nothing: 'Kein Befehl und keine Taste passt dazu.',
  taken: (key, command) => `${key} gehört zu „${command}“.`,
  useHere: 'Hier verwenden',
  problems: {
    control: 'Felder und Schaltflächen verwenden diese Taste selbst.',
    editing: 'Textfelder verwenden diese Taste zum Bearbeiten.',
    window: 'Das Fenster verwendet diese Taste selbst.',
    browser: 'Ein Browser behält diese Taste für sich. In der Desktop-App funktioniert sie.',
  },
  desktopOnly: 'In einem Browser funktioniert diese Taste nicht: Der Browser behält sie für sich.',
};
