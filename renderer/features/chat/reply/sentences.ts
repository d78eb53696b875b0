/** The text that a screen reader announces of a reply in progress: whole sentences, without Markdown marks. */

/**
 * The index after the last finished sentence of `text`, at least `from`. A sentence ends at its punctuation mark
 * followed by white space, or at a line break; with `complete` the whole text is finished.
 */
export function sentenceEnd(text: string, from: number, complete: boolean): number {
  if (complete) return text.length;
  let end = from;
  const boundary = /[.!?…][)\]"'”’»]*\s|[。！？]|\n/g;
  boundary.lastIndex = from;
  while (boundary.exec(text)) end = boundary.lastIndex;
  return end;
}

/** Nobody listens to more at once, and a megabyte of brackets would keep the page busy for minutes. */
const MAX_SPOKEN_CHARS = 4_000;

/**
 * The beginning of `text` as it would be read aloud: links by their text, without fences, emphasis, and marks of headings and tables.
 */
export function speakable(text: string): string {
  return text
    .slice(0, MAX_SPOKEN_CHARS)
    .replace(/^ {0,3}(?:`{3,}|~{3,}).*$/gm, '')
    .replace(/^[ \t|:-]*\|[ \t|:-]*$/gm, '')
    .replace(/[ \t]*\|[ \t]*/g, ' ')
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/^ {0,3}#{1,6}\s+/gm, '')
    .replace(/[*_`~]{1,3}(?=\S)|(?<=\S)[*_`~]{1,3}/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}
