/** Groups of three digits, as the page itself writes numbers: `1,024`. */
const grouped = /^[1-9]\d{0,2}(?:[,\s]\d{3})+(?:\.\d+)?$/;

/** The typed number, NaN for other text, and null where nothing was typed. A comma without groups is a decimal point. */
export function readNumber(typed: string): number | null {
  const text = typed.trim();
  if (text === '') return null;
  return Number(grouped.test(text) ? text.replaceAll(/[,\s]/g, '') : text.replace(',', '.'));
}
