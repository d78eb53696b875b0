/**
 * Finite automata over code points. An automaton is a table: a row for each state, a column for each range of code points that no
 * transition tells apart.
 */
import type { Budget } from '../budget.ts';

export const LAST_CODE_POINT = 0x10ffff;

/** First and last code point, both included. */
export type Range = readonly [first: number, last: number];

export interface Automaton {
  /** The first code point of each column, ascending, from 0. */
  readonly starts: readonly number[];
  /** The next state by state * columns + column; -1 refuses. State 0 is the first. */
  readonly next: Int32Array;
  readonly accepts: Uint8Array;
}

/** Every text. */
export const anyText: Automaton = { starts: [0], next: Int32Array.of(0), accepts: Uint8Array.of(1) };

/** The texts of `shortest` to `longest` code points. */
export function lengthAutomaton(shortest: number, longest: number | null): Automaton {
  const states = longest === null ? shortest + 1 : longest + 1;
  const next = new Int32Array(states);
  const accepts = new Uint8Array(states);
  for (let state = 0; state < states; state++) {
    next[state] = state + 1 < states ? state + 1 : longest === null ? state : -1;
    accepts[state] = state >= shortest ? 1 : 0;
  }
  return { starts: [0], next, accepts };
}

/** Exactly these texts. */
export function wordsAutomaton(words: readonly string[], budget: Budget): Automaton {
  const tree: Map<number, number>[] = [new Map<number, number>()];
  const ends = new Set<number>();
  for (const word of words) {
    let state = 0;
    for (const character of word) {
      const code = character.codePointAt(0) ?? 0;
      let next = tree[state]?.get(code);
      if (next === undefined) {
        next = tree.length;
        tree.push(new Map());
        budget.spend(4);
        tree[state]?.set(code, next);
      }
      state = next;
    }
    ends.add(state);
  }
  const cuts = new Set([0]);
  for (const edges of tree) for (const code of edges.keys()) cuts.add(code).add(code + 1);
  const starts = [...cuts].filter((code) => code <= LAST_CODE_POINT).sort((a, b) => a - b);
  const column = new Map(starts.map((code, index) => [code, index]));
  budget.spend((tree.length * starts.length) / 16);
  const next = new Int32Array(tree.length * starts.length).fill(-1);
  for (const [state, edges] of tree.entries())
    for (const [code, target] of edges) next[state * starts.length + (column.get(code) ?? 0)] = target;
  return minimized({ starts, next, accepts: Uint8Array.from(tree, (_, state) => (ends.has(state) ? 1 : 0)) }, budget);
}

/** Whether the automaton accepts `text`. */
export function acceptsText(automaton: Automaton, text: string): boolean {
  const { starts, next, accepts } = automaton;
  let state = 0;
  for (const character of text) {
    state = next[state * starts.length + columnOf(starts, character.codePointAt(0) ?? 0)] ?? -1;
    if (state < 0) return false;
  }
  return accepts[state] === 1;
}

function columnOf(starts: readonly number[], code: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= code) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Whether no text is accepted, for an automaton of this file. */
export function acceptsNothing(automaton: Automaton): boolean {
  return !automaton.accepts.includes(1);
}

export function intersection(a: Automaton, b: Automaton, budget: Budget): Automaton {
  return product(a, b, (x, y) => x && y, budget);
}

export function union(a: Automaton, b: Automaton, budget: Budget): Automaton {
  return product(a, b, (x, y) => x || y, budget);
}

/** The texts of `a` without those of `b`. */
export function difference(a: Automaton, b: Automaton, budget: Budget): Automaton {
  return product(a, b, (x, y) => x && !y, budget);
}

