/** Compiles a regular expression of ECMA-262 into an automaton of the texts in which it is found. */
import { difference, intersection, LAST_CODE_POINT, minimized, type Automaton, type Range } from './automaton.ts';
import type { Budget } from '../budget.ts';
import { everyCodePoint } from './code-points.ts';
import { readPattern, type PatternNode } from './pattern-syntax.ts';

const MAX_NODES = 20_000;

/**
 * The texts in which `source` is found, as `RegExp.prototype.test` with the flag `u` decides it.
 * @throws PatternProblem for back references and assertions that no automaton holds; AppError from `budget`.
 */
export function patternAutomaton(source: string, budget: Budget): Automaton {
  const tree = readPattern(source, budget);
  const { rest, lookaheads } = leadingLookaheads(tree);
  let automaton = searchAutomaton(rest, budget);
  for (const { part, negated } of lookaheads) {
    const seen = searchAutomaton({ kind: 'sequence', parts: [{ kind: 'start' }, part] }, budget);
    automaton = negated ? difference(automaton, seen, budget) : intersection(automaton, seen, budget);
  }
  return automaton;
}

type Lookahead = Extract<PatternNode, { kind: 'lookahead' }>;

/** The lookaheads that follow `^` at the very start: these are conditions on the whole text. */
function leadingLookaheads(tree: PatternNode): { rest: PatternNode; lookaheads: readonly Lookahead[] } {
  if (tree.kind !== 'sequence' || tree.parts[0]?.kind !== 'start') return { rest: tree, lookaheads: [] };
  let count = 1;
  while (tree.parts[count]?.kind === 'lookahead') count++;
  const lookaheads = tree.parts.slice(1, count).filter((part) => part.kind === 'lookahead');
  return { rest: { kind: 'sequence', parts: [{ kind: 'start' }, ...tree.parts.slice(count)] }, lookaheads };
}

interface Machine {
  /** Steps that take no character; some of them only at the start or the end of the text. */
  readonly free: { readonly to: number; readonly only: 'start' | 'end' | null }[][];
  readonly steps: { readonly to: number; readonly set: readonly Range[] }[][];
}

function searchAutomaton(tree: PatternNode, budget: Budget): Automaton {
  const machine: Machine = { free: [], steps: [] };
  const add = (): number => {
    if (machine.free.length >= MAX_NODES) throw problemOf('it repeats too much');
    budget.spend(1);
    machine.free.push([]);
    return machine.steps.push([]) - 1;
  };
  const first = add();
  const last = add();
  machine.steps[first]?.push({ to: first, set: everyCodePoint });
  machine.steps[last]?.push({ to: last, set: everyCodePoint });
  const inner = build(tree, machine, add);
  machine.free[first]?.push({ to: inner.from, only: null });
  machine.free[inner.to]?.push({ to: last, only: null });
  return determined(machine, first, last, budget);
}

function problemOf(text: string): Error {
  return Object.assign(new Error(text), { problem: text });
}

function build(node: PatternNode, machine: Machine, add: () => number): { from: number; to: number } {
  const from = add();
  const link = (source: number, to: number, only: 'start' | 'end' | null = null): void => {
    machine.free[source]?.push({ to, only });
  };
  const follow = (place: number, part: PatternNode): number => {
    const piece = build(part, machine, add);
    link(place, piece.from);
    return piece.to;
  };
  switch (node.kind) {
    case 'set': {
      const to = add();
      machine.steps[from]?.push({ to, set: node.set });
      return { from, to };
    }
    case 'start':
    case 'end': {
      const to = add();
      link(from, to, node.kind);
      return { from, to };
    }
    case 'sequence':
      return { from, to: node.parts.reduce(follow, from) };
    case 'choice': {
      const to = add();
      for (const option of node.options) link(follow(from, option), to);
      return { from, to };
    }
    case 'repeat': {
      let place = from;
      for (let count = 0; count < node.least; count++) place = follow(place, node.part);
      const to = add();
      if (node.most === null) {
        const loop = add();
        link(place, loop);
        link(follow(loop, node.part), loop);
        link(loop, to);
      } else {
        for (let count = node.least; count < node.most; count++) {
          link(place, to);
          place = follow(place, node.part);
        }
        link(place, to);
      }
      return { from, to };
    }
    case 'lookahead':
      throw problemOf('it looks ahead elsewhere than right after "^" at its start');
    default:
      return node satisfies never;
  }
}

/** The subset construction. */
function determined(machine: Machine, first: number, last: number, budget: Budget): Automaton {
  const starts = columnsOf(machine);
  const closure = (nodes: Iterable<number>, atStart: boolean, atEnd: boolean): readonly number[] => {
    const seen = new Set(nodes);
    for (const node of seen) {
      // Once the last node is reached the text is accepted whatever follows.
      for (const { to, only } of machine.free[node] ?? [])
        if (only === null || (only === 'start' ? atStart : atEnd)) seen.add(to);
    }
    budget.spend(seen.size / 4);
    return seen.has(last) && !atEnd ? [last] : [...seen].sort((a, b) => a - b);
  };
  const known = new Map<string, number>();
  const sets: (readonly number[])[] = [];
  const accepts: number[] = [];
  const stateOf = (nodes: readonly number[], atStart: boolean): number => {
    const key = nodes.join(',');
    const found = known.get(key);
    if (found !== undefined && !atStart) return found;
    if (!atStart) known.set(key, sets.length);
    sets.push(nodes);
    budget.states(sets.length);
    accepts.push(closure(nodes, atStart, true).includes(last) ? 1 : 0);
    return sets.length - 1;
  };
  stateOf(closure([first], true, false), true);
  const next: number[] = [];
  for (let state = 0; state < sets.length; state++) {
    const targets: Set<number>[] = starts.map(() => new Set());
    for (const node of sets[state] ?? [])
      for (const { to, set } of machine.steps[node] ?? []) {
        let column = 0;
        for (const [from, until] of set) {
          while (column < starts.length && (starts[column] ?? 0) < from) column++;
          for (; column < starts.length && (starts[column] ?? 0) <= until; column++) targets[column]?.add(to);
        }
        budget.spend(set.length / 16);
      }
    let before: Set<number> | null = null;
    let target = -1;
    for (const nodes of targets) {
      if (before === null || before.size !== nodes.size || !isSubset(nodes, before))
        target = nodes.size === 0 ? -1 : stateOf(closure(nodes, false, false), false);
      before = nodes;
      next.push(target);
    }
    budget.spend(starts.length / 8);
  }
  return minimized({ starts, next: Int32Array.from(next), accepts: Uint8Array.from(accepts) }, budget);
}

function isSubset(a: ReadonlySet<number>, b: ReadonlySet<number>): boolean {
  for (const one of a) if (!b.has(one)) return false;
  return true;
}

function columnsOf(machine: Machine): readonly number[] {
  const cuts = new Set([0]);
  for (const steps of machine.steps)
    for (const { set } of steps)
      for (const [from, until] of set) {
        cuts.add(from);
        if (until < LAST_CODE_POINT) cuts.add(until + 1);
      }
  return [...cuts].sort((a, b) => a - b);
}
