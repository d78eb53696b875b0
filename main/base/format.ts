const integers = new Intl.NumberFormat('en', { maximumFractionDigits: 0, useGrouping: true });

/** `32 768` for a sentence, with a narrow space between thousands at which no line breaks: as the page writes its numbers. */
export function groupDigits(value: number): string {
  return integers.format(value).replaceAll(',', '\u202f');
}
