/** Where variables live: slots of an activation while a template runs, and how they are found when it is compiled. */
import { failure } from '../values/errors.ts';
import type { Run } from './run.ts';
import { createSymbols, type Symbols } from './symbols.ts';
import { orElse, undefinedValue, type Value } from '../values/values.ts';

/** The variables of one call of a macro, a recursive loop, a block or the template itself. */
export interface Activation {
  readonly slots: (Value | undefined)[];
  readonly outer: Activation | null;
  readonly run: Run;
  /** A name that no variable has. */
  readonly resolve: (name: string) => Value | undefined;
}

export type Evaluate = (activation: Activation) => Value;
/** What becomes of the loop around a statement. */
export type Flow = 'next' | 'break' | 'continue';

/** The slots of what becomes one activation. */
interface Slots {
  readonly indexes: Map<string, number>;
  readonly outer: Slots | null;
}

/** A place in a template, with the variables that are known there. */
export interface Scope {
  readonly symbols: Symbols;
  readonly slots: Slots;
  /** Whether an unknown filter is an error only when it is reached: inside of an `if`. */
  readonly isSoft: boolean;
  /** Whether assignments here are the template's own. */
  readonly isTop: boolean;
  /** Whether a `break` here ends a loop. */
  readonly inLoop: boolean;
}

export function createScope(): Scope {
  return {
    ...{ symbols: createSymbols(), slots: { indexes: new Map(), outer: null } },
    ...{ isSoft: false, isTop: false, inLoop: false },
  };
}
/** An inner scope, in the same activation or in one of its own. */
export function innerScope(scope: Scope, ownActivation = false): Scope {
  return {
    symbols: scope.symbols.inner(),
    slots: ownActivation ? { indexes: new Map(), outer: scope.slots } : scope.slots,
    ...{ isSoft: false, isTop: false, inLoop: ownActivation ? false : scope.inLoop },
  };
}

interface Place {
  /** How many activations further out. */
  readonly up: number;
  readonly slot: number;
}

function declare(slots: Slots, variable: string): number {
  const known = slots.indexes.get(variable);
  if (known !== undefined) return known;
  const slot = slots.indexes.size;
  slots.indexes.set(variable, slot);
  return slot;
}

function placeOf(slots: Slots, variable: string): Place | undefined {
  let up = 0;
  for (let at: Slots | null = slots; at; at = at.outer, up++) {
    const slot = at.indexes.get(variable);
    if (slot !== undefined) return { up, slot };
  }
  return undefined;
}

function activationAt(activation: Activation, up: number): Activation {
  let at = activation;
  for (let left = up; left > 0; left--) {
    if (!at.outer) throw failure('RuntimeError', 'A variable has no place.');
    at = at.outer;
  }
  return at;
}

/** Reads a name; undefined where nothing was assigned. */
export function reader(scope: Scope, name: string): (activation: Activation) => Value | undefined {
  const variable = scope.symbols.find(name);
  const place = variable === undefined ? undefined : placeOf(scope.slots, variable);
  if (!place) return (activation) => activation.resolve(name);
  const { up, slot } = place;
  if (up === 0) return (activation) => activation.slots[slot];
  return (activation) => activationAt(activation, up).slots[slot];
}

export function nameReader(scope: Scope, name: string): Evaluate {
  const read = reader(scope, name);
  const missing = undefinedValue(`'${name}' is undefined`);
  return (activation) => orElse(read(activation), missing);
}

export function writer(scope: Scope, name: string): (activation: Activation, value: Value | undefined) => void {
  const slot = declare(scope.slots, scope.symbols.find(name) ?? name);
  return (activation, value) => {
    activation.slots[slot] = value;
  };
}

/** Gives the variables of a scope their first values. */
export function entry(scope: Scope): (activation: Activation) => void {
  const steps = [...scope.symbols.loads].map(([variable, load]) => {
    // The place of an outer variable is looked up before this one takes its own.
    const outer = load.kind === 'alias' ? placeOf(scope.slots, load.variable) : undefined;
    const slot = declare(scope.slots, variable);
    return (activation: Activation): void => {
      if (load.kind === 'parameter') return;
      activation.slots[slot] =
        load.kind === 'resolve'
          ? activation.resolve(load.name)
          : outer && activationAt(activation, outer.up).slots[outer.slot];
    };
  });
  return (activation) => {
    for (const step of steps) step(activation);
  };
}

/** Takes the values of a scope's variables away. */
export function exit(scope: Scope): (activation: Activation) => void {
  const slots = [...scope.symbols.loads.keys()].map((variable) => declare(scope.slots, variable));
  return ({ slots: values }) => {
    for (const slot of slots) values[slot] = undefined;
  };
}
