/**
 * Reads grammars in GBNF as llama.cpp does, writes random texts of them, and tells whether a text belongs to one. It knows nothing of
 * the compiler that makes grammars from schemas.
 */

interface Terminal {
  readonly kind: 'set';
  readonly ranges: readonly (readonly [number, number])[];
  readonly negated: boolean;
}
type Symbol = Terminal | { readonly kind: 'rule'; readonly name: string };
/** A rule without parentheses and repetitions: each of those became a rule of its own. */
export type Grammar = ReadonlyMap<string, readonly (readonly Symbol[])[]>;

export function readGrammar(text: string): Grammar {
  const rules = new Map<string, Symbol[][]>();
  let at = 0;
  let made = 0;
  const fail = (what: string): Error => new Error(`${what} at ${at}: ${text.slice(at, at + 60)}`);
  const skip = (lines: boolean): void => {
    while (at < text.length && (text[at] === ' ' || text[at] === '\t' || (lines && text[at] === '\n'))) at++;
  };
  const escape = (): number => {
    const letter = text[at++] ?? '';
    const digits = { x: 2, u: 4, U: 8 }[letter];
    if (digits !== undefined) {
      const hex = text.slice(at, at + digits);
      if (!new RegExp(`^[0-9A-Fa-f]{${digits}}$`).test(hex)) throw fail('A wrong escape');
      at += digits;
      return parseInt(hex, 16);
    }
    const code = { t: 9, n: 10, r: 13, '\\': 92, '"': 34, '[': 91, ']': 93 }[letter];
    if (code === undefined) throw fail('An unknown escape');
    return code;
  };
  const character = (): number => {
    const code = text.codePointAt(at) ?? 0;
    at += code > 0xffff ? 2 : 1;
    return code === 92 ? escape() : code;
  };
  const newRule = (alternatives: Symbol[][], stem: string): Symbol => {
    const name = `${stem}#${++made}`;
    rules.set(name, alternatives);
    return { kind: 'rule', name };
  };
  const readSet = (): Symbol => {
    at++;
    const negated = text[at] === '^';
    if (negated) at++;
    const ranges: [number, number][] = [];
    while (text[at] !== ']') {
      if (at >= text.length) throw fail('A set is not closed');
      const first = character();
      let last = first;
      if (text[at] === '-' && text[at + 1] !== ']') {
        at++;
        last = character();
      }
      if (last < first) throw fail('A range is empty');
      ranges.push([first, last]);
    }
    at++;
    return { kind: 'set', ranges, negated };
  };
  const readItem = (stem: string, depth: number): Symbol[] => {
    const next = text[at];
    if (next === '"') {
      at++;
      const symbols: Symbol[] = [];
      while (text[at] !== '"') {
        if (at >= text.length || text[at] === '\n') throw fail('A text is not closed');
        const code = character();
        symbols.push({ kind: 'set', ranges: [[code, code]], negated: false });
      }
      at++;
      return symbols;
    }
    if (next === '[') return [readSet()];
    if (next === '(') {
      at++;
      const inner = readAlternatives(stem, depth + 1);
      if (text[at] !== ')') throw fail('A parenthesis is not closed');
      at++;
      return [newRule(inner, stem)];
    }
    const name = /^[a-zA-Z0-9-]+/.exec(text.slice(at, at + 200))?.[0];
    if (name === undefined) throw fail('Nothing that can be here');
    at += name.length;
    return [{ kind: 'rule', name }];
  };
  const repeat = (symbols: Symbol[], least: number, most: number | null, stem: string): Symbol[] => {
    const result: Symbol[] = [];
    for (let count = 0; count < least; count++) result.push(...symbols);
    if (most === null) {
      const loop: Symbol[][] = [];
      const rule = newRule(loop, stem);
      loop.push([...symbols, rule], []);
      return [...result, rule];
    }
    let rest: Symbol[] = [];
    for (let count = least; count < most; count++) rest = [newRule([[...symbols, ...rest], []], stem)];
    return [...result, ...rest];
  };
  const readQuantifier = (symbols: Symbol[], stem: string): Symbol[] => {
    const counted = /^(?:\*|\+|\?|\{(\d+)(,(\d*))?\})/.exec(text.slice(at, at + 30));
    if (!counted) return symbols;
    at += counted[0].length;
    if (counted[0] === '*') return repeat(symbols, 0, null, stem);
    if (counted[0] === '+') return repeat(symbols, 1, null, stem);
    if (counted[0] === '?') return repeat(symbols, 0, 1, stem);
    const least = Number(counted[1]);
    const most = counted[2] === undefined ? least : counted[3] === '' ? null : Number(counted[3]);
    // llama.cpp refuses more.
    if (Math.max(least, most ?? 0) > 2000) throw fail('Too many repetitions');
    return repeat(symbols, least, most, stem);
  };
  const readAlternatives = (stem: string, depth: number): Symbol[][] => {
    const alternatives: Symbol[][] = [];
    for (;;) {
      const sequence: Symbol[] = [];
      skip(depth > 0);
      while (at < text.length && text[at] !== '|' && text[at] !== ')' && text[at] !== '\n') {
        sequence.push(...readQuantifier(readItem(stem, depth), stem));
        skip(depth > 0);
      }
      alternatives.push(sequence);
      if (text[at] !== '|') return alternatives;
      at++;
    }
  };
  for (skip(true); at < text.length; skip(true)) {
    const name = /^([a-zA-Z0-9-]+)[ \t]*::=/.exec(text.slice(at, at + 300));
    if (!name?.[1]) throw fail('No rule');
    if (rules.has(name[1])) throw fail('A rule is defined twice');
    at += name[0].length;
    rules.set(name[1], []);
    rules.set(name[1], readAlternatives(name[1], 0));
  }
  for (const alternatives of rules.values())
    for (const symbol of alternatives.flat())
      if (symbol.kind === 'rule' && !rules.has(symbol.name)) throw new Error(`There is no rule ${symbol.name}.`);
  return rules;
}

