/**
 * The front matter of a model card: YAML between two lines of dashes, read as far as cards are written in it. Every scalar is text, so that
 * a version of `1.0` and the language `no` stay what they are. A line that is none of this is passed over.
 */
export type FrontMatterValue = string | null | readonly FrontMatterValue[] | FrontMatterFields;
export type FrontMatterFields = ReadonlyMap<string, FrontMatterValue>;

/** Values inside values; what lies deeper is left out. */
const MAX_DEPTH = 20;
/** A quoted text that goes on over more lines than these has no end. */
const MAX_QUOTED_CHARS = 32 * 1024;

interface Line {
  readonly indent: number;
  /** Without the indent; empty for a blank line. */
  readonly text: string;
}

interface Reader {
  readonly lines: Line[];
  next: number;
}

const keyPattern = /^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s"'#[\]{},&*!|>%@`][^#]{0,200}?)\s{0,9}:(?:\s+(.*))?$/s;

/** The fields of the front matter that `text` begins with; none without one. Never throws. */
export function readFrontMatter(text: string): FrontMatterFields {
  const start = /^\uFEFF?---[ \t]*\r?\n/.exec(text)?.[0].length;
  if (start === undefined) return new Map();
  const end = /^---[ \t]*\r?$/m.exec(text.slice(start))?.index ?? text.length;
  const block = text.slice(start, start + end);
  const lines = block.split(/\r?\n/).map((line): Line => {
    const spaced = line.replaceAll('\t', '  ');
    const content = spaced.trim();
    return { indent: spaced.length - spaced.trimStart().length, text: content };
  });
  const reader: Reader = { lines, next: 0 };
  const fields = new Map<string, FrontMatterValue>();
  const indent = skipBlank(reader)?.indent ?? 0;
  while (skipBlank(reader) !== null) {
    for (const [key, value] of readMapping(reader, indent, 0)) fields.set(key, value);
    // The line that ended the mapping is no field.
    reader.next += 1;
  }
  return fields;
}

/** The next line with a value; null at the end. */
function skipBlank(reader: Reader): Line | null {
  for (; reader.next < reader.lines.length; reader.next += 1) {
    const line = reader.lines[reader.next];
    if (line !== undefined && line.text !== '' && !line.text.startsWith('#')) return line;
  }
  return null;
}

const isItem = ({ text }: Line): boolean => text === '-' || text.startsWith('- ');

function readMapping(reader: Reader, indent: number, depth: number): FrontMatterFields {
  const fields = new Map<string, FrontMatterValue>();
  for (let line = skipBlank(reader); line !== null && line.indent === indent; line = skipBlank(reader)) {
    const match = isItem(line) ? null : keyPattern.exec(line.text);
    if (match === null) break;
    reader.next += 1;
    fields.set(unquoted(match[1] ?? ''), readValue(reader, match[2] ?? '', indent, depth, true));
  }
  return fields;
}

function readSequence(reader: Reader, indent: number, depth: number): readonly FrontMatterValue[] {
  const items: FrontMatterValue[] = [];
  for (let line = skipBlank(reader); line?.indent === indent && isItem(line); line = skipBlank(reader)) {
    const rest = line.text.slice(1).trimStart();
    const column = indent + line.text.length - rest.length;
    if (depth < MAX_DEPTH && (isItem({ indent, text: rest }) || keyPattern.test(rest))) {
      reader.lines[reader.next] = { indent: column, text: rest };
      items.push(readBlock(reader, column, depth + 1));
    } else {
      reader.next += 1;
      items.push(readValue(reader, rest, indent, depth, false));
    }
  }
  return items;
}

/** What begins at the next line, which lies at `indent`. */
function readBlock(reader: Reader, indent: number, depth: number): FrontMatterValue {
  const line = skipBlank(reader);
  if (line === null || depth > MAX_DEPTH) return null;
  if (isItem(line)) return readSequence(reader, indent, depth);
  if (keyPattern.test(line.text)) return readMapping(reader, indent, depth);
  reader.next += 1;
  return readValue(reader, line.text, indent - 1, depth, false);
}

