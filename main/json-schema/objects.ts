/** Objects: the properties that keywords name, in their order, then others. */
import {
  acceptsNothing,
  anyText,
  difference,
  intersection,
  wordsAutomaton,
  type Automaton,
} from './automata/automaton.ts';
import type { Branch } from './branch.ts';
import { refusal } from './budget.ts';
import { gap, sp, ws, type Context } from './context.ts';
import { isOpen, namedProperties, propertySchemas } from './parts.ts';
import type { Schema } from './references.ts';
import type { Element, Sequence } from './rules.ts';

const MAX_PATTERNS = 6;
/** Properties times counts of an object whose properties are counted. */
const MAX_COUNTED = 4000;
/** Required properties that are written in one rule. */
const RUN = 24;

interface Property {
  readonly required: boolean;
  /** The key and the value. */
  readonly written: Sequence;
}

/** Keys that no keyword names, with the schemas of their values. */
interface Others {
  readonly keys: Automaton | null;
  readonly schemas: readonly Schema[];
}

/** The objects that the branch allows; null when there are none. */
export function objectSequence(branch: Branch, hint: string, context: Context): Sequence | null {
  const { book, budget } = context;
  const properties = propertiesOf(branch, hint, context);
  if (!properties) return null;
  const others = othersOf(branch, hint, context);
  const required = properties.filter((property) => property.required).length;
  const most = branch.maxProperties;
  const least = branch.minProperties <= required ? 0 : branch.minProperties;
  const isLimited = most !== null && (others.length > 0 || most < properties.length);
  if (most !== null && required > most) return null;
  if (others.length === 0 && least > properties.length) return null;
  // Keys of others may be equal, and then they count once.
  if (others.length > 0 && least > properties.length + 1)
    throw refusal('minProperties', branch.place, 'properties without names could be equal');
  const cap = isLimited ? most : Math.max(least, 1);
  if (properties.length * cap > MAX_COUNTED || cap > MAX_COUNTED)
    throw refusal(isLimited ? 'maxProperties' : 'minProperties', branch.place, `it counts beyond ${MAX_COUNTED}`);
  budget.at('properties', branch.place);
  budget.spend((properties.length + 1) * (cap + 1));

  /** What follows when `count` properties are written, by count; undefined: nothing may follow. */
  let rest = endings(others, { least, most: isLimited ? most : null, cap, hint }, context);
  for (const [index, property] of [...properties.entries()].reverse()) {
    const after = rest;
    rest = Array.from({ length: cap + 1 }, (_, count) => {
      const next = isLimited && count === cap ? undefined : after[Math.min(count + 1, cap)];
      const written = next && [...(count === 0 ? [] : comma), ...property.written, ...next];
      const skipped = property.required ? undefined : after[count];
      if (!written || (property.required && index % RUN !== RUN - 1)) return written ?? skipped;
      const name = book.name(`${hint}-rest`);
      book.defineEnd(name, [written, ...(skipped ? [skipped] : [])]);
      return [{ rule: name }];
    });
  }
  const start = rest[0];
  return start ? [{ literal: '{' }, ws, ...start] : null;
}

const comma: Sequence = [{ literal: ',' }, gap];
/** The end of an object that is not empty. */
const end: Sequence = [ws, { literal: '}' }];
const endOfEmpty: Sequence = [{ literal: '}' }];

function propertiesOf(branch: Branch, hint: string, context: Context): readonly Property[] | null {
  const { texts, values } = context;
  const properties: Property[] = [];
  for (const name of namedProperties(branch)) {
    const required = branch.required.has(name);
    const schemas = [...propertySchemas(branch, name, texts)];
    const isAllowed = !schemas.includes(false) && (branch.names.length === 0 || values.fits(name, branch.names));
    const value = isAllowed ? context.ruleOf(schemas, hint === 'root' ? name : `${hint}-${name}`) : null;
    if (value) properties.push({ required, written: [{ literal: `${JSON.stringify(name)}:` }, sp, value] });
    else if (required) return null;
  }
  return properties;
}