/** Numbers from 0 to 1, the same for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Writes random texts of a grammar from `root`; after about `length` characters it takes the shortest way to an end. */
export function createSampler(grammar: Grammar, root = 'root'): (random: () => number, length: number) => string {
  const costs = shortest(grammar);
  const costOf = (sequence: readonly Symbol[]): number =>
    sequence.reduce((sum, symbol) => sum + (symbol.kind === 'set' ? 1 : (costs.get(symbol.name) ?? Infinity)), 0);
  return (random, length) => {
    const parts: string[] = [];
    const stack: Symbol[] = [{ kind: 'rule', name: root }];
    for (let symbol = stack.pop(); symbol; symbol = stack.pop()) {
      if (symbol.kind === 'set') {
        parts.push(pick(symbol, random));
        continue;
      }
      const alternatives = grammar.get(symbol.name) ?? [];
      let chosen = alternatives[Math.floor(random() * alternatives.length)] ?? [];
      if (parts.length > length || stack.length > 400)
        chosen = alternatives.reduce((best, one) => (costOf(one) < costOf(best) ? one : best), alternatives[0] ?? []);
      for (let index = chosen.length - 1; index >= 0; index--) {
        const next = chosen[index];
        if (next) stack.push(next);
      }
    }
    return parts.join('');
  };
}

/** The length of the shortest text of each rule. */
function shortest(grammar: Grammar): ReadonlyMap<string, number> {
  const costs = new Map<string, number>();
  for (let changed = true; changed;) {
    changed = false;
    for (const [name, alternatives] of grammar) {
      let best = costs.get(name) ?? Infinity;
      for (const sequence of alternatives) {
        let sum = 0;
        for (const symbol of sequence) sum += symbol.kind === 'set' ? 1 : (costs.get(symbol.name) ?? Infinity);
        if (sum < best) {
          best = sum;
          changed = true;
        }
      }
      costs.set(name, best);
    }
  }
  return costs;
}

const favorites = [...'"\\/\n\t abzAZ019.-_:@é漢😀\u{10ffff}\u2028'].map((one) => one.codePointAt(0) ?? 0);

function pick(set: Terminal, random: () => number): string {
  if (!set.negated) {
    const range = set.ranges[Math.floor(random() * set.ranges.length)] ?? [0, 0];
    const edge = random();
    const code =
      edge < 0.15 ? range[0] : edge < 0.3 ? range[1] : range[0] + Math.floor(random() * (range[1] - range[0] + 1));
    return String.fromCodePoint(code);
  }
  for (;;) {
    const code =
      random() < 0.4
        ? (favorites[Math.floor(random() * favorites.length)] ?? 97)
        : random() < 0.8
          ? 32 + Math.floor(random() * 95)
          : Math.floor(random() * 0x10ffff);
    if ((code < 0xd800 || code > 0xdfff) && matches(set, code)) return String.fromCodePoint(code);
  }
}

function matches(set: Terminal, code: number): boolean {
  return set.ranges.some(([first, last]) => first <= code && code <= last) !== set.negated;
}

/** A place in a rule, and where to go on after it. Equal places are one object. */
interface Place {
  readonly id: number;
  readonly sequence: readonly Symbol[];
  readonly index: number;
  readonly then: Place | null;
}

export interface Recognition {
  readonly accepted: boolean;
  /** The most places that were open at a time: what llama.cpp has to follow for each token. */
  readonly mostOpen: number;
}

/** Whether `text` belongs to the grammar, by following all ways at once as llama.cpp does. */
export function createRecognizer(grammar: Grammar, root = 'root'): (text: string) => Recognition {
  const ids = new Map<readonly Symbol[], number>();
  for (const alternatives of grammar.values()) for (const sequence of alternatives) ids.set(sequence, ids.size);
  return (text) => {
    const places = new Map<string, Place>();
    const placeAt = (sequence: readonly Symbol[], index: number, then: Place | null): Place | null => {
      if (index === sequence.length) return then;
      const key = `${ids.get(sequence)}.${index}.${then?.id ?? -1}`;
      let found = places.get(key);
      if (!found) {
        found = { id: places.size, sequence, index, then };
        places.set(key, found);
      }
      return found;
    };
    /** Places before a character, and null for an end. */
    const expand = (from: Iterable<Place | null>): Set<Place | null> => {
      const ready = new Set<Place | null>();
      const seen = new Set<Place | null>(from);
      for (const place of seen) {
        const symbol = place?.sequence[place.index];
        if (!place || symbol?.kind !== 'rule') {
          ready.add(place);
          continue;
        }
        const then = placeAt(place.sequence, place.index + 1, place.then);
        for (const sequence of grammar.get(symbol.name) ?? []) seen.add(placeAt(sequence, 0, then));
      }
      return ready;
    };
    let open = expand((grammar.get(root) ?? []).map((sequence) => placeAt(sequence, 0, null)));
    let mostOpen = open.size;
    for (const one of text) {
      const code = one.codePointAt(0) ?? 0;
      const next: (Place | null)[] = [];
      for (const place of open) {
        const symbol = place?.sequence[place.index];
        if (place && symbol?.kind === 'set' && matches(symbol, code))
          next.push(placeAt(place.sequence, place.index + 1, place.then));
      }
      open = expand(next);
      mostOpen = Math.max(mostOpen, open.size);
      if (open.size === 0) return { accepted: false, mostOpen };
    }
    return { accepted: open.has(null), mostOpen };
  };
}
