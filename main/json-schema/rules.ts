/** The rules of a grammar while it is made, and their text in GBNF, the language of llama.cpp's grammars. */
import type { Range } from './automata/automaton.ts';
import { LAST_CODE_POINT } from './automata/automaton.ts';
import { refusal } from './budget.ts';
import { othersThan } from './automata/code-points.ts';

/** Rules of one grammar. */
const MAX_RULES = 20_000;
/** Length of the text of one grammar. */
const MAX_LENGTH = 2_000_000;

export type Element =
  | { readonly literal: string }
  /** A set of characters as GBNF writes it. */
  | { readonly set: string }
  | { readonly rule: string };
export type Sequence = readonly Element[];

export interface RuleBook {
  /** A name that no rule has yet, after `hint`. */
  name(hint: string): string;
  /** @throws AppError `invalid_input` for too many rules. */
  define(name: string, alternatives: readonly Sequence[]): void;
  /** Defines a rule that stands only at the end of sequences. @throws as `define`. */
  defineEnd(name: string, alternatives: readonly Sequence[]): void;
  /** The alternatives of a rule of an end; undefined for other rules. */
  endOf(name: string): readonly Sequence[] | undefined;
  /** A rule that is made once, for all who ask with the same key. */
  shared(key: string, make: () => readonly Sequence[]): Element;
  /** The grammar; null when no text satisfies `root`. @throws AppError `invalid_input` for one that is too long. */
  print(root: string): string | null;
}

/** The white space between the parts of a value: a new line with its indentation or a space or none, or as it is written on one line. */
export type Whitespace = 'lines' | 'line';

/** Rules in GBNF that need no making, by name, with the rules they use. */
function fixedRules(whitespace: Whitespace): ReadonlyMap<string, readonly [text: string, uses: readonly string[]]> {
  const lines = whitespace === 'lines';
  const free = String.raw`" "? | "\n" [ \t]{0,16}`;
  return new Map([
    [
      'value',
      ['object | array | string | number | "true" | "false" | "null"', ['object', 'array', 'string', 'number']],
    ],
    ['object', ['"{" ws (entry ("," gap entry)* ws)? "}"', ['ws', 'gap', 'entry']]],
    ['entry', ['string ":" sp value', ['sp', 'string', 'value']]],
    ['array', ['"[" ws (value ("," gap value)* ws)? "]"', ['ws', 'gap', 'value']]],
    ['string', [String.raw`"\"" char* "\""`, ['char']]],
    ['chars', ['char*', ['char']]],
    ['char', [String.raw`[^"\\\x00-\x1F] | "\\" (["\\/bfnrt] | "u" unit)`, ['unit']]],
    [
      'unit',
      [
        String.raw`[0-9A-Ca-cEFef] hex hex hex | [Dd] ([0-7] hex hex | [89ABab] hex hex "\\u" [Dd] [C-Fc-f] hex hex)`,
        ['hex'],
      ],
    ],
    ['hex', ['[0-9A-Fa-f]', []]],
    ['control', [String.raw`"\\" ([bfnrt] | "u00" [01] hex)`, ['hex']]],
    [
      'number',
      [
        String.raw`"-"? whole ("." [0-9]{1,20})? ([eE] [-+]? ([0-9] [0-9]? | "1" [0-9] [0-9] | "2" [0-7] [0-9]))?`,
        ['whole'],
      ],
    ],
    ['integer', ['"0" | "-"? [1-9] [0-9]{0,19}', []]],
    ['whole', ['"0" | [1-9] [0-9]{0,19}', []]],
    ['ws', [lines ? free : '""', []]],
    ['gap', [lines ? free : '" "', []]],
    ['sp', [lines ? '" "?' : '" "', []]],
  ]);
}

export function createRuleBook(whitespace: Whitespace): RuleBook {
  const fixed = fixedRules(whitespace);
  const rules = new Map<string, readonly Sequence[]>();
  const taken = new Set(['root', ...fixed.keys()]);
  /** The last number behind each stem of names. */
  const numbers = new Map<string, number>();
  const made = new Map<string, Element>();
  const ends = new Set<string>();
  let isRootTaken = false;

  function name(hint: string): string {
    const base =
      hint
        .toLowerCase()
        .replaceAll(/[^a-z0-9]+/g, '-')
        .replaceAll(/^-+|-+$/g, '')
        .slice(0, 40) || 'part';
    if (hint === 'root' && !isRootTaken) {
      isRootTaken = true;
      return 'root';
    }
    let found = /^[a-z]/.test(base) ? base : `part-${base}`;
    const stem = found;
    let number = numbers.get(stem) ?? 1;
    while (taken.has(found)) found = `${stem}-${++number}`;
    numbers.set(stem, number);
    taken.add(found);
    return found;
  }

  function define(rule: string, alternatives: readonly Sequence[]): void {
    rules.set(rule, alternatives);
    if (rules.size > MAX_RULES) throw refusal('$schema', '', `the grammar would have more than ${MAX_RULES} rules`);
  }

  function shared(key: string, make: () => readonly Sequence[]): Element {
    const found = made.get(key);
    if (found) return found;
    const element = { rule: name(key.split(/[^\w -]/, 1)[0] ?? '') };
    made.set(key, element);
    define(element.rule, make());
    return element;
  }

  function print(root: string): string | null {
    const live = productive(rules, fixed);
    if (!live.has(root)) return null;
    const kept = new Map<string, readonly Sequence[]>();
    for (const [rule, alternatives] of rules)
      if (live.has(rule))
        kept.set(
          rule,
          alternatives.filter((one) => one.every((element) => !('rule' in element) || live.has(element.rule))),
        );
    const plain = withoutAliases(kept, root);
    const lines: string[] = [];
    const seen = new Set([root]);
    let length = 0;
    for (const rule of seen) {
      const alternatives = plain.get(rule);
      const text = alternatives ? alternatives.map(printed).join(' | ') : (fixed.get(rule)?.[0] ?? '');
      for (const used of alternatives ? alternatives.flatMap(usesOf) : (fixed.get(rule)?.[1] ?? [])) seen.add(used);
      lines.push(`${rule} ::= ${text}\n`);
      length += text.length;
      if (length > MAX_LENGTH)
        throw refusal('$schema', '', `the grammar would be longer than ${MAX_LENGTH} characters`);
    }
    return lines.join('');
  }

  return {
    name,
    define,
    shared,
    print,
    defineEnd(rule, alternatives) {
      define(rule, alternatives);
      ends.add(rule);
    },
    endOf: (rule) => (ends.has(rule) ? rules.get(rule) : undefined),
  };
}

