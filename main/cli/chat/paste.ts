/** Pasted text in a line editor: a terminal marks its beginning and its end, and its line breaks must not send it. */
import { withoutControls } from '../../base/foreign-text.ts';

/** Stands for a line break within the editor's one line. It is not typed, and a text that has it gets a line break in its place. */
const LINE_BREAK = '\u2424';
const BEGIN = '\u001b[200~';
const END = '\u001b[201~';

/** Ask a terminal to mark what is pasted, and to stop that. */
export const pasteMarks = { on: '\u001b[?2004h', off: '\u001b[?2004l' } as const;

/** A function that takes pieces of what a terminal sends and answers them for a line editor. */
export function createPasteFilter(): (piece: string) => string {
  let isPasting = false;
  let rest = '';
  return (piece) => {
    let text = rest + piece;
    rest = '';
    let filtered = '';
    for (;;) {
      const mark = isPasting ? END : BEGIN;
      const at = text.indexOf(mark);
      if (at < 0) break;
      filtered += taken(text.slice(0, at), isPasting);
      text = text.slice(at + mark.length);
      isPasting = !isPasting;
    }
    // The beginning of a mark may be all that has come. Escape alone is a key, but not within a pasted text.
    const mark = isPasting ? END : BEGIN;
    const least = isPasting || piece.length > 1 ? 1 : 2;
    for (let length = Math.min(mark.length - 1, text.length); length >= least; length--)
      if (mark.startsWith(text.slice(-length))) {
        rest = text.slice(-length);
        text = text.slice(0, -length);
        break;
      }
    return filtered + taken(text, isPasting);
  };
}

/** A pasted text cannot press keys. */
const taken = (text: string, isPasted: boolean): string =>
  isPasted
    ? withoutControls(text.replaceAll(/\r\n?/g, '\n')).replaceAll('\n', LINE_BREAK).replaceAll('\t', '    ')
    : text;

/** The line as it was typed and pasted. */
export const withLineBreaks = (line: string): string => line.replaceAll(LINE_BREAK, '\n');
