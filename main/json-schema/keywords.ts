/** The keywords of one schema that constrain values by themselves, as a branch. */
import {
  ARRAY,
  equals,
  EVERY_KIND,
  everything,
  FALSE,
  isNumber,
  kindOf,
  NULL,
  NUMBER,
  OBJECT,
  STRING,
  TRUE,
  type Bound,
  type Branch,
  type ItemsRule,
  type Multiple,
  type PropertiesRule,
  type TextCondition,
} from './branch.ts';
import { refusal } from './budget.ts';
import { formatExpression, integerFormats } from './automata/formats.ts';
import { isList, isObject, valueOf, type Json, type JsonObject, type Schema } from './references.ts';

const kindsByName: Readonly<Record<string, number>> = {
  null: NULL,
  boolean: FALSE | TRUE,
  integer: NUMBER,
  number: NUMBER,
  string: STRING,
  array: ARRAY,
  object: OBJECT,
};

/** Reads the values of keywords of one schema, and refuses those of a wrong type. */
export interface KeywordReader {
  number(keyword: string): number | bigint | undefined;
  count(keyword: string): number | undefined;
  flag(keyword: string): boolean;
  list(keyword: string): readonly Json[] | undefined;
  table(keyword: string): ReadonlyMap<string, Schema>;
  texts(keyword: string): readonly string[];
}

export function createKeywordReader(schema: JsonObject, place: string): KeywordReader {
  const wrong = (keyword: string, what: string) => refusal(keyword, place, `it must be ${what}`);
  const number = (keyword: string): number | bigint | undefined => {
    const value = valueOf(schema, keyword);
    if (value !== undefined && !isNumber(value)) throw wrong(keyword, 'a number');
    return value;
  };
  const list = (keyword: string): readonly Json[] | undefined => {
    const value = valueOf(schema, keyword);
    if (value !== undefined && !isList(value)) throw wrong(keyword, 'a list');
    return value;
  };
  return {
    number,
    list,
    count(keyword) {
      const value = number(keyword);
      if (value === undefined) return undefined;
      if (typeof value === 'bigint' || !Number.isSafeInteger(value) || value < 0)
        throw wrong(keyword, 'a whole number from 0 on');
      return value;
    },
    flag(keyword) {
      const value = valueOf(schema, keyword);
      if (value !== undefined && typeof value !== 'boolean') throw wrong(keyword, 'true or false');
      return value === true;
    },
    table(keyword) {
      const value = valueOf(schema, keyword);
      if (value === undefined) return new Map();
      if (!isObject(value)) throw wrong(keyword, 'an object');
      return new Map(Object.entries(value));
    },
    texts(keyword) {
      const values = list(keyword) ?? [];
      return values.map((value) => {
        if (typeof value !== 'string') throw wrong(keyword, 'a list of names');
        return value;
      });
    },
  };
}

/** What the keywords allow together; null where that is nothing. @throws AppError `invalid_input` for one of a wrong type. */
export function readKeywords(schema: JsonObject, place: string): Branch | null {
  const read = createKeywordReader(schema, place);
  const { kinds, integer } = kindsOf(schema, read, place);
  const values = valuesOf(schema, read);
  const left = values?.filter((value) => (kindOf(value) & kinds) !== 0) ?? null;
  if (kinds === 0 || left?.length === 0) return null;
  const bounds = boundsOf(schema, read, place);
  return {
    ...everything,
    kinds,
    values: left,
    integer,
    ...bounds,
    multiples: multiplesOf(read, place),
    minLength: read.count('minLength') ?? 0,
    maxLength: read.count('maxLength') ?? null,
    texts: textsOf(schema, place),
    ...arraysOf(schema, read, place),
    ...objectsOf(schema, read),
    place,
  };
}

/** The allowed kinds, with OpenAPI's `nullable`. */
export function kindsOf(
  schema: JsonObject,
  read: KeywordReader,
  place: string,
): { readonly kinds: number; readonly integer: boolean } {
  const type = valueOf(schema, 'type');
  if (type === undefined) return { kinds: EVERY_KIND, integer: false };
  const names = isList(type) ? type : [type];
  let kinds = read.flag('nullable') ? NULL : 0;
  for (const name of names) {
    const kind = typeof name === 'string' && Object.hasOwn(kindsByName, name) ? kindsByName[name] : undefined;
    if (kind === undefined)
      throw refusal(
        'type',
        place,
        `there is no type ${typeof name === 'bigint' ? String(name) : JSON.stringify(name).slice(0, 60)}`,
      );
    kinds |= kind;
  }
  return { kinds, integer: names.includes('integer') && !names.includes('number') };
}

function valuesOf(schema: JsonObject, read: KeywordReader): readonly Json[] | null {
  const constant = valueOf(schema, 'const');
  const choices = read.list('enum');
  if (constant === undefined) return choices ?? null;
  if (!choices) return [constant];
  return choices.filter((choice) => equals(choice, constant));
}

