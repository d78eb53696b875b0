/** Length of the longest suffix of `text` that is a prefix of `mark`: the text that follows may complete it. */
export function heldBack(text: string, mark: string): number {
  for (let length = Math.min(text.length, mark.length - 1); length > 0; length--)
    if (text.endsWith(mark.slice(0, length))) return length;
  return 0;
}
