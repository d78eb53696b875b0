/** What was typed as an address: null for none, or why it is not one. */
export function readAddress(text: string): { readonly address: string | null; readonly problem: string | null } {
  const trimmed = text.trim();
  if (trimmed === '') return { address: null, problem: null };
  if (!/^https?:\/\//i.test(trimmed)) return { address: null, problem: 'An address begins with http:// or https://.' };
  if (!URL.canParse(trimmed)) return { address: null, problem: 'This cannot be read as an address.' };
  return { address: trimmed, problem: null };
}
