/** Numbers in the sentences of main: logs, the command line and error messages. The page has its own in `renderer/words/format.ts`. */

const integers = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const threeDigits = new Intl.NumberFormat('en', { minimumSignificantDigits: 3, maximumSignificantDigits: 3 });

const sizeUnits = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** `32 768`, with a narrow space between thousands at which no line breaks. */
export function formatInteger(value: number): string {
  return integers.format(value).replaceAll(',', '\u202f');
}

/** `4.37 GB`, `812 MB`, `95 B`: three significant digits in decimal units, which the Hub counts in too. */
export function formatBytes(bytes: number): string {
  let value = Math.max(0, bytes);
  let unit = 0;
  // 999.5 would be written as 1,000, so it belongs to the next unit.
  while (value >= 999.5 && unit < sizeUnits.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? String(Math.round(value)) : threeDigits.format(value)} ${sizeUnits[unit] ?? ''}`;
}