/** Both at once; `accept` decides from what each of them accepts. */
function product(a: Automaton, b: Automaton, accept: (x: boolean, y: boolean) => boolean, budget: Budget): Automaton {
  const starts = [...new Set([...a.starts, ...b.starts])].sort((x, y) => x - y);
  const columnsOfA = starts.map((code) => columnOf(a.starts, code));
  const columnsOfB = starts.map((code) => columnOf(b.starts, code));
  const width = b.accepts.length + 1;
  const known = new Map<number, number>();
  const pairs: (readonly [number, number])[] = [];
  const stateOf = (x: number, y: number): number => {
    const key = (x + 1) * width + y + 1;
    const found = known.get(key);
    if (found !== undefined) return found;
    known.set(key, pairs.length);
    pairs.push([x, y]);
    budget.states(pairs.length);
    return pairs.length - 1;
  };
  stateOf(0, 0);
  const next: number[] = [];
  const accepts: number[] = [];
  for (let state = 0; state < pairs.length; state++) {
    const [x, y] = pairs[state] ?? [0, 0];
    budget.spend(1 + starts.length / 8);
    accepts.push(accept(x >= 0 && a.accepts[x] === 1, y >= 0 && b.accepts[y] === 1) ? 1 : 0);
    for (let column = 0; column < starts.length; column++) {
      const p = x < 0 ? -1 : (a.next[x * a.starts.length + (columnsOfA[column] ?? 0)] ?? -1);
      const q = y < 0 ? -1 : (b.next[y * b.starts.length + (columnsOfB[column] ?? 0)] ?? -1);
      next.push(p < 0 && q < 0 ? -1 : stateOf(p, q));
    }
  }
  return minimized({ starts, next: Int32Array.from(next), accepts: Uint8Array.from(accepts) }, budget);
}

/** The smallest automaton that accepts the same: no state is without a way to an end, and columns that agree are one. */
export function minimized(automaton: Automaton, budget: Budget): Automaton {
  return merged(trimmed(automaton), budget);
}

/** Transitions into states without a way to an end become refusals, and so do those by surrogates, which no text holds alone. */
function trimmed({ starts, next: given, accepts }: Automaton): Automaton {
  const columns = starts.length;
  const isGap = starts.map((first, column) => first >= 0xd800 && (starts[column + 1] ?? Infinity) <= 0xe000);
  const next = isGap.includes(true) ? given.map((target, index) => (isGap[index % columns] ? -1 : target)) : given;
  const before: number[][] = Array.from(accepts, () => []);
  for (let index = 0; index < next.length; index++) {
    const target = next[index] ?? -1;
    if (target >= 0) before[target]?.push(Math.floor(index / columns));
  }
  const live = new Uint8Array(accepts.length);
  const waiting = [...accepts.keys()].filter((state) => accepts[state] === 1);
  for (const state of waiting) live[state] = 1;
  for (let state = waiting.pop(); state !== undefined; state = waiting.pop())
    for (const from of before[state] ?? [])
      if (live[from] === 0) {
        live[from] = 1;
        waiting.push(from);
      }
  return { starts, next: next.map((target) => (target >= 0 && live[target] === 1 ? target : -1)), accepts };
}

/** Hopcroft's algorithm, then states in the order of their first use. */
function merged({ starts, next, accepts }: Automaton, budget: Budget): Automaton {
  const columns = starts.length;
  const states = accepts.length + 1; // The last one is where refusals lead.
  const sink = states - 1;
  budget.spend((states * columns) / 16);
  const step = (state: number, column: number): number => {
    const target = state === sink ? -1 : (next[state * columns + column] ?? -1);
    return target < 0 ? sink : target;
  };
  const sources = sourcesOf(states, columns, step);
  const partition = createPartition(states, (state) => state !== sink && accepts[state] === 1);
  const waiting: number[] = [0, 1];
  const isWaiting = new Set(waiting);
  for (let splitter = waiting.pop(); splitter !== undefined; splitter = waiting.pop()) {
    isWaiting.delete(splitter);
    const members = partition.members(splitter);
    for (let column = 0; column < columns; column++) {
      let moved = 0;
      for (const member of members) {
        const last = sources.first[member * columns + column + 1] ?? 0;
        for (let at = sources.first[member * columns + column] ?? 0; at < last; at++, moved++)
          partition.mark(sources.states[at] ?? 0);
      }
      budget.spend(moved / 16);
      for (const { kept, made } of partition.split()) {
        const smaller = partition.size(made) <= partition.size(kept) ? made : kept;
        const added = isWaiting.has(kept) ? made : smaller;
        waiting.push(added);
        isWaiting.add(added);
      }
    }
  }
  const { blockOf } = partition;
  return renumbered({ starts, accepts, next }, (state) => blockOf[state] ?? 0, blockOf[sink] ?? 0, step);
}

interface Partition {
  readonly blockOf: Int32Array;
  members(block: number): Int32Array;
  size(block: number): number;
  mark(state: number): void;
  /** Parts the marked states of each block from the others, where there are both, and forgets the marks. */
  split(): readonly { readonly kept: number; readonly made: number }[];
}