function othersOf(branch: Branch, hint: string, context: Context): readonly (readonly [Sequence, Element])[] {
  return othersByKeys(branch, context).flatMap(({ keys, schemas }) => {
    const value = context.ruleOf(schemas, `${hint}-value`);
    if (!value) return [];
    const after: Sequence = [{ literal: ':' }, sp];
    const key = keys ? context.texts.written(keys, `${hint}-key`, after) : [{ rule: 'string' }, ...after];
    return [[key, value] as const];
  });
}

function othersByKeys(branch: Branch, { budget, texts, branchesOf }: Context): readonly Others[] {
  const open = isOpen(branch);
  const patterns = [...new Set(branch.objects.flatMap((rule) => [...rule.patterns.keys()]))];
  if (!open && patterns.length === 0) return [];
  if (branch.maxProperties === 0) return [];
  if (patterns.length > MAX_PATTERNS)
    throw refusal('patternProperties', branch.place, `it has more than ${MAX_PATTERNS} patterns`);
  const named = [...namedProperties(branch), ...branch.absent];
  budget.at('propertyNames', branch.place);
  let keys: Automaton | null = null;
  for (const schema of branch.names) {
    const allowed = texts.anyOf(branchesOf([schema]));
    keys = keys ? intersection(keys, allowed, budget) : allowed;
  }
  budget.at('properties', branch.place);
  if (named.length > 0) keys = difference(keys ?? anyText, wordsAutomaton(named, budget), budget);
  let parts: { keys: Automaton | null; matched: readonly string[] }[] = [{ keys, matched: [] }];
  budget.at('patternProperties', branch.place);
  for (const pattern of patterns) {
    const found = texts.patternOf(pattern, branch.place);
    parts = parts.flatMap((part) => [
      { keys: intersection(part.keys ?? anyText, found, budget), matched: [...part.matched, pattern] },
      { keys: difference(part.keys ?? anyText, found, budget), matched: part.matched },
    ]);
    parts = parts.filter((part) => !part.keys || !acceptsNothing(part.keys));
  }
  return parts.flatMap((part) => {
    if (part.keys && acceptsNothing(part.keys)) return [];
    if (!open && part.matched.length === 0) return [];
    const schemas = branch.objects.flatMap((rule): readonly Schema[] => {
      const own = part.matched.flatMap((pattern) => rule.patterns.get(pattern) ?? []);
      return own.length > 0 || rule.additional === undefined ? own : [rule.additional];
    });
    return schemas.includes(false) ? [] : [{ keys: part.keys, schemas }];
  });
}

interface Counts {
  readonly least: number;
  /** Null: no limit. */
  readonly most: number | null;
  readonly cap: number;
  readonly hint: string;
}

/** What may follow the named properties, by the number of those that are written. */
function endings(
  others: readonly (readonly [Sequence, Element])[],
  { least, most, cap, hint }: Counts,
  { book }: Context,
): readonly (Sequence | undefined)[] {
  const stop = (count: number): Sequence | undefined => (count < least ? undefined : count === 0 ? endOfEmpty : end);
  if (others.length === 0) return Array.from({ length: cap + 1 }, (_, count) => stop(count));
  const entries = others.map(([key, value]) => [...key, value]);
  const entry = book.shared(`other ${JSON.stringify(entries)}`, () => entries);
  const result: (Sequence | undefined)[] = [];
  for (let count = cap; count >= 0; count--) {
    const stopped = stop(count);
    const isFull = most !== null && count >= most;
    const name = book.name(`${hint}-others`);
    const next = count === cap ? [{ rule: name }] : result[count + 1];
    // A second property without a name may be equal to the first, so only the first one counts towards a least number.
    const mayCount = count + 1 >= least || count >= least;
    const more: readonly Sequence[] =
      isFull || !next || !mayCount ? [] : [[...(count === 0 ? [] : comma), entry, ...next]];
    if (!stopped && more.length === 0) result[count] = undefined;
    else {
      book.defineEnd(name, [...more, ...(stopped ? [stopped] : [])]);
      result[count] = [{ rule: name }];
    }
  }
  return result;
}
