import { use } from 'react';
import { formatInteger } from '../../../words/format.ts';
import { words } from '../../../words/words.ts';
import { NoteNumbers, noteId, referenceId } from './note-numbers.ts';

/** The number of a footnote in the text; it leads to the note. */
export function NoteReference({ label }: { label: string }): React.JSX.Element {
  const { id, of } = use(NoteNumbers);
  const number = of.get(label) ?? 0;
  return (
    <sup>
      <button
        type="button"
        id={referenceId(id, number)}
        className="chat-note"
        aria-label={words.markdown.note(number)}
        onClick={() => document.getElementById(noteId(id, number))?.focus()}
      >
        {formatInteger(number)}
      </button>
    </sup>
  );
}
