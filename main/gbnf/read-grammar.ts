/**
 * Reads a GBNF grammar as llama.cpp does, for what it would cost there: repetitions and groups become rules of their own. What
 * cannot be read is refused, because llama.cpp sees only what was checked.
 */
import { AppError } from '../../preload/wire/errors.ts';
import { formatInteger } from '../base/format.ts';

/** Characters that an element takes: one of the ranges, or with `isNot` any other. */
export interface CharElement {
  readonly ranges: readonly (readonly [from: number, to: number])[];
  readonly isNot: boolean;
}
/** The number of a rule, or characters. */
export type Element = number | CharElement;
export type Rule = readonly (readonly Element[])[];

export interface GrammarRules {
  readonly rules: readonly Rule[];
  /** The number of the rule of this name; undefined when there is none. */
  idOf(name: string): number | undefined;
}

/** llama.cpp reads a group within a group by a call within a call, and 20,000 of them overflow its stack. */
const DEPTH_LIMIT = 256;
/** Elements of all rules, repetitions written out. */
const ELEMENT_LIMIT = 500_000;
/** llama.cpp's own limit of repetitions; a higher maximum is none. */
const REPETITION_LIMIT = 2000;
/** llama.cpp looks for left recursion by calls within calls, and once for every way that leads to a rule. */
const CHAIN_LIMIT = 2000;
const LOOKUP_LIMIT = 1_000_000;
/** Of Unicode. */
const LAST_CODE_POINT = 0x10ffff;

/** A grammar that is refused before llama.cpp sees it. */
export function refuseGrammar(
  reason: string,
  sentence: string,
  facts: Readonly<Record<string, string | number>>,
): AppError {
  return new AppError('invalid_input', `The grammar could not be used: ${sentence}`, {
    ...{ reason, field: 'grammar' },
    ...facts,
  });
}

/** What is missing, or cannot stand, where a text stops to be a grammar. */
export type GrammarPart =
  | 'rule_name'
  | 'defined_as'
  | 'closing_quote'
  | 'closing_bracket'
  | 'closing_parenthesis'
  | 'escape'
  | 'repetition'
  | 'repeated'
  | 'line_end'
  | 'rule'
  | 'root'
  | 'text';

/** Where a text stops to be a grammar. */
interface Fault {
  at: number;
  part: GrammarPart;
  /** Of a rule that is named and not written. */
  name?: string;
}

/**
 * @throws AppError `invalid_input` with the rule and the limit in its facts. Null for a text that is no grammar; with `tellsWhy` it is an
 * error, too, and all errors of the text's form have their place, `at`.
 */
export function readGrammar(text: string, { tellsWhy = false } = {}): GrammarRules | null {
  const fault: Fault = { at: 0, part: 'text' };
  try {
    const reader = createReader(text, fault);
    if (!reader || (tellsWhy && reader.idOf('root') === undefined)) {
      if (!tellsWhy) return null;
      if (reader) Object.assign(fault, { at: 0, part: 'root' });
      throw refuseGrammar('grammar_syntax', `it cannot be read as GBNF (${fault.part}).`, { ...fault });
    }
    return checkRecursion(reader);
  } catch (error) {
    if (!tellsWhy || !(error instanceof AppError)) throw error;
    throw new AppError(error.code, error.message, { at: placeOf(text, error, fault), ...error.data });
  }
}

/** Where the rule of an error is written, or else how far the text was read. */
function placeOf(text: string, { data }: AppError, fault: Fault): number {
  const rule = data?.['rule'];
  if (typeof rule !== 'string' || !/^[A-Za-z0-9-]+$/.test(rule)) return fault.at;
  return Math.max(0, text.search(new RegExp(`(?<![A-Za-z0-9-])${rule}[ \\t]*::=`)));
}