/** The states in two blocks, 0 and 1, which `split` makes more of. A split takes as long as there are marks. */
function createPartition(states: number, isInSecond: (state: number) => boolean): Partition {
  const all = Array.from({ length: states }, (_, state) => state);
  const second = all.filter(isInSecond);
  const order = Int32Array.from([...all.filter((state) => !isInSecond(state)), ...second]);
  const placeOf = new Int32Array(states);
  const blockOf = new Int32Array(states);
  for (const [place, state] of order.entries()) {
    placeOf[state] = place;
    blockOf[state] = place < states - second.length ? 0 : 1;
  }
  const from = [0, states - second.length];
  const until = [states - second.length, states];
  const marks = new Map<number, number>();
  return {
    blockOf,
    members: (block) => order.slice(from[block], until[block]),
    size: (block) => (until[block] ?? 0) - (from[block] ?? 0),
    mark(state) {
      const block = blockOf[state] ?? 0;
      const marked = marks.get(block) ?? 0;
      const target = (from[block] ?? 0) + marked;
      const place = placeOf[state] ?? 0;
      if (place < target) return;
      const other = order[target] ?? 0;
      order[target] = state;
      order[place] = other;
      placeOf[state] = target;
      placeOf[other] = place;
      marks.set(block, marked + 1);
    },
    split() {
      const splits: { kept: number; made: number }[] = [];
      for (const [kept, marked] of marks) {
        const start = from[kept] ?? 0;
        if (start + marked === until[kept]) continue;
        const made = from.length;
        from.push(start);
        until.push(start + marked);
        from[kept] = start + marked;
        for (let place = start; place < start + marked; place++) blockOf[order[place] ?? 0] = made;
        splits.push({ kept, made });
      }
      marks.clear();
      return splits;
    },
  };
}

/** The states with a transition into each state, by state * columns + column, in one list. */
function sourcesOf(
  states: number,
  columns: number,
  step: (state: number, column: number) => number,
): { readonly first: Int32Array; readonly states: Int32Array } {
  const first = new Int32Array(states * columns + 1);
  for (let state = 0; state < states; state++)
    for (let column = 0; column < columns; column++) {
      const at = step(state, column) * columns + column + 1;
      first[at] = (first[at] ?? 0) + 1;
    }
  for (let at = 1; at < first.length; at++) first[at] = (first[at] ?? 0) + (first[at - 1] ?? 0);
  const fill = first.slice();
  const list = new Int32Array(states * columns);
  for (let state = 0; state < states; state++)
    for (let column = 0; column < columns; column++) {
      const key = step(state, column) * columns + column;
      const place = fill[key] ?? 0;
      fill[key] = place + 1;
      list[place] = state;
    }
  return { first, states: list };
}

function renumbered(
  { starts, accepts }: Automaton,
  blockOf: (state: number) => number,
  sinkBlock: number,
  step: (state: number, column: number) => number,
): Automaton {
  const numbers = new Map<number, number>([[blockOf(0), 0]]);
  const members = [0];
  const rows: number[][] = [];
  for (let number = 0; number < members.length; number++) {
    const state = members[number] ?? 0;
    rows.push(
      starts.map((_, column) => {
        const target = step(state, column);
        const block = blockOf(target);
        if (block === sinkBlock) return -1;
        let found = numbers.get(block);
        if (found === undefined) {
          found = members.length;
          numbers.set(block, found);
          members.push(target);
        }
        return found;
      }),
    );
  }
  // Columns that agree with the one before them are left out.
  const kept = starts.map((_, column) => column === 0 || rows.some((row) => row[column] !== row[column - 1]));
  const columns = [...kept.keys()].filter((column) => kept[column]);
  return {
    starts: columns.map((column) => starts[column] ?? 0),
    next: Int32Array.from(rows.flatMap((row) => columns.map((column) => row[column] ?? -1))),
    accepts: Uint8Array.from(members, (state) => accepts[state] ?? 0),
  };
}

/** The transitions of a state by target, each with its code points. */
export function transitionsOf(automaton: Automaton, state: number): ReadonlyMap<number, readonly Range[]> {
  const { starts, next } = automaton;
  const found = new Map<number, Range[]>();
  for (const [column, first] of starts.entries()) {
    const target = next[state * starts.length + column] ?? -1;
    if (target < 0) continue;
    const last = (starts[column + 1] ?? LAST_CODE_POINT + 1) - 1;
    const ranges = found.get(target);
    const before = ranges?.at(-1);
    if (ranges && before && before[1] === first - 1) ranges[ranges.length - 1] = [before[0], last];
    else if (ranges) ranges.push([first, last]);
    else found.set(target, [[first, last]]);
  }
  return found;
}
