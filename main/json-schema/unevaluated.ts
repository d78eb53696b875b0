/** `unevaluatedProperties` and `unevaluatedItems`: what the other keywords of a schema say nothing of. */
import { bothOf, everything, type Branch } from './branch.ts';
import { refusal } from './budget.ts';
import { valueOf, type Json, type JsonObject } from './references.ts';

/** The branches of `schema`, with what its keywords do not evaluate. @throws AppError `invalid_input` beside `contains`. */
export function withoutUnevaluated(schema: JsonObject, branches: readonly Branch[], place: string): readonly Branch[] {
  const properties = valueOf(schema, 'unevaluatedProperties');
  const items = valueOf(schema, 'unevaluatedItems');
  if (properties === undefined && items === undefined) return branches;
  return branches.flatMap((branch) => {
    let result: Branch | null = branch;
    const rules = branch.objects.filter(({ evaluates }) => evaluates);
    if (properties !== undefined && !rules.some(({ additional }) => additional !== undefined)) {
      const named = new Map(rules.flatMap((rule) => [...rule.named.keys()].map((name) => [name, true] as const)));
      const patterns = new Map(rules.flatMap((rule) => [...rule.patterns.keys()].map((text) => [text, true] as const)));
      result = bothOf(branch, {
        ...everything,
        objects: [{ named, patterns, additional: properties, evaluates: true }],
      });
    }
    const lists = branch.arrays.filter(({ evaluates }) => evaluates);
    if (result && items !== undefined && !lists.some((rule) => rule.items !== undefined)) {
      if (branch.contains.length > 0) throw refusal('unevaluatedItems', place, 'it stands beside "contains"');
      const prefix = Array<Json>(Math.max(0, ...lists.map((rule) => rule.prefix.length))).fill(true);
      result = bothOf(result, { ...everything, arrays: [{ prefix, items, evaluates: true }] });
    }
    return result ?? [];
  });
}
