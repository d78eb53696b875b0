/** Splits a Go template into texts and actions, and actions into tokens. Untrusted text. */

/** Why a template cannot be translated, in words. */
export class GoTemplateError extends Error {
  override readonly name = 'GoTemplateError';
}

export type Token =
  /** `name`: a keyword or a function. `field`: `.Name`, with the letter before it for a chain. `variable`: `$` or `$name`. */
  | { readonly type: 'name' | 'variable' | 'text' | 'mark'; readonly value: string }
  | { readonly type: 'number'; readonly value: number }
  /** `isChained`: no white space stands before the dot, so that it belongs to what stands there. */
  | { readonly type: 'field'; readonly value: string; readonly isChained: boolean };

export type Chunk =
  | { readonly type: 'text'; readonly value: string }
  | { readonly type: 'action'; readonly tokens: readonly Token[]; readonly source: string };

/** White space of Go's trimming marks. */
const SPACES = ' \t\r\n';

/** @throws GoTemplateError. */
export function splitTemplate(source: string): Chunk[] {
  const chunks: Chunk[] = [];
  let trimsNext = false;
  let at = 0;
  const pushText = (text: string, trimsEnd: boolean): void => {
    let value = trimsNext ? trimmedStart(text) : text;
    if (trimsEnd) value = trimmedEnd(value);
    if (value !== '') chunks.push({ type: 'text', value });
  };
  while (at < source.length) {
    const open = source.indexOf('{{', at);
    if (open < 0) break;
    const trimsBefore = source[open + 2] === '-' && isSpace(source[open + 3]);
    pushText(source.slice(at, open), trimsBefore);
    const start = open + (trimsBefore ? 4 : 2);
    const comment = /^\s*\/\*/.exec(source.slice(start, start + 200));
    const action = comment ? endOfComment(source, start) : endOfAction(source, start);
    trimsNext = action.trims;
    if (!comment) chunks.push({ type: 'action', tokens: tokensOf(action.inside), source: action.inside.trim() });
    at = action.end;
  }
  pushText(source.slice(at), false);
  return chunks;
}

const isSpace = (letter: string | undefined): boolean => letter !== undefined && SPACES.includes(letter);

function trimmedStart(text: string): string {
  let at = 0;
  while (isSpace(text[at])) at++;
  return text.slice(at);
}

function trimmedEnd(text: string): string {
  let at = text.length;
  while (at > 0 && isSpace(text[at - 1])) at--;
  return text.slice(0, at);
}

interface Action {
  readonly inside: string;
  /** Behind the closing braces. */
  readonly end: number;
  readonly trims: boolean;
}

function endOfComment(source: string, start: number): Action {
  const close = source.indexOf('*/', start);
  const [behind] = /^(?:\s-)?\}\}/.exec(source.slice(close + 2, close + 6)) ?? [];
  if (close < 0 || behind === undefined) throw new GoTemplateError('a comment has no end');
  return { inside: '', end: close + 2 + behind.length, trims: behind.length > 2 };
}

/** Where an action ends: not at braces in a text. */
function endOfAction(source: string, start: number): Action {
  let quote = '';
  for (let at = start; at < source.length; at++) {
    const letter = source[at] ?? '';
    if (quote !== '') {
      if (letter === '\\' && quote === '"') at++;
      else if (letter === quote) quote = '';
      continue;
    }
    if (letter === '"' || letter === '`') quote = letter;
    else if (source.startsWith('}}', at)) {
      const trims = source[at - 1] === '-' && isSpace(source[at - 2]);
      return { inside: source.slice(start, trims ? at - 2 : at), end: at + 2, trims };
    }
  }
  throw new GoTemplateError(`the action {{${source.slice(start, start + 40)} has no end`);
}

const patterns: readonly [RegExp, (match: RegExpExecArray, before: string) => Token | null][] = [
  [/\s+/y, () => null],
  [
    /\.([A-Za-z_]\w*)?/y,
    ([, name = ''], before) => ({ type: 'field', value: name, isChained: /[\w)$]$/.test(before) }),
  ],
  [/\$\w*/y, ([name]) => ({ type: 'variable', value: name })],
  [/[A-Za-z_]\w*/y, ([name]) => ({ type: 'name', value: name })],
  [/[-+]?\d+(?:\.\d+)?(?![\w.])/y, ([number]) => ({ type: 'number', value: Number(number) })],
  [/"(?:[^"\\\n]|\\.)*"/y, ([text]) => ({ type: 'text', value: unescaped(text.slice(1, -1)) })],
  [/`[^`]*`/y, ([text]) => ({ type: 'text', value: text.slice(1, -1) })],
  [/:=|[=|(),]/y, ([mark]) => ({ type: 'mark', value: mark })],
];

function tokensOf(inside: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  next: while (at < inside.length) {
    for (const [pattern, tokenOf] of patterns) {
      pattern.lastIndex = at;
      const match = pattern.exec(inside);
      if (!match) continue;
      const token = tokenOf(match, inside.slice(Math.max(0, at - 1), at));
      if (token) tokens.push(token);
      at += match[0].length;
      continue next;
    }
    throw new GoTemplateError(`"${inside.slice(at, at + 20)}" in {{${inside.slice(0, 60)}}} is not known`);
  }
  return tokens;
}

const escapes: Readonly<Record<string, string>> = {
  ...{ n: '\n', t: '\t', r: '\r', '"': '"', '\\': '\\', "'": "'", a: '\u0007', b: '\b', f: '\f', v: '\v' },
};

function unescaped(text: string): string {
  return text.replaceAll(
    /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))/g,
    (_whole, x, u, long, one) => {
      const code = (x ?? u ?? long) as string | undefined;
      if (code !== undefined) {
        const point = Number.parseInt(code, 16);
        if (point > 0x10_ff_ff) throw new GoTemplateError(`\\U${code} is no letter`);
        return String.fromCodePoint(point);
      }
      const letter = escapes[one as string];
      if (letter === undefined) throw new GoTemplateError(`the escape \\${one as string} is not known`);
      return letter;
    },
  );
}
