/** Which of many entries the menu of suggestions shows. */
import { matchScore } from '../../../../navigation/commands.ts';

/** A menu with more is not read: the next letter is faster. */
const MOST_SHOWN = 30;

/** The best entries for what is typed, and at the same score in their order. */
export function bestMatches<Entry>(
  entries: readonly Entry[],
  query: string,
  textsOf: (entry: Entry) => readonly string[],
): readonly Entry[] {
  return entries
    .map((entry) => ({ entry, score: matchScore(query, textsOf(entry)) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, MOST_SHOWN)
    .map(({ entry }) => entry);
}

/** The first entries that match, in their order. Of ten thousand chats it looks at those that it needs. */
export function firstMatches<Entry>(
  entries: Iterable<Entry>,
  query: string,
  textsOf: (entry: Entry) => readonly string[],
): readonly Entry[] {
  const found: Entry[] = [];
  for (const entry of entries) {
    if (found.length >= MOST_SHOWN) break;
    if (matchScore(query, textsOf(entry)) > 0) found.push(entry);
  }
  return found;
}
