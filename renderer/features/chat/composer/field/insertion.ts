/** Puts text into the field as typing does, so that undo takes it back. */

/** Set on the field while a text is put in that stays text, however long it is. */
const INSERTING = 'inserting';

export const isInserting = (field: HTMLElement): boolean => field.dataset[INSERTING] !== undefined;

/** Replaces a range of the field with a text, and sets the caret behind it. */
export function replaceRange(field: HTMLTextAreaElement, from: number, to: number, text: string): void {
  field.focus({ preventScroll: true });
  const end = field.value.length;
  field.setSelectionRange(Math.min(from, end), Math.min(to, end));
  if (text === '' && field.selectionStart === field.selectionEnd) return;
  field.dataset[INSERTING] = '';
  try {
    // The one way to change a field that keeps the browser's undo. The standard calls it obsolete and names no other.
    if (text === '') document.execCommand('delete');
    else document.execCommand('insertText', false, text);
  } finally {
    delete field.dataset[INSERTING];
  }
}

/** Types a mark of the menu at the caret, with a space before it within a line. */
export function typeMark(field: HTMLTextAreaElement, mark: string): void {
  const { selectionStart, selectionEnd, value } = field;
  const needsSpace = selectionStart > 0 && !/\s/.test(value.charAt(selectionStart - 1));
  replaceRange(field, selectionStart, selectionEnd, needsSpace ? ` ${mark}` : mark);
}
