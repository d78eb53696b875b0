/** Whether a value satisfies branches, and whether a branch has values at all. */
import { acceptsNothing, acceptsText } from './automata/automaton.ts';
import {
  ARRAY,
  equals,
  FALSE,
  isNumber,
  isSameNumber,
  kindOf,
  NULL,
  NUMBER,
  OBJECT,
  STRING,
  TRUE,
  type Branch,
} from './branch.ts';
import type { Budget } from './budget.ts';
import { isRefusal } from './budget.ts';
import { numberAutomaton } from './numbers.ts';
import { isList, isObject, type Json, type Schema } from './references.ts';
import { itemSchemas, propertySchemas } from './parts.ts';
import type { Texts } from './texts.ts';

/** Levels of required parts that are looked into before a branch counts as having values. */
const MAX_DEPTH = 3;

export interface Values {
  fits(value: Json, schemas: readonly Schema[]): boolean;
  fitsBranch(value: Json, branch: Branch): boolean;
  /** The values of a branch that names them one by one. */
  fitting(branch: Branch): readonly Json[];
  /** Whether the branch plainly has no value. */
  isEmpty(branch: Branch): boolean;
  /** All values that satisfy the schemas, where they are few; null for others. */
  few(schemas: readonly Schema[]): readonly Json[] | null;
}

export function createValues(
  branchesOf: (schemas: readonly Schema[]) => readonly Branch[],
  texts: Texts,
  budget: Budget,
): Values {
  const fits = (value: Json, schemas: readonly Schema[]): boolean =>
    branchesOf(schemas).some((branch) => fitsBranch(value, branch));

  function fitsBranch(value: Json, branch: Branch): boolean {
    budget.spend(2);
    if ((kindOf(value) & branch.kinds) === 0) return false;
    if (branch.values && !branch.values.some((one) => equals(one, value))) return false;
    if (branch.except.some((one) => equals(one, value))) return false;
    if (isNumber(value)) return fitsNumber(value, branch);
    if (typeof value === 'string') {
      const isFree = branch.texts.length === 0 && branch.minLength === 0 && branch.maxLength === null;
      return isFree || acceptsText(texts.conditionsOf(branch), value);
    }
    if (isList(value)) return fitsArray(value, branch);
    return isObject(value) ? fitsObject(value, branch) : true;
  }

  function fitting(branch: Branch): readonly Json[] {
    const conditions = { ...branch, values: null };
    return (branch.values ?? []).filter((value) => fitsBranch(value, conditions));
  }

  function fitsNumber(value: number | bigint, { integer, fractional, minimum, maximum, multiples }: Branch): boolean {
    const isWhole = typeof value === 'bigint' || Number.isInteger(value);
    if (isWhole ? fractional : integer) return false;
    if (minimum && (value < minimum.value || (minimum.exclusive && isSameNumber(value, minimum.value)))) return false;
    if (maximum && (value > maximum.value || (maximum.exclusive && isSameNumber(value, maximum.value)))) return false;
    return multiples.every(({ of, negated }) => {
      if (isWhole && Number.isInteger(of)) return (BigInt(value) % BigInt(of) === 0n) !== negated;
      const times = Number(value) / of;
      return Math.abs(times - Math.round(times)) < 1e-9 !== negated;
    });
  }

  function fitsArray(value: readonly Json[], branch: Branch): boolean {
    if (value.length < branch.minItems || (branch.maxItems !== null && value.length > branch.maxItems)) return false;
    if (branch.unique && value.some((one, index) => value.slice(0, index).some((other) => equals(one, other))))
      return false;
    if (!value.every((one, index) => fits(one, itemSchemas(branch, index)))) return false;
    return branch.contains.every((schema) => value.some((one) => fits(one, [schema])));
  }

  function fitsObject(value: { readonly [key: string]: Json }, branch: Branch): boolean {
    const keys = Object.keys(value);
    if (keys.length < branch.minProperties || (branch.maxProperties !== null && keys.length > branch.maxProperties))
      return false;
    if ([...branch.required].some((name) => !Object.hasOwn(value, name))) return false;
    return keys.every(
      (name) =>
        !branch.absent.has(name) &&
        fits(name, branch.names) &&
        fits(value[name] ?? null, propertySchemas(branch, name, texts)),
    );
  }

  function isEmptyAt(branch: Branch, depth: number): boolean {
    budget.spend(4);
    if (branch.values) return fitting(branch).length === 0;
    const { kinds, except } = branch;
    for (const [kind, value] of [
      [NULL, null],
      [FALSE, false],
      [TRUE, true],
    ] as const)
      if ((kinds & kind) !== 0 && !except.includes(value)) return false;
    if ((kinds & NUMBER) !== 0 && !hasNoNumber(branch)) return false;
    if ((kinds & STRING) !== 0 && !hasNoText(branch)) return false;
    if ((kinds & ARRAY) !== 0) {
      const first = Array.from({ length: Math.min(branch.minItems, 20) }, (_, index) => itemSchemas(branch, index));
      if (!first.some((schemas) => hasNone(schemas, depth))) return false;
    }
    if ((kinds & OBJECT) === 0) return true;
    return [...branch.required].some(
      (name) =>
        hasNone(propertySchemas(branch, name, texts), depth) || (branch.names.length > 0 && !fits(name, branch.names)),
    );
  }

  function hasNone(schemas: readonly Schema[], depth: number): boolean {
    if (schemas.includes(false)) return true;
    return (
      depth < MAX_DEPTH && schemas.length > 0 && branchesOf(schemas).every((branch) => isEmptyAt(branch, depth + 1))
    );
  }

  function hasNoNumber(branch: Branch): boolean {
    const { minimum, maximum, multiples, fractional } = branch;
    if ((!minimum || !maximum) && (multiples.length === 0 || !fractional)) return false;
    return acceptsNothing(numberAutomaton(branch, budget));
  }

  function hasNoText(branch: Branch): boolean {
    return branch.texts.length > 0 && acceptsNothing(texts.automatonOf(branch));
  }

  return {
    fits,
    fitsBranch,
    fitting,
    isEmpty(branch) {
      try {
        return isEmptyAt(branch, 0);
      } catch (error) {
        // What cannot be decided yet counts as having values: a schema that is being read, say.
        if (isRefusal(error)) return false;
        throw error;
      }
    },
    few(schemas) {
      const values: Json[] = [];
      for (const branch of branchesOf(schemas)) {
        const list = branch.values ? fitting(branch) : kindsWithFew(branch.kinds);
        if (!list) return null;
        for (const value of list)
          if (fitsBranch(value, { ...branch, values: null }) && !values.some((one) => equals(one, value)))
            values.push(value);
      }
      return values;
    },
  };
}

function kindsWithFew(kinds: number): readonly Json[] | null {
  if ((kinds & ~(NULL | FALSE | TRUE)) !== 0) return null;
  return [
    ...((kinds & NULL) === 0 ? [] : [null]),
    ...((kinds & FALSE) === 0 ? [] : [false]),
    ...((kinds & TRUE) === 0 ? [] : [true]),
  ];
}
