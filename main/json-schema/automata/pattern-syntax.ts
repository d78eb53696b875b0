/** Reads a regular expression of ECMA-262 into a tree. */
import type { Budget } from '../budget.ts';
import type { Range } from './automaton.ts';
import { escapedSets, everyCodePoint, insideLine, othersThan, propertySet, setOf } from './code-points.ts';

export type PatternNode =
  | { readonly kind: 'set'; readonly set: readonly Range[] }
  | { readonly kind: 'start' }
  | { readonly kind: 'end' }
  | { readonly kind: 'sequence'; readonly parts: readonly PatternNode[] }
  | { readonly kind: 'choice'; readonly options: readonly PatternNode[] }
  | { readonly kind: 'repeat'; readonly part: PatternNode; readonly least: number; readonly most: number | null }
  | { readonly kind: 'lookahead'; readonly part: PatternNode; readonly negated: boolean };

/** Why an expression cannot be held, as the end of a sentence. */
export interface PatternProblem {
  readonly problem: string;
}

/** Steps of looking up a property of Unicode. */
const PROPERTY_STEPS = 20_000;
const MAX_DEPTH = 60;
const MAX_REPEATS = 5000;
const controls: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13, 0: 0 };

/** The tree of the expression `source`. @throws PatternProblem for what no automaton holds; AppError from `budget`. */
export function readPattern(source: string, budget: Budget): PatternNode {
  const reader = createReader(source, budget);
  const tree = readChoice(reader, 0);
  if (reader.peek() !== undefined) throw problem('a parenthesis closes nothing');
  return tree;
}

/** Whether `error` was thrown by `readPattern`. */
export function isPatternProblem(error: unknown): error is PatternProblem {
  return typeof error === 'object' && error !== null && 'problem' in error;
}

function problem(text: string): PatternProblem & Error {
  return Object.assign(new Error(text), { problem: text });
}

interface Reader {
  readonly budget: Budget;
  peek(ahead?: number): string | undefined;
  take(): string;
  /** Takes `text` when it is next. */
  skip(text: string): boolean;
  /** Takes what `expression`, which must be sticky, matches here. */
  match(expression: RegExp): RegExpExecArray | null;
}

function createReader(source: string, budget: Budget): Reader {
  let at = 0;
  const peek = (ahead = 0): string | undefined => {
    const code = source.codePointAt(at + ahead);
    return code === undefined ? undefined : String.fromCodePoint(code);
  };
  return {
    budget,
    peek,
    take() {
      const next = peek();
      if (next === undefined) throw problem('it ends too early');
      at += next.length;
      return next;
    },
    skip(text) {
      if (!source.startsWith(text, at)) return false;
      at += text.length;
      return true;
    },
    match(expression) {
      expression.lastIndex = at;
      const found = expression.exec(source);
      if (found) at += found[0].length;
      return found;
    },
  };
}

function readChoice(reader: Reader, depth: number): PatternNode {
  if (depth > MAX_DEPTH) throw problem(`it has more than ${MAX_DEPTH} levels of parentheses`);
  const options = [readSequence(reader, depth)];
  while (reader.skip('|')) options.push(readSequence(reader, depth));
  const [only] = options;
  return options.length === 1 && only ? only : { kind: 'choice', options };
}

function readSequence(reader: Reader, depth: number): PatternNode {
  const parts: PatternNode[] = [];
  for (let next = reader.peek(); next !== undefined && next !== '|' && next !== ')'; next = reader.peek()) {
    const part = readAtom(reader, depth);
    parts.push(readQuantifier(reader, part));
  }
  return { kind: 'sequence', parts };
}

function readQuantifier(reader: Reader, part: PatternNode): PatternNode {
  let least = 0;
  let most: number | null = null;
  const counted = reader.match(/\{(\d{1,9})(,(\d{1,9})?)?\}/y);
  if (counted) {
    least = Number(counted[1]);
    most = counted[2] === undefined ? least : counted[3] === undefined ? null : Number(counted[3]);
    if (most !== null && most < least) throw problem('a repetition ends before it begins');
    if (Math.max(least, most ?? 0) > MAX_REPEATS) throw problem(`it repeats more than ${MAX_REPEATS} times`);
  } else if (reader.skip('*')) least = 0;
  else if (reader.skip('+')) least = 1;
  else if (reader.skip('?')) most = 1;
  else return part;
  reader.skip('?'); // What is matched in all does not depend on greed.
  if (part.kind === 'start' || part.kind === 'end' || part.kind === 'lookahead')
    throw problem('it repeats something that matches no text');
  return { kind: 'repeat', part, least, most };
}

