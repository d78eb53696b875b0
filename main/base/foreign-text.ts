/** Text of unknown origin, such as a name in a file's header, made safe for a terminal, a log and a list. */

/** Characters that control a terminal or begin another line; line breaks and tabs of a text stay. */
const controls = /\r(?!\n)|[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028\u2029]/g;
/** Marks that hide characters or reverse their order. */
const marks = /[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/g;
const lineBreaks = /[\t\r\n]/g;
/** A longer name says no more. */
const NAME_CHARS = 200;

/** The text with its lines, without what controls a terminal. */
export function withoutControls(text: string): string {
  return text.replaceAll(controls, '\ufffd');
}

/** The same without marks that hide or reverse text, which the text of a conversation may need and a message does not. */
export function withoutMarks(text: string): string {
  return withoutControls(text).replaceAll(marks, '\ufffd');
}

/** A name in one line of at most 200 characters, without controls and marks. */
export function shownName(name: string): string {
  const cut = name.length > NAME_CHARS ? `${name.slice(0, NAME_CHARS - 1)}…` : name;
  return withoutMarks(cut.toWellFormed()).replaceAll(lineBreaks, '\ufffd');
}
