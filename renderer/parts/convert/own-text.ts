import { MAX_MEASURED_TEXT } from '../../../preload/contract/convert.ts';

/** Why a text of the user's own cannot be used; null where it can. */
export function ownTextProblem(text: string): 'empty' | 'too_long' | null {
  if (text.trim() === '') return 'empty';
  return text.length > MAX_MEASURED_TEXT ? 'too_long' : null;
}
