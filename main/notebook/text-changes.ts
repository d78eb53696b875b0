/** Changes of a text, as an edit of the notebook has them. */
import { MAX_DOCUMENT_LENGTH, type TextChange } from '../../preload/contract/notebook.ts';
import { AppError } from '../../preload/wire/errors.ts';

/**
 * The text with the changes, whose places are all in the text before them.
 * @throws AppError `invalid_input` for places that overlap or are outside of the text, and for too much text.
 */
export function withChanges(text: string, changes: readonly TextChange[]): string {
  const pieces: string[] = [];
  let at = 0;
  for (const { from, to, text: inserted } of changes) {
    if (from < at || to < from || to > text.length)
      throw new AppError('invalid_input', 'The edit does not match the text.', {
        reason: 'edit_place',
        field: 'changes',
      });
    pieces.push(text.slice(at, from), inserted);
    at = to;
  }
  pieces.push(text.slice(at));
  const changed = pieces.join('');
  if (changed.length > MAX_DOCUMENT_LENGTH)
    throw new AppError('invalid_input', `A document has at most ${MAX_DOCUMENT_LENGTH} characters.`, {
      ...{ reason: 'document_too_long', field: 'changes', limit: MAX_DOCUMENT_LENGTH },
    });
  return changed;
}
