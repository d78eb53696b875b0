/** Which schemas a branch has for an item of an array or a property of an object. */
import { acceptsText } from './automata/automaton.ts';
import type { Branch } from './branch.ts';
import type { Schema } from './references.ts';
import type { Texts } from './texts.ts';

/** The schemas that the item at `index` must satisfy. */
export function itemSchemas(branch: Branch, index: number): readonly Schema[] {
  return branch.arrays.flatMap((rule) => {
    const schema = index < rule.prefix.length ? rule.prefix[index] : rule.items;
    return schema === undefined ? [] : [schema];
  });
}

/** The schemas that every item after the longest prefix must satisfy. */
export function laterItemSchemas(branch: Branch): readonly Schema[] {
  return branch.arrays.flatMap((rule) => (rule.items === undefined ? [] : [rule.items]));
}

/** The schemas that the property `name` must satisfy. */
export function propertySchemas(branch: Branch, name: string, texts: Texts): readonly Schema[] {
  if (branch.absent.has(name)) return [false];
  return branch.objects.flatMap((rule): readonly Schema[] => {
    const own = rule.named.get(name);
    const schemas = own === undefined ? [] : [own];
    for (const [pattern, schema] of rule.patterns)
      if (acceptsText(texts.patternOf(pattern, branch.place), name)) schemas.push(schema);
    if (schemas.length === 0 && rule.additional !== undefined) schemas.push(rule.additional);
    return schemas;
  });
}

/** Whether properties that no keyword names may be written: a keyword says so, or none names any. */
export function isOpen(branch: Branch): boolean {
  if (branch.objects.some(({ additional }) => additional === false)) return false;
  return (
    branch.objects.some(({ additional }) => additional !== undefined) ||
    branch.objects.every(({ evaluates }) => !evaluates)
  );
}

/** The properties that keywords name, in the order in which they are written. */
export function namedProperties(branch: Branch): readonly string[] {
  return [...new Set([...branch.objects.flatMap(({ named }) => [...named.keys()]), ...branch.required])];
}

/** The branch with what is written by default: nothing beside the properties that keywords name. */
export function closed(branch: Branch): Branch {
  if (isOpen(branch)) return branch;
  const named = new Map(namedProperties(branch).map((name) => [name, true] as const));
  const patterns = new Map(
    branch.objects.flatMap((rule) => [...rule.patterns.keys()].map((text) => [text, true] as const)),
  );
  return { ...branch, objects: [...branch.objects, { named, patterns, additional: false, evaluates: false }] };
}
