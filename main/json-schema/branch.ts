/** A branch: one way to satisfy a schema, without alternatives. What a schema allows is a list of branches. */
import type { Json, Schema } from './references.ts';

/** The kinds of values, as bits. */
export const NULL = 1;
export const FALSE = 2;
export const TRUE = 4;
export const NUMBER = 8;
export const STRING = 16;
export const ARRAY = 32;
export const OBJECT = 64;
export const EVERY_KIND = 127;

export interface Bound {
  readonly value: number | bigint;
  readonly exclusive: boolean;
}

export interface Multiple {
  readonly of: number;
  readonly negated: boolean;
}

/** A condition on strings, which an automaton decides. */
export interface TextCondition {
  readonly keyword: 'pattern' | 'format';
  readonly text: string;
  readonly negated: boolean;
  readonly place: string;
}

/** What one schema says of the items of an array. */
export interface ItemsRule {
  readonly prefix: readonly Schema[];
  readonly items: Schema | undefined;
  /** False: it came out of a `not`, which evaluates nothing. */
  readonly evaluates: boolean;
}

/** What one schema says of the properties of an object. */
export interface PropertiesRule {
  readonly named: ReadonlyMap<string, Schema>;
  readonly patterns: ReadonlyMap<string, Schema>;
  readonly additional: Schema | undefined;
  /** False: it was made of the opposite of a schema, which evaluates nothing. */
  readonly evaluates: boolean;
}

export interface Branch {
  /** Bits of the kinds that are allowed. */
  readonly kinds: number;
  /** The only values that are allowed; null: all. */
  readonly values: readonly Json[] | null;
  /** Values that are not allowed. */
  readonly except: readonly Json[];
  /** Numbers are whole; `fractional`: they are not whole. */
  readonly integer: boolean;
  readonly fractional: boolean;
  readonly minimum: Bound | null;
  readonly maximum: Bound | null;
  readonly multiples: readonly Multiple[];
  /** In code points. */
  readonly minLength: number;
  readonly maxLength: number | null;
  readonly texts: readonly TextCondition[];
  readonly arrays: readonly ItemsRule[];
  readonly minItems: number;
  readonly maxItems: number | null;
  readonly unique: boolean;
  readonly contains: readonly Schema[];
  readonly objects: readonly PropertiesRule[];
  readonly required: ReadonlySet<string>;
  readonly absent: ReadonlySet<string>;
  readonly minProperties: number;
  readonly maxProperties: number | null;
  readonly names: readonly Schema[];
  /** A pointer to the schema that the branch began with. */
  readonly place: string;
}

/** Every value. */
export const everything: Branch = {
  kinds: EVERY_KIND,
  values: null,
  except: [],
  integer: false,
  fractional: false,
  minimum: null,
  maximum: null,
  multiples: [],
  minLength: 0,
  maxLength: null,
  texts: [],
  arrays: [],
  minItems: 0,
  maxItems: null,
  unique: false,
  contains: [],
  objects: [],
  required: new Set(),
  absent: new Set(),
  minProperties: 0,
  maxProperties: null,
  names: [],
  place: '',
};

/** What satisfies both; null when that is plainly nothing. */
export function bothOf(a: Branch, b: Branch): Branch | null {
  if (a === everything) return b;
  if (b === everything) return a;
  let kinds = a.kinds & b.kinds;
  const minimum = tighter(a.minimum, b.minimum, (x, y) => x > y);
  const maximum = tighter(a.maximum, b.maximum, (x, y) => x < y);
  if (
    minimum &&
    maximum &&
    (minimum.value > maximum.value ||
      (isSameNumber(minimum.value, maximum.value) && (minimum.exclusive || maximum.exclusive)))
  )
    kinds &= ~NUMBER;
  const integer = a.integer || b.integer;
  const fractional = a.fractional || b.fractional;
  if (integer && fractional) kinds &= ~NUMBER;
  const minLength = Math.max(a.minLength, b.minLength);
  const maxLength = smaller(a.maxLength, b.maxLength);
  if (maxLength !== null && minLength > maxLength) kinds &= ~STRING;
  const minItems = Math.max(a.minItems, b.minItems);
  const maxItems = smaller(a.maxItems, b.maxItems);
  if (maxItems !== null && minItems > maxItems) kinds &= ~ARRAY;
  const minProperties = Math.max(a.minProperties, b.minProperties);
  const maxProperties = smaller(a.maxProperties, b.maxProperties);
  const required = joined(a.required, b.required);
  const absent = joined(a.absent, b.absent);
  if (
    (maxProperties !== null && Math.max(minProperties, required.size) > maxProperties) ||
    [...absent].some((name) => required.has(name))
  )
    kinds &= ~OBJECT;
  const values =
    a.values && b.values
      ? a.values.filter((one) => b.values?.some((other) => equals(one, other)))
      : (a.values ?? b.values);
  const except = [...a.except, ...b.except];
  const left =
    values && values.filter((one) => (kindOf(one) & kinds) !== 0 && !except.some((other) => equals(one, other)));
  if (kinds === 0 || left?.length === 0) return null;
  return {
    kinds,
    values: left,
    except,
    integer,
    fractional,
    minimum,
    maximum,
    multiples: [...a.multiples, ...b.multiples],
    minLength,
    maxLength,
    texts: [...a.texts, ...b.texts],
    arrays: [...a.arrays, ...b.arrays],
    minItems,
    maxItems,
    unique: a.unique || b.unique,
    contains: [...a.contains, ...b.contains],
    objects: [...a.objects, ...b.objects],
    required,
    absent,
    minProperties,
    maxProperties,
    names: [...a.names, ...b.names],
    place: a.place.length >= b.place.length ? a.place : b.place,
  };
}

export function kindOf(value: Json): number {
  if (value === null) return NULL;
  switch (typeof value) {
    case 'boolean':
      return value ? TRUE : FALSE;
    case 'number':
    case 'bigint':
      return NUMBER;
    case 'string':
      return STRING;
    default:
      return Array.isArray(value) ? ARRAY : OBJECT;
  }
}

/** JavaScript compares the two kinds of numbers exactly, but calls no number equal to a bigint. */
export const isSameNumber = (a: number | bigint, b: number | bigint): boolean => a <= b && a >= b;

export const isNumber = (value: Json | undefined): value is number | bigint =>
  typeof value === 'number' || typeof value === 'bigint';

/** Equality of JSON values: the order of keys is none. */
export function equals(a: Json, b: Json): boolean {
  if (a === b) return true;
  if (isNumber(a) && isNumber(b)) return isSameNumber(a, b);
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  const [x, y] = [a, b] as unknown as Readonly<Record<string, Json>>[];
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && equals(x?.[key] ?? null, y?.[key] ?? null))
  );
}

function tighter(
  a: Bound | null,
  b: Bound | null,
  isTighter: (x: number | bigint, y: number | bigint) => boolean,
): Bound | null {
  if (!a || !b) return a ?? b;
  if (isSameNumber(a.value, b.value)) return a.exclusive ? a : b;
  return isTighter(a.value, b.value) ? a : b;
}

function smaller(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.min(a, b);
}

function joined(a: ReadonlySet<string>, b: ReadonlySet<string>): ReadonlySet<string> {
  if (a.size === 0 || a === b) return b;
  return b.size === 0 ? a : new Set([...a, ...b]);
}