/** A place in the text of a grammar, and what can be read there without knowing the rules. Null for what is no grammar. */
interface Cursor {
  isAtEnd(): boolean;
  /** The next character; empty at the end. */
  next(): string;
  skip(): void;
  /** What the sticky pattern finds here. */
  take(pattern: RegExp): string | null;
  /** Skips white space and comments, with `lines` also ends of lines. */
  space(lines: boolean): void;
  /** @throws AppError `invalid_input` for a character that is none. */
  literal(): CharElement[] | null;
  /** Nothing for an empty set, as llama.cpp reads it. @throws the same. */
  set(): CharElement[] | null;
  repetition(): readonly [least: number, most: number] | null;
  /** Keeps this place as the one where the text stops to be a grammar. */
  fail(part: GrammarPart): null;
}

/** `ruleName` tells where in the grammar an error is. */
function createCursor(text: string, ruleName: () => string, fault: Fault): Cursor {
  let at = 0;
  const space = (lines: boolean): void => {
    for (;;) {
      const match = sticky(lines, at).exec(text);
      if (!match) return;
      at += match[0].length;
    }
  };
  const take = (pattern: RegExp): string | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0] ?? null;
    if (found !== null) at += found.length;
    return found;
  };
  const fail = (part: GrammarPart): null => {
    Object.assign(fault, { at, part });
    return null;
  };
  const char = (missing: GrammarPart): number | null => {
    const escaped = take(/\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[-tnr"\\[\]])/y);
    if (escaped !== null) {
      const [, kind = '', digits = ''] = /^\\(.)(.*)$/s.exec(escaped) ?? [];
      if (digits !== '') return parseInt(digits, 16);
      return ({ t: 9, n: 10, r: 13 } as Record<string, number>)[kind] ?? kind.codePointAt(0) ?? 0;
    }
    if (text[at] === '\\') return fail('escape');
    const code = text.codePointAt(at);
    if (code === undefined) return fail(missing);
    at += code > 0xffff ? 2 : 1;
    return code;
  };

  /** llama.cpp reads such an element, finds no token for it, and throws when a token is chosen. */
  const refuseCode = (code: number): AppError =>
    refuseGrammar('grammar_character', `the rule “${ruleName()}” asks for ${codeName(code)}, which no text contains.`, {
      rule: ruleName(),
      character: codeName(code),
    });

  function literal(): CharElement[] | null {
    at++;
    const read: CharElement[] = [];
    while (text[at] !== '"') {
      const code = char('closing_quote');
      if (code === null) return null;
      if (code === 0 || isNoCharacter(code)) throw refuseCode(code);
      read.push({ ranges: [[code, code]], isNot: false });
    }
    at++;
    return read;
  }

  function set(): CharElement[] | null {
    at++;
    const isNot = take(/\^/y) !== null;
    const ranges: [number, number][] = [];
    while (text[at] !== ']') {
      const from = char('closing_bracket');
      if (from === null) return null;
      let to: number | null = from;
      if (text[at] === '-' && text[at + 1] !== ']') {
        at++;
        to = char('closing_bracket');
      }
      if (to === null) return null;
      for (const code of [from, to])
        if (code > LAST_CODE_POINT || (!isNot && isNoCharacter(code))) throw refuseCode(code);
      ranges.push([from, to]);
    }
    at++;
    return ranges.length === 0 ? [] : [{ ranges, isNot }];
  }

  function repetition(): readonly [least: number, most: number] | null {
    const sign = take(/[*+?]/y);
    if (sign !== null) return sign === '*' ? [0, Infinity] : sign === '+' ? [1, Infinity] : [0, 1];
    const found = take(/\{\s*\d+\s*(?:,\s*\d*\s*)?\}/y);
    if (found === null) return fail('repetition');
    const [, least = '', comma = '', most = ''] = /(\d+)\s*(,?)\s*(\d*)/.exec(found) ?? [];
    const highest = comma === '' ? Number(least) : most === '' ? Infinity : Number(most);
    if (Number(least) > REPETITION_LIMIT) return fail('repetition');
    return [Number(least), highest > REPETITION_LIMIT ? Infinity : highest];
  }

  return {
    isAtEnd: () => at >= text.length,
    next: () => text[at] ?? '',
    skip: () => void at++,
    ...{ take, space, literal, set, repetition, fail },
  };
}

const isNoCharacter = (code: number): boolean => code > LAST_CODE_POINT || (code >= 0xd800 && code <= 0xdfff);
const codeName = (code: number): string => `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;

function sticky(lines: boolean, at: number): RegExp {
  const pattern = lines ? /[ \t\r\n]+|#[^\r\n]*/y : /[ \t]+|#[^\r\n]*/y;
  pattern.lastIndex = at;
  return pattern;
}

function createReader(text: string, fault: Fault): (GrammarRules & { readonly nameOf: (id: number) => string }) | null {
  const ids = new Map<string, number>();
  const rules: Element[][][] = [];
  let depth = 0;
  let elements = 0;
  let current = '';
  const cursor = createCursor(text, () => current, fault);
  const { isAtEnd, next: peek, skip, take, space, literal, set, repetition, fail } = cursor;
  const idOf = (name: string): number => {
    const known = ids.get(name);
    if (known !== undefined) return known;
    ids.set(name, ids.size);
    return ids.size - 1;
  };
  const ownRule = (): number => idOf(`${current}\0${ids.size}`);
  const count = (more: number): void => {
    elements += more;
    if (elements > ELEMENT_LIMIT)
      throw refuseGrammar(
        'grammar_too_large',
        `with its repetitions written out it has more than ${formatInteger(ELEMENT_LIMIT)} elements, the last of them in the rule “${current}”.`,
        {
          rule: current,
          limit: ELEMENT_LIMIT,
        },
      );
  };
  /** Alternatives up to the end of the rule or group; null for what is no grammar. */
  function alternatives(nested: boolean): Element[][] | null {
    const all: Element[][] = [];
    do {
      space(nested || all.length > 0);
      const one = sequence(nested);
      if (!one) return null;
      all.push(one);
    } while (take(/\|/y) !== null);
    return all;
  }

  function sequence(nested: boolean): Element[] | null {
    const made: Element[] = [];
    let lastStart = 0;
    for (;;) {
      const next = peek();
      if (next === '"' || next === '[') {
        lastStart = made.length;
        const read = next === '"' ? literal() : set();
        if (!read) return null;
        count(read.length);
        for (const one of read) made.push(one);
      } else if (next === '.') {
        skip();
        lastStart = made.length;
        count(1);
        made.push({ ranges: [], isNot: true });
      } else if (next === '(') {
        skip();
        const inner = group();
        if (inner === null) return null;
        lastStart = made.length;
        count(1);
        made.push(inner);
      } else if (/[*+?{]/.test(next)) {
        const times = repetition();
        if (!times) return null;
        if (lastStart === made.length) return fail('repeated');
        // llama.cpp subtracts one from the other without a sign, and fills the memory with rules.
        if (times[1] < times[0])
          throw refuseGrammar(
            'grammar_repetition',
            `the rule “${current}” has a repetition with a most of ${times[1]} below its least of ${times[0]}.`,
            { rule: current, least: times[0], most: times[1] },
          );
        repeat(made, lastStart, times);
      } else if (next === '<' || next === '!') {
        // Whether such a token exists, and in which text it ends, is not followed here.
        throw refuseGrammar(
          'grammar_token',
          `the rule “${current}” names a token of the vocabulary. Write its text in quotes.`,
          { rule: current },
        );
      } else {
        const name = take(/[A-Za-z0-9-]+/y);
        if (name === null) return made;
        lastStart = made.length;
        count(1);
        made.push(idOf(name));
      }
      space(nested);
    }
  }

  function group(): number | null {
    depth++;
    if (depth > DEPTH_LIMIT)
      throw refuseGrammar(
        'grammar_too_deep',
        `the rule “${current}” has more than ${formatInteger(DEPTH_LIMIT)} groups within each other.`,
        {
          rule: current,
          limit: DEPTH_LIMIT,
        },
      );
    const id = ownRule();
    const inner = alternatives(true);
    if (!inner) return null;
    if (take(/\)/y) === null) return fail('closing_parenthesis');
    depth--;
    rules[id] = inner;
    return id;
  }

  /** Puts rules of their own in the place of what is repeated, as llama.cpp does. */
  function repeat(made: Element[], start: number, [least, most]: readonly [number, number]): void {
    const item = made.splice(start);
    count(item.length * (least + (Number.isFinite(most) ? most - least : 1)));
    for (let times = 0; times < least; times++) for (const one of item) made.push(one);
    if (most === Infinity) {
      const id = ownRule();
      rules[id] = [[...item, id], []];
      made.push(id);
      return;
    }
    let rest: number | null = null;
    for (let times = least; times < most; times++) {
      const id = ownRule();
      rules[id] = [rest === null ? [...item] : [...item, rest], []];
      rest = id;
    }
    if (rest !== null) made.push(rest);
  }

  // Where the text ends for llama.cpp.
  if (text.includes('\0')) return null;
  space(true);
  while (!isAtEnd()) {
    const name = take(/[A-Za-z0-9-]+/y);
    if (name === null) return fail('rule_name');
    current = name;
    space(false);
    if (take(/::=/y) === null) return fail('defined_as');
    space(true);
    const id = idOf(name);
    const all = alternatives(false);
    if (!all) return null;
    rules[id] = all;
    if (!isAtEnd() && take(/\r\n|\r|\n/y) === null) return fail('line_end');
    space(true);
  }
  // A rule that is named and not written.
  const names = [...ids.keys()].map((name) => name.split('\0')[0] ?? '');
  for (let id = 0; id < ids.size; id++)
    if (!rules[id]) {
      const name = names[id] ?? '';
      Object.assign(fault, { at: firstUse(text, name), part: 'rule', name });
      return null;
    }
  return { rules, idOf: (name) => ids.get(name), nameOf: (id) => names[id] ?? '' };
}

/** Where a rule is named, outside of texts, sets and comments. */
function firstUse(text: string, name: string): number {
  for (const { 0: word, index } of text.matchAll(/"(?:\\.|[^"\\])*"|\[(?:\\.|[^\]\\])*\]|#[^\r\n]*|[A-Za-z0-9-]+/g))
    if (word === name) return index;
  return 0;
}

/** The rules that a rule may begin with, as llama.cpp looks for them. */
function beginnings(rules: readonly Rule[], id: number): number[] {
  const found: number[] = [];
  for (const sequence of rules[id] ?? [])
    for (const element of sequence) {
      if (typeof element !== 'number') break;
      found.push(element);
      if (!(rules[element] ?? []).some(({ length }) => length === 0)) break;
    }
  return found;
}

/** @throws AppError `invalid_input` where llama.cpp's search for left recursion finds one, or would not end. */
function checkRecursion(grammar: GrammarRules & { readonly nameOf: (id: number) => string }): GrammarRules {
  const { rules } = grammar;
  const lookups: number[] = [];
  const inProgress = new Set<number>();
  const visit = (id: number): number => {
    const known = lookups[id];
    if (known !== undefined) return known;
    const rule = grammar.nameOf(id);
    if (inProgress.has(id))
      throw refuseGrammar('grammar_left_recursion', `the rule “${rule}” begins with itself.`, { rule });
    if (inProgress.size >= CHAIN_LIMIT)
      throw refuseGrammar(
        'grammar_too_deep',
        `more than ${formatInteger(CHAIN_LIMIT)} rules begin with each other, the last of them “${rule}”.`,
        { rule, limit: CHAIN_LIMIT },
      );
    inProgress.add(id);
    let sum = 1;
    for (const next of beginnings(rules, id)) sum += visit(next);
    inProgress.delete(id);
    if (sum > LOOKUP_LIMIT)
      throw refuseGrammar(
        'grammar_too_ambiguous',
        `the rule “${rule}” can begin in more than ${formatInteger(LOOKUP_LIMIT)} ways.`,
        { rule, limit: LOOKUP_LIMIT },
      );
    lookups[id] = sum;
    return sum;
  };
  for (const id of rules.keys()) visit(id);
  return grammar;
}
