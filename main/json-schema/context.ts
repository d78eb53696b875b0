/** What writing one kind of values needs of the others. */
import type { Branch } from './branch.ts';
import type { Budget } from './budget.ts';
import type { Json, Schema } from './references.ts';
import type { Element, RuleBook, Sequence } from './rules.ts';
import type { Texts } from './texts.ts';
import type { Values } from './values.ts';

export interface Context {
  readonly book: RuleBook;
  readonly budget: Budget;
  readonly texts: Texts;
  readonly values: Values;
  branchesOf(schemas: readonly Schema[]): readonly Branch[];
  /** The rule of the values that satisfy all of `schemas`; null when plainly none does. It may be written later. */
  ruleOf(schemas: readonly Schema[], hint: string): Element | null;
  /** One value. */
  valueSequence(value: Json): Sequence;
}

/** Inside of brackets. */
export const ws: Element = { rule: 'ws' };
/** After a comma. */
export const gap: Element = { rule: 'gap' };
/** After a colon: no new line. */
export const sp: Element = { rule: 'sp' };
