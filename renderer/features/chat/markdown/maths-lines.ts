/**
 * Formulas over several lines in one line each, so that a line of a formula that looks like Markdown (`- b`, `= c`, `+ d`) is none. For
 * TeX a line break is a space.
 */

/** Longer ones are not typeset; what looks like one is text. */
const MAX_FORMULA = 5_000;

/** `live`: a formula at the end that nothing closes yet is shown as it is written. */
export function withFormulasInLines(text: string, live: boolean): string {
  if (!text.includes('$$') && !text.includes('\\[')) return text;
  const closers = { $$: '$$', '\\[': '\\]' } as const;
  const pieces: string[] = [];
  /** Lengths of runs of backticks that nothing closes from there on. */
  const unclosed = new Set<number>();
  let from = 0;
  for (let at = 0; at < text.length;) {
    const char = text[at];
    if (char === '`') {
      at = afterCode(text, at, unclosed);
      continue;
    }
    const mark = text.slice(at, at + 2);
    if (mark !== '$$' && mark !== '\\[') {
      at += char === '\\' ? 2 : 1;
      continue;
    }
    const end = text.indexOf(closers[mark], at + 2);
    const formula = end === -1 ? text.slice(at) : text.slice(at, end + 2);
    // TeX has no empty line in a formula, and Markdown none in a paragraph.
    if (formula.length > MAX_FORMULA || /\n[ \t>]*\n/.test(formula)) {
      at += 2;
      continue;
    }
    if (end === -1 && !live) break;
    pieces.push(text.slice(from, at), end === -1 ? asCode(formula) : inOneLine(formula, text, at));
    from = at + formula.length;
    at = from;
  }
  return from === 0 ? text : pieces.join('') + text.slice(from);
}

function inOneLine(formula: string, text: string, at: number): string {
  if (!formula.includes('\n')) return formula;
  const isQuoted = /^[ \t]*>/.test(text.slice(text.lastIndexOf('\n', at) + 1, at));
  return (
    formula
      .split('\n')
      .map((line, index) => (index > 0 && isQuoted ? line.replace(/^[ \t]*(?:>[ \t]?)+/, '') : line))
      // A comment of TeX ends with its line.
      .map((line) => line.replace(/(?<!\\)%.*$/, '').trim())
      .join(' ')
  );
}

function asCode(formula: string): string {
  const text = formula.replaceAll('`', '').replaceAll(/\s+/g, ' ');
  return `\`${text}\``;
}

/** The place after the code that begins with the backticks at `at`, or after those where nothing closes them. */
function afterCode(text: string, at: number, unclosed: Set<number>): number {
  let length = 1;
  while (text[at + length] === '`') length += 1;
  if (unclosed.has(length)) return at + length;
  const marker = text.slice(at, at + length);
  for (let end = text.indexOf(marker, at + length); end !== -1; end = text.indexOf(marker, end)) {
    let run = length;
    while (text[end + run] === '`') run += 1;
    if (run === length) return end + length;
    end += run;
  }
  unclosed.add(length);
  return at + length;
}
