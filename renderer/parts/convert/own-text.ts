/** The largest number of characters of a text of the user's own, as main takes it. */
export const MAX_OWN_TEXT = 4_000_000;

/** Why a text of the user's own cannot be used; null where it can. */
export function ownTextProblem(text: string): 'empty' | 'too_long' | null {
  if (text.trim() === '') return 'empty';
  return text.length > MAX_OWN_TEXT ? 'too_long' : null;
}