function usesOf(sequence: Sequence): readonly string[] {
  return sequence.flatMap((element) => ('rule' in element ? [element.rule] : []));
}

/** The rules that have a text. */
function productive(
  rules: ReadonlyMap<string, readonly Sequence[]>,
  fixed: ReadonlyMap<string, unknown>,
): ReadonlySet<string> {
  const live = new Set(fixed.keys());
  /** By rule, what waits for it. */
  const waiting = new Map<string, { readonly rule: string; missing: number }[]>();
  const found: string[] = [];
  const reach = (rule: string): void => {
    if (live.has(rule)) return;
    live.add(rule);
    found.push(rule);
  };
  for (const [rule, alternatives] of rules)
    for (const sequence of alternatives) {
      const uses = new Set(usesOf(sequence).filter((used) => !fixed.has(used)));
      if (uses.size === 0) reach(rule);
      const entry = { rule, missing: uses.size };
      for (const used of uses) {
        const list = waiting.get(used);
        if (list) list.push(entry);
        else waiting.set(used, [entry]);
      }
    }
  for (let rule = found.pop(); rule !== undefined; rule = found.pop())
    for (const entry of waiting.get(rule) ?? []) if (--entry.missing === 0) reach(entry.rule);
  return live;
}

/** Puts what a rule stands for in its place, where that is one element. */
function withoutAliases(
  rules: ReadonlyMap<string, readonly Sequence[]>,
  root: string,
): ReadonlyMap<string, readonly Sequence[]> {
  const target = (element: Element): Element => {
    let at = element;
    for (let steps = 0; 'rule' in at && steps < 100; steps++) {
      const alternatives = rules.get(at.rule);
      const [only] = alternatives ?? [];
      const [single] = only ?? [];
      if (at.rule === root || alternatives?.length !== 1 || only?.length !== 1 || !single) break;
      at = single;
    }
    return at;
  };
  const plain = new Map([...rules].map(([rule, list]) => [rule, list.map((sequence) => sequence.map(target))]));
  const [only] = plain.get(root) ?? [];
  const [single] = only ?? [];
  // The root keeps its name, and takes the text of a rule that it would only name.
  const taken =
    plain.get(root)?.length === 1 && only?.length === 1 && single && 'rule' in single ? plain.get(single.rule) : null;
  return taken ? plain.set(root, taken) : plain;
}

function printed(sequence: Sequence): string {
  const parts: string[] = [];
  let text = '';
  const endText = (): void => {
    if (text !== '') parts.push(literalText(text));
    text = '';
  };
  for (let index = 0; index < sequence.length; index++) {
    const element = sequence[index];
    if (!element) continue;
    if ('literal' in element) {
      text += element.literal;
      continue;
    }
    endText();
    const name = 'set' in element ? element.set : element.rule;
    let count = 1;
    for (let next = sequence[index + 1]; next && count < 1000; next = sequence[index + 1]) {
      if (('set' in next ? next.set : 'rule' in next ? next.rule : null) !== name) break;
      count++;
      index++;
    }
    parts.push(count === 1 ? name : count === 2 ? `${name} ${name}` : `${name}{${count}}`);
  }
  endText();
  return parts.length === 0 ? '""' : parts.join(' ');
}

/** A text in quotes. */
export function literalText(text: string): string {
  return `"${text.replaceAll(/["\\\n\r\t]|[^\x20-\uffff]/gu, escapedCharacter)}"`;
}

const escapes: Readonly<Record<string, string>> = { '"': '\\"', '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function escapedCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return escapes[character] ?? (code > 0xffff ? character : `\\x${hex(code, 2)}`);
}

/** A set in brackets. */
export function setText(ranges: readonly Range[]): string {
  const isLarge = ranges.at(-1)?.[1] === LAST_CODE_POINT;
  const shown = isLarge ? othersThan(ranges) : ranges;
  const text = shown.map(([first, last]) => {
    if (first === last) return setCharacter(first);
    return `${setCharacter(first)}${last === first + 1 ? '' : '-'}${setCharacter(last)}`;
  });
  return `[${isLarge ? '^' : ''}${text.join('')}]`;
}

function setCharacter(code: number): string {
  const character = String.fromCodePoint(code);
  if (/[A-Za-z0-9 !#$%&'()*+,./:;<=>?@_`{|}~]/.test(character)) return character;
  if (code <= 0xff) return `\\x${hex(code, 2)}`;
  return code <= 0xffff ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
}

const hex = (code: number, digits: number): string => code.toString(16).toUpperCase().padStart(digits, '0');
