/** Length of the longest end of `text` that is a beginning of `mark`: it may be completed by what comes next. */
export function heldBack(text: string, mark: string): number {
  for (let length = Math.min(text.length, mark.length - 1); length > 0; length--)
    if (text.endsWith(mark.slice(0, length))) return length;
  return 0;
}
