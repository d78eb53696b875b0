/**
 * Markdown for a terminal while it is being written: headings, lists, quotes, code and emphasis by ANSI codes. What a piece leaves open,
 * such as one `*` of two, is held back until the next piece tells, so the pieces' bounds never show.
 */

export interface Markdown {
  /** Takes the next piece, without control characters. */
  push(text: string): void;
  /** Writes what was held back, and ends every style. */
  end(): void;
}

/** SGR codes that begin and end a style. */
const styles = {
  bold: ['\u001b[1m', '\u001b[22m'],
  italic: ['\u001b[3m', '\u001b[23m'],
  underline: ['\u001b[4m', '\u001b[24m'],
  dim: ['\u001b[2m', '\u001b[22m'],
  code: ['\u001b[36m', '\u001b[39m'],
} as const;
export const [DIM, PLAIN] = styles.dim;
type Style = keyof typeof styles;

/** A longer beginning of a line is text. A list may be indented. */
const MAX_BEGINNING = 40;
const RULE = '─'.repeat(40);

/** Renders through `write`. */
export function createMarkdown(write: (text: string) => void): Markdown {
  /** The beginning of a line whose kind is not known yet; null within a line. */
  let beginning: string | null = '';
  /** The mark that ends the block of code; null outside of one. */
  let fence: string | null = null;
  /** The backticks that end a code span; empty outside of one. */
  let span = '';
  /** Marks whose meaning the next character tells. */
  let held = '';
  let before = ' ';
  const open: Style[] = [];

  const begin = (style: Style): void => {
    open.push(style);
    write(styles[style][0]);
  };
  const endStyle = (style: Style): void => {
    open.splice(open.lastIndexOf(style), 1);
    write(styles[style][1]);
    // The code that ends bold also ends dim.
    for (const other of open) if (styles[other][1] === styles[style][1]) write(styles[other][0]);
  };
  const toggle = (style: Style): void => (open.includes(style) ? endStyle(style) : begin(style));
  function endLine(): void {
    for (const style of open.splice(0).reverse()) write(styles[style][1]);
    span = '';
    write('\n');
    before = ' ';
    beginning = '';
  }
  const put = (text: string): void => {
    write(text);
    before = text.at(-1) ?? before;
  };

  /** Writes the beginning of a line by its kind; the rest of the line is text of it. */
  function settleBeginning(line: string): void {
    beginning = null;
    const heading = /^ {0,3}(#{1,6}) +/.exec(line);
    const quote = /^( {0,3})> ?/.exec(line);
    const item = /^(\s*)[-*+] +/.exec(line);
    if (heading) {
      begin('bold');
      if (heading[1] === '#') begin('underline');
      inline(line.slice(heading[0].length));
    } else if (quote) {
      begin('dim');
      write('│ ');
      inline(line.slice(quote[0].length));
    } else if (item) {
      write(`${item[1] ?? ''}• `);
      inline(line.slice(item[0].length));
    } else inline(line);
  }

  /** A character at the beginning of a line. */
  function atBeginning(character: string): void {
    const line = (beginning ?? '') + character;
    if (character === '\n') {
      const text = line.slice(0, -1);
      const opening = /^ {0,3}(`{3,}|~{3,})[^`]*$/.exec(text);
      if (fence !== null) return endInFence(text);
      if (opening) {
        fence = opening[1] ?? '';
        write(`${styles.dim[0]}${text}${styles.dim[1]}`);
        return endLine();
      }
      if (/^ {0,3}([-*_])(?: *\1){2,} *$/.test(text)) write(`${styles.dim[0]}${RULE}${styles.dim[1]}`);
      else settleBeginning(text);
      settleHeld(' ');
      return endLine();
    }
    if (fence !== null) {
      beginning = line;
      if (!isFenceBeginning(line, fence) || line.length > MAX_BEGINNING) {
        beginning = null;
        begin('code');
        put(line);
      }
      return;
    }
    beginning = line;
    if (line.length > MAX_BEGINNING || !isOpenBeginning(line)) settleBeginning(line);
  }

  function endInFence(text: string): void {
    if (isFenceEnd(text, fence ?? '')) {
      fence = null;
      write(`${styles.dim[0]}${text}${styles.dim[1]}`);
    } else if (text !== '') write(`${styles.code[0]}${text}${styles.code[1]}`);
    endLine();
  }

  function inline(text: string): void {
    for (const character of text) inLine(character);
  }

  /** A character within a line of text. */
  function inLine(character: string): void {
    if (held === '\\') {
      held = '';
      return put(/[!-/:-@[-`{-~]/.test(character) ? character : `\\${character}`);
    }
    if (held !== '' && held.startsWith(character) && held.length < 3) {
      held += character;
      return;
    }
    settleHeld(character);
    if (character === '`' || (span === '' && /[*_\\]/.test(character))) held = character;
    else put(character);
  }

  /** Decides what the held marks mean, with the character behind them. */
  function settleHeld(after: string): void {
    const marks = held;
    held = '';
    if (marks === '') return;
    if (marks.startsWith('`')) {
      if (span === '') {
        span = marks;
        return begin('code');
      }
      if (span !== marks) return put(marks);
      span = '';
      before = '`';
      return endStyle('code');
    }
    if (marks === '\\') return put(marks);
    const wanted: Style[] = marks.length === 1 ? ['italic'] : marks.length === 2 ? ['bold'] : ['bold', 'italic'];
    const closes = wanted.every((style) => open.includes(style)) && !/\s/.test(before);
    // Within a word an underscore is a letter of a name.
    const isInWord = marks.startsWith('_') && /[\p{L}\p{N}]/u.test(closes ? after : before);
    const opens =
      !closes && !/\s/.test(after) && !/[\p{L}\p{N}]/u.test(marks.length === 1 && marks[0] === '_' ? before : ' ');
    if (isInWord || (!closes && !opens)) return put(marks);
    for (const style of closes ? wanted.toReversed() : wanted) toggle(style);
    before = closes ? marks : ' ';
  }

  return {
    push(text) {
      for (const character of text.replaceAll('\r\n', '\n')) {
        if (beginning !== null) atBeginning(character);
        else if (character === '\n') {
          settleHeld(' ');
          endLine();
        } else if (fence !== null) put(character);
        else inLine(character);
      }
    },
    end() {
      if (beginning !== null && beginning !== '') {
        const line = beginning;
        if (fence !== null) write(`${styles.code[0]}${line}${styles.code[1]}`);
        else settleBeginning(line);
      }
      beginning = null;
      settleHeld(' ');
      for (const style of open.splice(0).reverse()) write(styles[style][1]);
    },
  };
}

/** Whether a line that begins so may still become a heading, an item, a quote, a rule or a fence. */
const isOpenBeginning = (line: string): boolean =>
  /^\s*$/.test(line) ||
  /^ {0,3}#{1,6} *$/.test(line) ||
  /^ {0,3}>$/.test(line) ||
  /^\s*[-*+]$/.test(line) ||
  /^ {0,3}(?:-[- ]*|\*[* ]*|_[_ ]*)$/.test(line) ||
  /^ {0,3}(?:`{1,2}|~{1,2})$/.test(line) ||
  /^ {0,3}(?:`{3,}[^`]*|~{3,}.*)$/.test(line);

/** Whether a line that begins so may still end the block of code that `fence` began. */
const isFenceBeginning = (line: string, fence: string): boolean => {
  const marks = line.replace(/^ {0,3}/, '').trimEnd();
  return /^ {0,3}$/.test(line) || [...marks].every((mark) => mark === fence[0]);
};

const isFenceEnd = (line: string, fence: string): boolean => {
  const marks = line.trim();
  return marks.length >= fence.length && [...marks].every((mark) => mark === fence[0]);
};