/** The value that begins with `first` behind a key or a dash; `indent` is that of the key or the dash. */
function readValue(reader: Reader, first: string, indent: number, depth: number, isOfKey: boolean): FrontMatterValue {
  const text = first.replace(/^(?:[&!]\S*\s*)+/, '');
  if (/^[|>]/.test(text)) return readBlockScalar(reader, text, indent);
  if (/^["']/.test(text)) return readQuoted(reader, text);
  if (/^[[{]/.test(text)) return readFlow(reader, text);
  if (text === '' || text.startsWith('#')) {
    const line = skipBlank(reader);
    if (line === null || depth >= MAX_DEPTH) return null;
    const isDeeper = line.indent > indent || (isOfKey && line.indent === indent && isItem(line));
    return isDeeper ? readBlock(reader, line.indent, depth + 1) : null;
  }
  return plain(readPlain(reader, text, indent));
}

const withoutComment = (text: string): string => text.replace(/(?<!\s)\s+#.*$/, '');

/** A plain scalar, which goes on in the deeper lines below; a blank line between two is a line break. */
function readPlain(reader: Reader, first: string, indent: number): string {
  const parts = [withoutComment(first)];
  let blank = 0;
  for (let at = reader.next; at < reader.lines.length; at += 1) {
    const line = reader.lines[at];
    if (line === undefined) break;
    if (line.text === '') {
      blank += 1;
      continue;
    }
    if (line.indent <= indent || line.text.startsWith('#')) break;
    parts.push(blank === 0 ? ' ' : '\n'.repeat(blank), withoutComment(line.text));
    blank = 0;
    reader.next = at + 1;
  }
  return parts.join('');
}

/** `|` keeps the lines, `>` joins them; `-` behind it drops the line break at the end, `+` keeps all. */
function readBlockScalar(reader: Reader, header: string, indent: number): string {
  const lines: Line[] = [];
  for (; reader.next < reader.lines.length; reader.next += 1) {
    const line = reader.lines[reader.next];
    if (line === undefined || (line.text !== '' && line.indent <= indent)) break;
    lines.push(line);
  }
  const own = lines.find(({ text }) => text !== '')?.indent ?? 0;
  const shown = lines.map((line) => (line.text === '' ? '' : ' '.repeat(Math.max(0, line.indent - own)) + line.text));
  let last = shown.length;
  while (last > 0 && shown[last - 1] === '') last -= 1;
  const body = header.startsWith('|') ? shown.slice(0, last).join('\n') : folded(shown.slice(0, last));
  if (header.includes('-') || (last === 0 && !header.includes('+'))) return body;
  return body + (header.includes('+') ? '\n'.repeat(Math.max(1, shown.length - last + 1)) : '\n');
}

function folded(lines: readonly string[]): string {
  let text = '';
  let blank = 0;
  let isAfterDeeper = false;
  for (const [index, line] of lines.entries()) {
    if (line === '') {
      blank += 1;
      continue;
    }
    const isDeeper = line.startsWith(' ');
    const keepsBreak = isDeeper || isAfterDeeper;
    if (index > 0) text += blank === 0 ? (keepsBreak ? '\n' : ' ') : '\n'.repeat(blank + (keepsBreak ? 1 : 0));
    text += line;
    blank = 0;
    isAfterDeeper = isDeeper;
  }
  return text;
}

/** A quoted scalar, which may go on over lines until its quote ends. */
function readQuoted(reader: Reader, first: string): string {
  const end = first.startsWith('"') ? /^"(?:[^"\\]|\\.)*"/s : /^'(?:[^']|'')*'/;
  const closing = first.startsWith('"') ? /^(?:[^"\\]|\\.)*"/ : /'/;
  let text = first;
  let found = end.exec(text);
  for (let at = reader.next; found === null && at < reader.lines.length; at += 1) {
    const line = reader.lines[at]?.text ?? '';
    if (text.length > MAX_QUOTED_CHARS) break;
    if (first.startsWith('"') && endsInEscape(text)) text = text.slice(0, -1) + line;
    else text += line === '' ? '\n' : text.endsWith('\n') ? line : ` ${line}`;
    if (!closing.test(line)) continue;
    found = end.exec(text);
    if (found !== null) reader.next = at + 1;
  }
  // Without an end only its own line is taken.
  return unquoted(found?.[0] ?? first);
}

/** Whether an odd number of backslashes stands at the end, the last of which joins the next line. */
const endsInEscape = (text: string): boolean => (/\\*$/.exec(text.slice(-20))?.[0].length ?? 0) % 2 === 1;

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '0': '\0', _: '\u00A0', e: '\u001B' };

function unquoted(text: string): string {
  if (text.startsWith("'")) return text.replace(/^'([\s\S]*?)'?$/, '$1').replaceAll("''", "'");
  if (!text.startsWith('"')) return text;
  return text
    .replace(/^"([\s\S]*?)"?$/, '$1')
    .replaceAll(/\\(?:x([\da-f]{2})|u([\da-f]{4})|U([\da-f]{8})|(.))/gis, (_, two, four, eight, one: string) => {
      const code = Number.parseInt(String(two ?? four ?? eight ?? ''), 16);
      if (Number.isNaN(code)) return escapes[one] ?? one;
      return code <= 0x10_ff_ff ? String.fromCodePoint(code) : '';
    });
}

const plain = (text: string): string | null => (/^(?:~|null|Null|NULL|\*.*)?$/.test(text) ? null : text);

/** `[a, b]` and `{a: b}`, which may go on over lines until their brackets end. */
function readFlow(reader: Reader, first: string): FrontMatterValue {
  const parts = [first];
  for (let open = openBrackets(first); open > 0 && reader.next < reader.lines.length; reader.next += 1) {
    const text = withoutComment(reader.lines[reader.next]?.text ?? '');
    open += openBrackets(text);
    parts.push(text);
  }
  return flowValue({ tokens: tokensOf(parts.join(' ')), next: 0 }, 0);
}

const flowTokens = /\s+|"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[[\]{},]|:(?=\s)|(?:[^[\]{},:]|:(?!\s))+/gs;

const tokensOf = (text: string): readonly string[] =>
  (text.match(flowTokens) ?? []).map((token) => token.trim()).filter((token) => token !== '');

function openBrackets(text: string): number {
  let open = 0;
  for (const token of tokensOf(text)) {
    if (token === '[' || token === '{') open += 1;
    else if (token === ']' || token === '}') open -= 1;
  }
  return open;
}

interface FlowReader {
  readonly tokens: readonly string[];
  next: number;
}

function flowValue(reader: FlowReader, depth: number): FrontMatterValue {
  const token = reader.tokens[reader.next] ?? '';
  reader.next += 1;
  if (depth > MAX_DEPTH) return null;
  if (token === '[') {
    const items: FrontMatterValue[] = [];
    for (let one = peek(reader); one !== null && one !== ']'; one = peek(reader)) {
      if (one === ',') reader.next += 1;
      else items.push(flowValue(reader, depth + 1));
    }
    reader.next += 1;
    return items;
  }
  if (token === '{') {
    const fields = new Map<string, FrontMatterValue>();
    for (let one = peek(reader); one !== null && one !== '}'; one = peek(reader)) {
      reader.next += 1;
      if (one === ',' || peek(reader) !== ':') continue;
      reader.next += 1;
      fields.set(unquoted(one), flowValue(reader, depth + 1));
    }
    reader.next += 1;
    return fields;
  }
  return /^["']/.test(token) ? unquoted(token) : plain(token);
}

const peek = ({ tokens, next }: FlowReader): string | null => tokens[next] ?? null;
