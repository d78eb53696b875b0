/**
 * Follows a grammar as llama.cpp does, by the ways in which a text can go on, to find out what the next token would cost there: llama.cpp
 * looks at all ways for each token of the vocabulary, and cannot be interrupted.
 */
import { refuseGrammar, type CharElement, type GrammarRules } from './read-grammar.ts';
import { formatInteger } from '../base/format.ts';

/** Ways at one place of the text. llama.cpp compares each with all others. */
const WAYS_LIMIT = 1000;
/** Ways through the next characters of one token, where some of these lead to the same place. */
const TOKEN_WAYS_LIMIT = 20_000;
const TOKEN_CHARS = 8;
/** Steps from one place to all ways at the next. */
const STEP_LIMIT = 200_000;
/** Places that are remembered. Beyond, a long reply is no longer followed. */
const PLACE_LIMIT = 300_000;

/** What is still to come on one way: an element, and what follows its sequence. Equal ones are the same object. */
interface Place {
  readonly rule: number;
  readonly sequence: number;
  readonly index: number;
  readonly then: Place | null;
  readonly id: number;
}
/** The ways of a text that may go on; `null` is its end. */
type Ways = ReadonlySet<Place | null>;

export interface GrammarWays {
  /** Follows the text of a token. @throws AppError `invalid_input` when the next token would cost too much. */
  accept(text: string): void;
  /** Whether the text may end here; null where it is no longer followed. */
  mayEnd(): boolean | null;
}

/** @throws AppError `invalid_input` when already the first token would cost too much. */
export function followWays(grammar: GrammarRules, root: string): GrammarWays {
  const { rules } = grammar;
  const places = new Map<string, Place>();
  const checked = new Set<string>();
  let steps = 0;

  const refuse = (what: string, limit: number): Error =>
    refuseGrammar('grammar_too_ambiguous', `a text can go on in more than ${formatInteger(limit)} ways ${what}.`, {
      limit,
    });

  const place = (rule: number, sequence: number, index: number, then: Place | null): Place | null => {
    const elements = rules[rule]?.[sequence] ?? [];
    if (index >= elements.length) return then;
    const key = `${rule} ${sequence} ${index} ${then?.id ?? ''}`;
    const known = places.get(key);
    if (known) return known;
    const made: Place = { rule, sequence, index, then, id: places.size };
    places.set(key, made);
    return made;
  };
  const elementOf = (at: Place): number | CharElement => rules[at.rule]?.[at.sequence]?.[at.index] ?? -1;

  /** All ways from a place to its next characters. */
  function advance(from: Place | null, into: Set<Place | null>): void {
    const seen = new Set<Place | null>();
    const todo = [from];
    while (todo.length > 0) {
      const at = todo.pop() ?? null;
      if (seen.has(at)) continue;
      seen.add(at);
      if (++steps > STEP_LIMIT) throw refuse('at one place', WAYS_LIMIT);
      const element = at && elementOf(at);
      if (at === null || typeof element !== 'number') {
        into.add(at);
        if (into.size > WAYS_LIMIT) throw refuse('at one place', WAYS_LIMIT);
        continue;
      }
      const behind = place(at.rule, at.sequence, at.index + 1, at.then);
      for (const sequence of (rules[element] ?? []).keys()) todo.push(place(element, sequence, 0, behind));
    }
  }

  function next(ways: Iterable<Place | null>, code: number): Set<Place | null> {
    const into = new Set<Place | null>();
    for (const at of ways)
      if (at && matches(elementOf(at), code)) advance(place(at.rule, at.sequence, at.index + 1, at.then), into);
    return into;
  }

  /** Counts the ways through the characters that leave the most open. llama.cpp goes through them for each token that begins so. */
  function checkToken(ways: Ways): void {
    let counts = new Map<Place | null, number>([...ways].map((one) => [one, 1]));
    for (let depth = 0; depth < TOKEN_CHARS && counts.size > 0; depth++) {
      let best = new Map<Place | null, number>();
      let most = 0;
      for (const code of samples(counts.keys())) {
        const after = new Map<Place | null, number>();
        let sum = 0;
        for (const [at, count] of counts) {
          if (!at || !matches(elementOf(at), code)) continue;
          const into = new Set<Place | null>();
          advance(place(at.rule, at.sequence, at.index + 1, at.then), into);
          for (const one of into) after.set(one, (after.get(one) ?? 0) + count);
          sum += count * into.size;
        }
        if (sum > most) [best, most] = [after, sum];
      }
      if (most > TOKEN_WAYS_LIMIT) throw refuse(`within ${TOKEN_CHARS} characters`, TOKEN_WAYS_LIMIT);
      counts = best;
    }
  }

  /** Characters that stand for all others: one of each range. */
  function samples(ways: Iterable<Place | null>): Set<number> {
    const codes = new Set<number>();
    for (const at of ways) {
      const element = at && elementOf(at);
      if (element === null || typeof element === 'number') continue;
      for (const [from] of element.ranges.slice(0, 4)) codes.add(element.isNot ? 97 : from);
      if (element.ranges.length === 0) codes.add(97);
      if (codes.size > 12) break;
    }
    return codes;
  }

  function check(ways: Ways): void {
    steps = 0;
    const key = [...ways].map((one) => one?.id ?? '').join(' ');
    if (checked.has(key)) return;
    checkToken(ways);
    if (checked.size > 1000) checked.clear();
    checked.add(key);
  }

  const id = grammar.idOf(root);
  let ways: Set<Place | null> = new Set();
  if (id !== undefined) for (const sequence of (rules[id] ?? []).keys()) advance(place(id, sequence, 0, null), ways);
  check(ways);
  return {
    accept(text) {
      if (ways.size === 0 || places.size > PLACE_LIMIT) return;
      for (const letter of text) {
        steps = 0;
        ways = next(ways, letter.codePointAt(0) ?? 0);
      }
      check(ways);
    },
    mayEnd: () => (ways.size === 0 || places.size > PLACE_LIMIT ? null : ways.has(null)),
  };
}

function matches(element: number | CharElement, code: number): boolean {
  if (typeof element === 'number') return false;
  return element.ranges.some(([from, to]) => from <= code && code <= to) !== element.isNot;
}
