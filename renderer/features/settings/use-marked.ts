import { useEffect, type RefObject } from 'react';
import { wantedWords } from './search.ts';

const NAME = 'settings-search';
/** A word of one letter would mark half of the page. */
const SHORTEST = 2;

/** Marks what is searched for in the text that is shown. Nothing in the page changes for it (CSS Custom Highlight). */
export function useMarked(page: RefObject<HTMLElement | null>, search: string): void {
  useEffect(() => {
    const element = page.current;
    const wanted = wantedWords(search).filter((word) => word.length >= SHORTEST);
    if (element === null || wanted.length === 0 || !('highlights' in CSS)) return;
    const mark = (): void => {
      CSS.highlights.set(NAME, new Highlight(...rangesOf(element, wanted)));
    };
    mark();
    // Sections load their values one after the other.
    const changes = new MutationObserver(mark);
    changes.observe(element, { childList: true, subtree: true, characterData: true });
    return () => {
      changes.disconnect();
      CSS.highlights.delete(NAME);
    };
  }, [page, search]);
}

function rangesOf(element: HTMLElement, wanted: readonly string[]): Range[] {
  const ranges: Range[] = [];
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const shown = node.nodeValue ?? '';
    // A few letters, such as İ, have a lower case of another length.
    const text = shown.toLowerCase().length === shown.length ? shown.toLowerCase() : shown;
    for (const word of wanted) {
      for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) {
        const range = new Range();
        range.setStart(node, at);
        range.setEnd(node, at + word.length);
        ranges.push(range);
      }
    }
  }
  return ranges;
}
