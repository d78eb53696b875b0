/** Which special tokens a text has. A vocabulary may have thousands of them, and a text millions of characters; both are foreign. */

/** Tokens are looked for at one place after another until so many comparisons were made. Templates and their texts need far fewer. */
const MAX_LOOKS = 3_000_000;

/** Those of `tokens` that are in `text`, each once, in the order of the text; of two at one place the longer one. */
export function specialTokensIn(text: string, tokens: readonly string[]): string[] {
  /** The tokens by their first character, and below that by their length, longest first. */
  const byFirst = new Map<string, Map<number, Set<string>>>();
  for (const token of tokens.toSorted((a, b) => b.length - a.length)) {
    const first = token.charAt(0);
    const byLength = byFirst.get(first) ?? new Map<number, Set<string>>();
    byFirst.set(first, byLength.set(token.length, (byLength.get(token.length) ?? new Set()).add(token)));
  }
  const found = new Set<string>();
  let looks = 0;
  for (let at = 0; at < text.length && looks < MAX_LOOKS; at++) {
    looks++;
    for (const [length, same] of byFirst.get(text.charAt(at)) ?? []) {
      looks++;
      const token = text.slice(at, at + length);
      if (!same.has(token)) continue;
      found.add(token);
      at += length - 1;
      break;
    }
  }
  return [...found];
}
