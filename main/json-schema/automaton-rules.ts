/** Writes automata as rules: one for each state, so that at most one way through the grammar is open at a time. */
import { transitionsOf, type Automaton, type Range } from './automata/automaton.ts';
import { everyCodePoint } from './automata/code-points.ts';
import { setText, type Element, type RuleBook, type Sequence } from './rules.ts';

const backslash = '\\';
/** How JSON writes the characters that it escapes. */
const shortEscapes: Readonly<Record<number, string>> = {
  8: 'b',
  9: 't',
  10: 'n',
  12: 'f',
  13: 'r',
  34: '"',
  92: backslash,
};

/** The ways to write one character of a set in a string of JSON, escaped only where it must be. */
export function jsonCharacters(ranges: readonly Range[]): readonly Element[] {
  if (isEvery(ranges)) return [{ rule: 'char' }];
  const plain = ranges.flatMap(([first, last]) => withoutCode(without(first, last), [34, 92]));
  const written: Element[] = plain.length > 0 ? [characters(plain)] : [];
  const has = (code: number): boolean => ranges.some(([first, last]) => first <= code && code <= last);
  for (const code of [34, 92]) if (has(code)) written.push({ literal: backslash + (shortEscapes[code] ?? '') });
  const controls = Array.from({ length: 32 }, (_, code) => code).filter(has);
  if (controls.length === 32) written.push({ rule: 'control' });
  else
    for (const code of controls)
      written.push({ literal: backslash + (shortEscapes[code] ?? `u${code.toString(16).padStart(4, '0')}`) });
  return written;
}

/** The one way to write a character of a set outside of strings. */
export function plainCharacters(ranges: readonly Range[]): readonly Element[] {
  return [characters(ranges)];
}

function characters(ranges: readonly Range[]): Element {
  const [range] = ranges;
  return ranges.length === 1 && range && range[0] === range[1]
    ? { literal: String.fromCodePoint(range[0]) }
    : { set: setText(ranges) };
}

function isEvery(ranges: readonly Range[]): boolean {
  // A range over the surrogates is one that no text can tell apart.
  const last = ranges.at(-1)?.[1];
  return (
    ranges[0]?.[0] === 0 &&
    last === everyCodePoint.at(-1)?.[1] &&
    ranges.every(([first], index) => index === 0 || (first <= 0xe000 && (ranges[index - 1]?.[1] ?? 0) >= 0xd7ff))
  );
}

/** The part of a range that is no control character. */
function without(first: number, last: number): readonly Range[] {
  return last < 0x20 ? [] : [[Math.max(first, 0x20), last]];
}

function withoutCode(ranges: readonly Range[], codes: readonly number[]): readonly Range[] {
  return codes.reduce<readonly Range[]>(
    (left, code) =>
      left.flatMap(([first, last]): readonly Range[] => {
        if (code < first || code > last) return [[first, last]];
        return [
          ...(first < code ? [[first, code - 1] as const] : []),
          ...(last > code ? [[code + 1, last] as const] : []),
        ];
      }),
    ranges,
  );
}

/** What the automaton accepts, then `end`. It accepts at least one text. */
export function automatonSequence(
  automaton: Automaton,
  book: RuleBook,
  options: {
    readonly hint: string;
    readonly end: Sequence;
    readonly write: (ranges: readonly Range[]) => readonly Element[];
  },
): Sequence {
  const { hint, end, write } = options;
  const edges = Array.from(automaton.accepts, (_, state) =>
    [...transitionsOf(automaton, state)].map(([target, ranges]) => ({ target, written: write(ranges) })),
  );
  const uses = new Int32Array(edges.length);
  for (const list of edges) for (const { target, written } of list) uses[target] = (uses[target] ?? 0) + written.length;
  uses[0] = (uses[0] ?? 0) + 1;
  const names = new Map<number, string>();
  const waiting: number[] = [];
  const ruleOf = (state: number): Element => {
    let name = names.get(state);
    if (name === undefined) {
      name = book.name(hint);
      names.set(state, name);
      waiting.push(state);
    }
    return { rule: name };
  };
  /** The texts from a state on: in place as long as there is one way, which nothing else joins. */
  const from = (state: number, isFirst: boolean): Sequence => {
    const sequence: Element[] = [];
    for (let at = state, first = isFirst; ; first = false) {
      const [only, ...others] = edges[at] ?? [];
      const [element, ...variants] = only?.written ?? [];
      const accepts = automaton.accepts[at] === 1;
      if (!only && accepts) return [...sequence, ...end];
      const isJoined = (uses[at] ?? 0) > 1 || names.has(at);
      if (!first && isJoined) return [...sequence, ruleOf(at)];
      if (!only || !element || others.length > 0 || variants.length > 0 || accepts || (first && isJoined))
        return [...sequence, ruleOf(at)];
      sequence.push(element);
      at = only.target;
      if (sequence.length > 10_000) return [...sequence, ruleOf(at)];
    }
  };
  const start = from(0, true);
  for (let state = waiting.pop(); state !== undefined; state = waiting.pop()) {
    const alternatives: Sequence[] = automaton.accepts[state] === 1 ? [end] : [];
    for (const { target, written } of edges[state] ?? []) {
      const rest = from(target, false);
      for (const element of written) alternatives.push([element, ...rest]);
    }
    book.define(names.get(state) ?? '', alternatives);
  }
  return start;
}