function boundsOf(
  schema: JsonObject,
  read: KeywordReader,
  place: string,
): { readonly minimum: Bound | null; readonly maximum: Bound | null } {
  const side = (
    inclusive: string,
    exclusive: string,
    isTighter: (x: number | bigint, y: number | bigint) => boolean,
  ): Bound | null => {
    const value = read.number(inclusive);
    // Draft 4 wrote a flag here.
    const flag = valueOf(schema, exclusive);
    if (typeof flag === 'boolean') return value === undefined ? null : { value, exclusive: flag };
    const outside = read.number(exclusive);
    if (outside === undefined) return value === undefined ? null : { value, exclusive: false };
    if (value === undefined || !isTighter(value, outside)) return { value: outside, exclusive: true };
    return { value, exclusive: false };
  };
  let minimum = side('minimum', 'exclusiveMinimum', (x, y) => x > y);
  let maximum = side('maximum', 'exclusiveMaximum', (x, y) => x < y);
  const format = valueOf(schema, 'format');
  const range =
    typeof format === 'string' && Object.hasOwn(integerFormats, format) ? integerFormats[format] : undefined;
  if (range) {
    if (!minimum || minimum.value < range.least) minimum = { value: range.least, exclusive: false };
    if (!maximum || maximum.value > range.most) maximum = { value: range.most, exclusive: false };
  }
  return { minimum: finite(minimum, 'minimum', place), maximum: finite(maximum, 'maximum', place) };
}

/** Bounds that no written number reaches are none; beyond them nothing would be left. */
function finite(bound: Bound | null, side: 'minimum' | 'maximum', place: string): Bound | null {
  if (!bound || (bound.value < 1e39 && bound.value > -1e39)) return bound;
  if (bound.value > 0 === (side === 'maximum')) return null;
  throw refusal(side, place, 'it is too large');
}

function multiplesOf(read: KeywordReader, place: string): readonly Multiple[] {
  const of = read.number('multipleOf');
  if (of === undefined) return [];
  if (of <= 0) throw refusal('multipleOf', place, 'it must be more than 0');
  return [{ of: Number(of), negated: false }];
}

function textsOf(schema: JsonObject, place: string): readonly TextCondition[] {
  const texts: TextCondition[] = [];
  for (const keyword of ['pattern', 'format'] as const) {
    const text = valueOf(schema, keyword);
    if (text === undefined) continue;
    if (typeof text !== 'string') throw refusal(keyword, place, 'it must be text');
    if (keyword === 'pattern' || formatExpression(text) !== undefined)
      texts.push({ keyword, text, negated: false, place });
  }
  return texts;
}

function arraysOf(
  schema: JsonObject,
  read: KeywordReader,
  place: string,
): Pick<Branch, 'arrays' | 'minItems' | 'maxItems' | 'unique' | 'contains'> {
  const items = valueOf(schema, 'items');
  // Before 2020-12 the list stood in `items`, and what follows it in `additionalItems`.
  const rule: ItemsRule = isList(items)
    ? { prefix: items, items: valueOf(schema, 'additionalItems'), evaluates: true }
    : { prefix: read.list('prefixItems') ?? [], items, evaluates: true };
  const contains = valueOf(schema, 'contains');
  const least = read.count('minContains') ?? 1;
  const most = read.count('maxContains');
  const counts = contains !== undefined && least > 0;
  if (contains !== undefined && most !== undefined) throw refusal('maxContains', place, 'it has no grammar');
  if (counts && least > 1) throw refusal('minContains', place, 'it has a grammar only for 0 and 1');
  return {
    arrays: rule.prefix.length > 0 || rule.items !== undefined ? [rule] : [],
    minItems: read.count('minItems') ?? 0,
    maxItems: read.count('maxItems') ?? null,
    unique: read.flag('uniqueItems'),
    contains: counts ? [contains] : [],
  };
}

function objectsOf(
  schema: JsonObject,
  read: KeywordReader,
): Pick<Branch, 'objects' | 'required' | 'minProperties' | 'maxProperties' | 'names'> {
  const rule: PropertiesRule = {
    named: read.table('properties'),
    patterns: read.table('patternProperties'),
    additional: valueOf(schema, 'additionalProperties'),
    evaluates: true,
  };
  const speaks = ['properties', 'patternProperties', 'additionalProperties'].some(
    (key) => valueOf(schema, key) !== undefined,
  );
  const names = valueOf(schema, 'propertyNames');
  // Draft 3 wrote a flag here, in the property itself.
  const required = typeof valueOf(schema, 'required') === 'boolean' ? [] : read.texts('required');
  return {
    objects: speaks ? [rule] : [],
    required: new Set(required),
    minProperties: read.count('minProperties') ?? 0,
    maxProperties: read.count('maxProperties') ?? null,
    names: names === undefined ? [] : [names],
  };
}
