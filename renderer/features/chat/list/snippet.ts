/** The queries of a search and the snippets of its hits. The marked text stands between U+2068 and U+2069. */

import type { SearchHit } from '../../../../preload/contract/chat.ts';

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

/**
 * The text of a reply's snippet without the marks of Markdown. A snippet is a cutting, so that each mark is judged by
 * its neighbors alone: `2 ** 3` and `a_b` stay.
 */
export function withoutMarkdown(snippet: string): string {
  return snippet
    .replace(/^[ \t]*(?:#{1,6}|>)[ \t]+/gm, '')
    .replace(/^[ \t]*(?:`{3,}|~{3,})[\w+-]*[ \t]*$/gm, '')
    .replace(/`+/g, '')
    .replace(/(?<![\p{L}\p{N}*])(?:\*{1,3}|~~)(?=[^\s*])|(?<=[^\s*])(?:\*{1,3}|~~)(?![\p{L}\p{N}*])/gu, '')
    .replace(/!?\[([^\]\n]*)\]\([^)\s]*\)/g, '$1');
}

export interface HitGroup {
  readonly chatId: string;
  readonly title: string;
  /** When the best hit was written. */
  readonly at: number;
  readonly archived: boolean;
  /** The title with its marked words, where it is a hit itself. */
  readonly titleHit: string | null;
  readonly messages: readonly (SearchHit & { readonly kind: 'message' })[];
}

/** Hits by chat, in the order of each chat's best hit. */
export function groupHits(hits: readonly SearchHit[]): readonly HitGroup[] {
  return [...Map.groupBy(hits, ({ chatId }) => chatId)].map(([chatId, own]) => ({
    chatId,
    title: own[0]?.chatTitle ?? '',
    at: own[0]?.at ?? 0,
    archived: own[0]?.archived ?? false,
    titleHit: own.find(({ kind }) => kind === 'title')?.snippet ?? null,
    messages: own.filter((hit) => hit.kind === 'message'),
  }));
}

/** Whether a query has anything to find: the index has words and numbers, and no punctuation. */
export function hasWords(query: string): boolean {
  return /[\p{L}\p{N}_]/u.test(query);
}
