/** `oneOf`: of each of its schemas the part that no other one of them allows. */
import { bothOf, type Branch } from './branch.ts';
import { isRefusal, refusal, type Budget } from './budget.ts';
import type { Schema } from './references.ts';

export interface Exclusive {
  /** The values of `around` that satisfy exactly one of `parts`. @throws AppError `invalid_input` where that has no grammar. */
  exactlyOne(around: readonly Branch[], parts: readonly Schema[], place: string): readonly Branch[];
}

export interface ExclusiveOptions {
  readonly budget: Budget;
  /** Whether no value satisfies the branch, as far as that is plain. */
  readonly isEmpty: (branch: Branch) => boolean;
  /** The branch as it is written: without properties that no keyword names. */
  readonly closed: (branch: Branch) => Branch;
  /** Ways to tell `branch` from `other` by a property that both fix; null where there is none. */
  readonly toldApart: (branch: Branch, other: Branch) => Branch | null;
  /** The branches of all lists together. */
  readonly all: (lists: readonly (readonly Branch[])[], keyword: string, place: string) => readonly Branch[];
  readonly limit: (branches: readonly Branch[], keyword: string, place: string) => void;
  readonly read: (schema: Schema) => readonly Branch[];
  readonly readOpposites: (schema: Schema) => readonly Branch[];
}

export function createExclusive(options: ExclusiveOptions): Exclusive {
  const { budget, isEmpty, closed, toldApart, all, limit, read, readOpposites } = options;

  function exactlyOne(around: readonly Branch[], parts: readonly Schema[], place: string): readonly Branch[] {
    const options_ = parts.map(read);
    return options_.flatMap((option, index) => {
      let mine = all([around, option], 'oneOf', place).filter((branch) => !isEmpty(branch));
      for (const [other, rival] of options_.entries()) {
        if (other === index) continue;
        budget.at('oneOf', place);
        mine = mine.flatMap((branch) => apart(branch, rival, parts[other] ?? true, place));
        limit(mine, 'oneOf', place);
      }
      return mine;
    });
  }

  /** The part of `branch` that does not satisfy `rival`. */
  function apart(branch: Branch, rival: readonly Branch[], schema: Schema, place: string): readonly Branch[] {
    budget.spend(10 * rival.length);
    const written = closed(branch);
    const meets = (mine: Branch): readonly Branch[] =>
      rival.filter((other) => {
        const both = bothOf(mine, other);
        return both !== null && !isEmpty(both);
      });
    const met = meets(written);
    if (met.length === 0) return [branch];
    let told: Branch | null = branch;
    for (const other of met) told = told && toldApart(told, other);
    if (told && meets(closed(told)).length === 0) return [told];
    try {
      return all([[branch], readOpposites(schema)], 'oneOf', place).filter((one) => !isEmpty(one));
    } catch (error) {
      if (!isRefusal(error)) throw error;
      throw refusal('oneOf', place, 'a value could satisfy two of its schemas');
    }
  }

  return { exactlyOne };
}
