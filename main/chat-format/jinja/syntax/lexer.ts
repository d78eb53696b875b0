/** Cuts a template into tokens, with the white space rules of `trim_blocks` and `lstrip_blocks`, both on. */
import { failure, type TemplateFailure } from '../values/errors.ts';
import { SPACE, strip } from '../values/text.ts';

export type TokenType =
  | 'data'
  | 'variable_begin'
  | 'variable_end'
  | 'block_begin'
  | 'block_end'
  | 'name'
  | 'string'
  | 'integer'
  | 'float'
  | 'operator'
  | 'end';

export interface Token {
  readonly type: TokenType;
  /** Of a string without its quotes and escapes. */
  readonly value: string;
  readonly line: number;
}

const syntaxError = (message: string, line: number): TemplateFailure =>
  failure('TemplateSyntaxError', `${message} (line ${line})`);

const opening = /\{[{%#]/g;
const rawOpening = new RegExp(`\\{%[-+]?[${SPACE}]*raw[${SPACE}]*(?:-%\\}[${SPACE}]*|%\\})`, 'y');
const rawClosing = new RegExp(`\\{%([-+]?)[${SPACE}]*endraw[${SPACE}]*(?:\\+%\\}|-%\\}[${SPACE}]*|%\\}\\n?)`, 'g');
const commentClosing = new RegExp(`\\+#\\}|-#\\}[${SPACE}]*|#\\}\\n?`, 'g');
const blockClosing = new RegExp(`\\+%\\}|-%\\}[${SPACE}]*|%\\}\\n?`, 'y');
const variableClosing = new RegExp(`-\\}\\}[${SPACE}]*|\\}\\}`, 'y');

const whiteSpace = new RegExp(`[${SPACE}]+`, 'y');
const floating = /(?<!\.)(?:\d+_)*\d+(?:(?:\.(?:\d+_)*\d+)?e[+-]?(?:\d+_)*\d+|\.(?:\d+_)*\d+)/iy;
const whole = /0b(?:_?[01])+|0o(?:_?[0-7])+|0x(?:_?[\da-f])+|[1-9](?:_?\d)*|0(?:_?0)*/iy;
const word = /[\p{L}\p{N}\p{M}\p{Pc}\u00b7\u0387\u1369-\u1371\u19da\u2118\u212e]+/uy;
const quotedText = /'[^'\\]*(?:\\.[^'\\]*)*'|"[^"\\]*(?:\\.[^"\\]*)*"/sy;
const operator = /\*\*|\/\/|==|!=|>=|<=|[-+*/%~[\](){}><=.:|,;]/y;
const identifier = /^[\p{XID_Start}_]\p{XID_Continue}*$/u;
const closers: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/** @throws TemplateSyntaxError. */
export function tokenize(template: string): Token[] {
  const source = template.replace(/\r\n?/g, '\n').replace(/\n$/, '');
  const tokens: Token[] = [];
  let at = 0;
  let line = 1;
  /** Whether what was read last ended a line, or nothing was read yet. */
  let startsLine = true;

  const match = (form: RegExp): string | undefined => {
    form.lastIndex = at;
    return form.exec(source)?.[0];
  };
  const pass = (text: string): void => {
    at += text.length;
    line += countLines(text);
    startsLine = text.endsWith('\n');
  };
  const push = (type: TokenType, value: string): void => void tokens.push({ type, value, line });

  /** The data before a tag, as its signs have it. */
  const before = (text: string, sign: string, strips: boolean): string => {
    if (sign === '-') return strip(text, null, 'right');
    if (sign === '+' || !strips) return text;
    const lineAt = text.lastIndexOf('\n') + 1;
    const isIndent = lineAt < text.length && strip(text.slice(lineAt), null, 'left') === '';
    return isIndent && (lineAt > 0 || startsLine) ? text.slice(0, lineAt) : text;
  };

  function readInside(isBlock: boolean): void {
    const open: string[] = [];
    for (;;) {
      const end = open.length === 0 ? match(isBlock ? blockClosing : variableClosing) : undefined;
      if (end !== undefined) {
        push(isBlock ? 'block_end' : 'variable_end', end);
        pass(end);
        return;
      }
      if (at >= source.length) return;
      pass(readToken(open));
    }
  }

  /** Reads one token inside of a tag and returns its text. */
  function readToken(open: string[]): string {
    const space = match(whiteSpace);
    if (space !== undefined) return space;
    for (const [type, form] of [
      ['float', floating],
      ['integer', whole],
    ] as const) {
      const number = match(form);
      if (number === undefined) continue;
      push(type, number.replaceAll('_', ''));
      return number;
    }
    const name = match(word);
    if (name !== undefined) {
      if (!identifier.test(name)) throw syntaxError('Invalid character in identifier', line);
      push('name', name);
      return name;
    }
    const text = match(quotedText);
    if (text !== undefined) {
      push('string', unescape(text.slice(1, -1), line));
      return text;
    }
    const sign = match(operator);
    if (sign === undefined)
      throw syntaxError(`unexpected char '${String.fromCodePoint(source.codePointAt(at) ?? 0)}' at ${at}`, line);
    const closer = closers[sign];
    if (closer !== undefined) open.push(closer);
    else if (')]}'.includes(sign)) {
      const expected = open.pop();
      if (expected !== sign)
        throw syntaxError(`unexpected '${sign}'${expected === undefined ? '' : `, expected '${expected}'`}`, line);
    }
    push('operator', sign);
    return sign;
  }

  while (at < source.length) {
    opening.lastIndex = at;
    const found = opening.exec(source);
    if (!found) {
      push('data', source.slice(at));
      break;
    }
    const text = source.slice(at, found.index);
    const kind = found[0];
    const sign = /[-+]/.exec(source.charAt(found.index + 2))?.[0] ?? '';
    const data = before(text, sign, kind !== '{{');
    if (data !== '') push('data', data);
    pass(text);
    const raw = kind === '{%' ? match(rawOpening) : undefined;
    if (raw !== undefined) {
      pass(raw);
      rawClosing.lastIndex = at;
      const end = rawClosing.exec(source);
      if (!end) throw syntaxError('Missing end of raw directive', line);
      const inner = before(source.slice(at, end.index), end[1] ?? '', true);
      if (inner !== '') push('data', inner);
      pass(source.slice(at, end.index + end[0].length));
      continue;
    }
    if (kind !== '{#') push(kind === '{{' ? 'variable_begin' : 'block_begin', kind);
    pass(kind + sign);
    if (kind === '{#') {
      commentClosing.lastIndex = at;
      const end = commentClosing.exec(source);
      if (!end) throw syntaxError('Missing end of comment tag', line);
      pass(source.slice(at, end.index + end[0].length));
    } else readInside(kind === '{%');
  }
  push('end', '');
  return tokens;
}

function countLines(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

const escapeForm = /\\(?:([0-7]{1,3})|x([\da-fA-F]{0,2})|u([\da-fA-F]{0,4})|U([\da-fA-F]{0,8})|([^]))/gu;
const simpleEscapes: Readonly<Record<string, string>> = {
  ...{ '\n': '', '\\': '\\', "'": "'", '"': '"', a: '\x07', b: '\b' },
  ...{ f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' },
};

/** The escapes of a Python string. */
function unescape(text: string, line: number): string {
  if (!text.includes('\\')) return text;
  return text.replace(escapeForm, (found, octal, byte, short, long, other: string | undefined) => {
    if (octal !== undefined) return String.fromCodePoint(parseInt(octal as string, 8));
    for (const [digits, count] of [
      [byte, 2],
      [short, 4],
      [long, 8],
    ] as const) {
      if (digits === undefined) continue;
      const code = parseInt(digits as string, 16);
      if ((digits as string).length < count) throw syntaxError(`truncated escape in a string: ${found}`, line);
      if (code > 0x10ffff) throw syntaxError('illegal Unicode character', line);
      return String.fromCodePoint(code);
    }
    if (other === 'N') throw syntaxError('characters by name are not read here', line);
    const simple = simpleEscapes[other ?? ''];
    if (simple !== undefined) return simple;
    // jinja2 writes the text as ASCII first, so that a backslash before another letter escapes that letter's own backslash.
    if (other !== undefined && other > '\x7f') return asciiEscape(other);
    return found;
  });
}

function asciiEscape(point: string): string {
  const code = point.codePointAt(0) ?? 0;
  const [letter, size] = code < 0x100 ? ['x', 2] : code < 0x10000 ? ['u', 4] : ['U', 8];
  return `\\${letter}${code.toString(16).padStart(size as number, '0')}`;
}