function readAtom(reader: Reader, depth: number): PatternNode {
  if (reader.skip('(')) return readGroup(reader, depth);
  const next = reader.take();
  switch (next) {
    case '^':
      return { kind: 'start' };
    case '$':
      return { kind: 'end' };
    case '.':
      return { kind: 'set', set: insideLine };
    case '[':
      return { kind: 'set', set: readClass(reader) };
    case '\\':
      return { kind: 'set', set: readEscape(reader, false) };
    case '*':
    case '+':
    case '?':
      throw problem(`"${next}" repeats nothing`);
    default:
      return one(next.codePointAt(0) ?? 0);
  }
}

function readGroup(reader: Reader, depth: number): PatternNode {
  const lookahead = reader.match(/\?(=|!)/y);
  if (!lookahead && reader.peek() === '?') {
    if (reader.match(/\?<[=!]/y)) throw problem('it looks behind');
    if (!reader.match(/\?(:|<[A-Za-z_$][\w$]*>)/y)) throw problem('it has a group of an unknown kind');
  }
  const part = readChoice(reader, depth + 1);
  if (!reader.skip(')')) throw problem('a parenthesis is not closed');
  return lookahead ? { kind: 'lookahead', part, negated: lookahead[1] === '!' } : part;
}

const one = (code: number): PatternNode => ({ kind: 'set', set: setOf([[code, code]]) });

/** The set of an escape, whose backslash is taken. */
function readEscape(reader: Reader, inClass: boolean): readonly Range[] {
  const named = reader.match(/([pP])\{([^}]{1,80})\}/y);
  if (named) {
    reader.budget.spend(PROPERTY_STEPS);
    const set = propertySet(named[2] ?? '');
    if (!set) throw problem(`Unicode has no property "${named[2]}"`);
    return named[1] === 'P' ? othersThan(set) : set;
  }
  const code = readCode(reader);
  if (code !== null) return setOf([[code, code]]);
  const letter = reader.take();
  const set = escapedSets[letter];
  if (set) return set;
  if (!inClass && (letter === 'b' || letter === 'B')) throw problem('it asks for the border of a word');
  if (inClass && letter === 'b') return [[8, 8]];
  if (/[1-9k]/.test(letter)) throw problem('it refers back to a group');
  if (/[A-Za-z0-9]/.test(letter)) throw problem(`the escape "\\${letter}" has no meaning`);
  const plain = letter.codePointAt(0) ?? 0;
  return setOf([[plain, plain]]);
}

/** The code point of an escape that stands for one; null for others. */
function readCode(reader: Reader): number | null {
  const pair = reader.match(/u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})/y);
  if (pair) return 0x10000 + ((parseInt(pair[1] ?? '', 16) & 0x3ff) << 10) + (parseInt(pair[2] ?? '', 16) & 0x3ff);
  const hex = reader.match(/u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})/y);
  if (hex) {
    const code = parseInt(hex[1] ?? hex[2] ?? hex[3] ?? '', 16);
    if (code > 0x10ffff) throw problem('it has a code point beyond Unicode');
    return code;
  }
  const control = reader.match(/c([A-Za-z])/y);
  if (control) return (control[1]?.codePointAt(0) ?? 0) % 32;
  const letter = reader.match(/[tnvfr]|0(?!\d)/y)?.[0];
  return letter === undefined ? null : (controls[letter] ?? null);
}

/** The set of a class, whose "[" is taken. */
function readClass(reader: Reader): readonly Range[] {
  const negated = reader.skip('^');
  const ranges: Range[] = [];
  const readMember = (): readonly Range[] => {
    const next = reader.take();
    const code = next.codePointAt(0) ?? 0;
    return next === '\\' ? readEscape(reader, true) : [[code, code]];
  };
  while (!reader.skip(']')) {
    const first = readMember();
    if (reader.peek() !== '-' || reader.peek(1) === ']') {
      ranges.push(...first);
      continue;
    }
    reader.take();
    const last = readMember();
    const from = singleOf(first);
    const to = singleOf(last);
    if (from === null || to === null) {
      ranges.push(...first, [0x2d, 0x2d], ...last);
      continue;
    }
    if (from > to) throw problem('a range of characters ends before it begins');
    ranges.push([from, to]);
  }
  const set = setOf(ranges);
  if (!negated) return set;
  return set.length === 0 ? everyCodePoint : othersThan(set);
}

function singleOf(set: readonly Range[]): number | null {
  const [range] = set;
  return set.length === 1 && range && range[0] === range[1] ? range[0] : null;
}
