/** Keys that a command cannot have, because something else takes them first. */

export type KeyProblem = 'control' | 'editing' | 'window' | 'browser';

/** Keys by which lists, fields and buttons are used, alone or with Shift. */
const ofControls = /^(Shift\+)?(Enter|Tab|Escape|Backspace|Delete|Insert|Home|End|PageUp|PageDown|Arrow\w+)$/;
const ofEditing = /^Mod\+(Shift\+)?([ACVXYZ]|Backspace|Delete|Home|End|ArrowLeft|ArrowRight)$|^Alt\+Backspace$/;
/** The menu of the desktop window (main/shell/electron/menu.ts) and of most browsers: quit, close, zoom, full screen. */
const ofWindow = /^Mod\+[QWMH0=+-]$|^Mod\+Shift\+[+=-]$|^(F11|Alt\+F4)$/;
/** chrome/browser/ui/browser_command_controller.cc, IsReservedCommandOrKey; Firefox and Safari reserve no others. */
const ofBrowser = /^Mod\+(Shift\+)?[NTW]$|^Mod\+(Shift\+)?(Tab|PageUp|PageDown)$/;

/** Why `key` can be the key of no command in this shell; null where it can. */
export function keyProblem(key: string, isDesktop: boolean): KeyProblem | null {
  if (ofControls.test(key)) return 'control';
  if (ofEditing.test(key)) return 'editing';
  if (ofWindow.test(key)) return 'window';
  return !isDesktop && ofBrowser.test(key) ? 'browser' : null;
}

/** Whether a key works in the desktop window alone. */
export const isDesktopKey = (key: string): boolean => ofBrowser.test(key);
