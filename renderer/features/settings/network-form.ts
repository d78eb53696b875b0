/** The address that was typed: null for none, or the reason why it is not an address. */
import { words } from '../../words/words.ts';
export function readAddress(text: string): { readonly address: string | null; readonly problem: string | null } {
  const trimmed = text.trim();
  if (trimmed === '') return { address: null, problem: null };
  if (!/^https?:\/\//i.test(trimmed)) return { address: null, problem: words.settings.network.badScheme };
  if (!URL.canParse(trimmed)) return { address: null, problem: words.settings.network.badAddress };
  return { address: trimmed, problem: null };
}
