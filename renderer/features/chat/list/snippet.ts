/** The queries of a search and the snippets of its hits. The marked text stands between U+2068 and U+2069. */

export interface SnippetPart {
  readonly text: string;
  readonly hit: boolean;
}

/** The parts of a snippet in order. A mark without an end extends to the end of the text. Line breaks become spaces. */
export function snippetParts(snippet: string): readonly SnippetPart[] {
  const parts: SnippetPart[] = [];
  let hit = false;
  for (const piece of snippet.replace(/\s+/g, ' ').split(/([\u2068\u2069])/)) {
    if (piece === '\u2068') hit = true;
    else if (piece === '\u2069') hit = false;
    else if (piece !== '') parts.push({ text: piece, hit });
  }
  return parts;
}

/** Whether a query has anything to find: the index has words and numbers, and no punctuation. */
export function hasWords(query: string): boolean {
  return /[\p{L}\p{N}_]/u.test(query);
}
