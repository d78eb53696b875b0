/** The values of a template: Python's, as far as a template can meet them. Dictionaries are Maps, so that no key reaches an object of ours. */
import { failure, typeError, type ErrorKind } from './errors.ts';

/** An int is a number within the safe integers, else a bigint; a float is always a record. */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Float
  | Markup
  | List
  | Tuple
  | Dict
  | Range
  | View
  | Stream
  | Undefined
  | NativeObject;

export interface Float {
  readonly kind: 'float';
  readonly value: number;
}
/** Text that counts as HTML: joined with other text, it escapes that. */
export interface Markup {
  readonly kind: 'markup';
  readonly text: string;
}
export interface List {
  readonly kind: 'list';
  readonly items: readonly Value[];
}
export interface Tuple {
  readonly kind: 'tuple';
  readonly items: readonly Value[];
  /** Attributes that name the items. */
  readonly names?: readonly string[];
}
export interface Dict {
  readonly kind: 'dict';
  readonly entries: ReadonlyMap<HashKey, Entry>;
}
export type Entry = readonly [key: Value, value: Value];
export type HashKey = string | number | bigint | null | object;
export interface Range {
  readonly kind: 'range';
  readonly start: number;
  readonly step: number;
  readonly length: number;
  readonly shown: string;
}
/** What `keys`, `values` and `items` of a dictionary return. */
export interface View {
  readonly kind: 'view';
  readonly part: 'keys' | 'values' | 'items';
  readonly of: Dict;
}
/** An iterator: it can be walked once. */
export interface Stream {
  readonly kind: 'stream';
  readonly next: Pull;
  readonly name: string;
}
/** The next item; undefined at the end. */
export type Pull = () => Value | undefined;
export interface Undefined {
  readonly kind: 'undefined';
  readonly message: string;
  /** The error of any use. */
  readonly error: ErrorKind;
}
/** A function, a macro, a loop, a namespace and their like. */
export interface NativeObject {
  readonly kind: 'object';
  readonly typeName: string;
  show(budget: Budget): string;
  attribute?(name: string): Value | undefined;
  readonly call?: Native;
  readonly length?: () => number;
  /** Of a namespace. */
  readonly assign?: (name: string, value: Value) => void;
}
export type Named = ReadonlyMap<string, Value>;
export type Native = (positional: readonly Value[], named: Named, budget: Budget) => Value;

/** Counts what a rendering costs. */
export interface Budget {
  /** @throws a LimitError when all steps are used. */
  charge(steps: number): void;
  /** Charges for a text or a list of this length before it is made. @throws a LimitError when it is too long. */
  reserve(length: number): void;
  /** Runs `inner` one level deeper. @throws a LimitError when it is too deep. */
  deeper<T>(inner: () => T): T;
  /** A number for an object that is equal to itself alone. */
  identify(object: object): number;
}

export const float = (value: number): Float => ({ kind: 'float', value });
export const markup = (text: string): Markup => ({ kind: 'markup', text });
export const list = (items: readonly Value[]): List => ({ kind: 'list', items });
export const tuple = (items: readonly Value[]): Tuple => ({ kind: 'tuple', items });
export const stream = (name: string, next: Pull): Stream => ({ kind: 'stream', name, next });
export const undefinedValue = (message: string, error: ErrorKind = 'UndefinedError'): Undefined => ({
  kind: 'undefined',
  message,
  error,
});
export function nativeFunction(name: string, call: Native): NativeObject {
  return { kind: 'object', typeName: 'function', show: () => `<function ${name}>`, call };
}

export const isInt = (value: Value): value is number | bigint => typeof value === 'number' || typeof value === 'bigint';
export const isText = (value: Value): value is string | Markup =>
  typeof value === 'string' || (isRecord(value) && value.kind === 'markup');
export const isUndefined = (value: Value): value is Undefined => isRecord(value) && value.kind === 'undefined';
export const isFloat = (value: Value): value is Float => isRecord(value) && value.kind === 'float';
export const isSequence = (value: Value): value is List | Tuple =>
  isRecord(value) && (value.kind === 'list' || value.kind === 'tuple');
export const isDict = (value: Value): value is Dict => isRecord(value) && value.kind === 'dict';

type ValueRecord = Exclude<Value, null | boolean | number | bigint | string>;
export const isRecord = (value: Value): value is ValueRecord => typeof value === 'object' && value !== null;

/** The text of a str, plain or markup. */
export const rawText = (value: string | Markup): string => (typeof value === 'string' ? value : value.text);
/** A text like `model`: what is made from markup is markup. */
export const textLike = (model: string | Markup, text: string): Value =>
  typeof model === 'string' ? text : markup(text);

/** @throws the error of an undefined value that is used. */
export function refuseUndefined(value: Undefined): never {
  throw failure(value.error, value.message);
}

/** Python's name of the type. */
export function typeName(value: Value): string {
  if (value === null) return 'NoneType';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'string') return 'str';
  if (typeof value === 'number' || typeof value === 'bigint') return 'int';
  switch (value.kind) {
    case 'markup':
      return 'Markup';
    case 'view':
      return `dict_${value.part}`;
    case 'stream':
      return 'generator';
    case 'undefined':
      return 'Undefined';
    case 'object':
      return value.typeName;
    case 'float':
    case 'list':
    case 'tuple':
    case 'dict':
    case 'range':
      return value.kind;
    default:
      return value satisfies never;
  }
}

export function isTrue(value: Value): boolean {
  if (!isRecord(value)) return Boolean(value);
  switch (value.kind) {
    case 'float':
      return value.value !== 0;
    case 'markup':
      return value.text !== '';
    case 'list':
    case 'tuple':
      return value.items.length > 0;
    case 'dict':
      return value.entries.size > 0;
    case 'view':
      return value.of.entries.size > 0;
    case 'range':
      return value.length > 0;
    case 'undefined':
      return false;
    case 'object':
      return value.length ? value.length() > 0 : true;
    case 'stream':
      return true;
    default:
      return value satisfies never;
  }
}

/** What finds a value in a dictionary: equal values have equal keys, across the kinds of numbers too. */
export function hashKey(value: Value, budget: Budget): HashKey {
  if (typeof value === 'string') return textKey(value);
  if (typeof value === 'boolean') return Number(value);
  if (!isRecord(value)) return value;
  switch (value.kind) {
    case 'markup':
      return textKey(value.text);
    case 'float':
      if (Number.isNaN(value.value)) return value;
      if (Number.isInteger(value.value) && !Number.isSafeInteger(value.value)) return BigInt(value.value);
      return value.value + 0;
    case 'tuple':
      return budget.deeper(() => {
        budget.charge(value.items.length);
        const parts = value.items.map((item) => {
          const key = hashKey(item, budget);
          if (typeof key === 'object' && key !== null) return `object ${budget.identify(key)} `;
          return `${typeof key} ${String(key).length} ${String(key)}`;
        });
        budget.reserve(parts.reduce((sum, part) => sum + part.length, 0));
        return `\uFFFFt${parts.join('')}`;
      });
    case 'undefined':
      return undefinedKey;
    case 'range':
      return `\uFFFFr${value.length} ${value.length > 0 ? value.start : 0} ${value.length > 1 ? value.step : 0}`;
    case 'view':
      if (value.part === 'values') return value;
      throw typeError(`unhashable type: '${typeName(value)}'`);
    case 'list':
    case 'dict':
      throw typeError(`unhashable type: '${typeName(value)}'`);
    case 'stream':
    case 'object':
      return value;
    default:
      return value satisfies never;
  }
}
const undefinedKey = {};
/** Tuples have keys that begin with this character, so texts that do get one more. */
const textKey = (text: string): string => (text.startsWith('\uFFFF') ? `\uFFFF${text}` : text);

export function dictOf(pairs: Iterable<Entry>, budget: Budget): Dict {
  const entries = new Map<HashKey, Entry>();
  for (const [key, value] of pairs) {
    budget.charge(1);
    const hash = hashKey(key, budget);
    // The first of two equal keys stays, as in Python.
    entries.set(hash, [entries.get(hash)?.[0] ?? key, value]);
  }
  return { kind: 'dict', entries };
}
/** A dictionary with texts as keys. */
function textDict(pairs: Iterable<readonly [string, Value]>): Dict {
  const entries = new Map<HashKey, Entry>();
  for (const [key, value] of pairs) entries.set(textKey(key), [key, value]);
  return { kind: 'dict', entries };
}
/** The value, or the other one where there is none. None is a value. */
export const orElse = (value: Value | undefined, otherwise: Value): Value => (value === undefined ? otherwise : value);
export const lookUp = (dict: Dict, key: Value, budget: Budget): Value | undefined =>
  dict.entries.get(hashKey(key, budget))?.[1];

/** Data from outside as values of a template. Whole numbers are ints, and so are raw ones that are written as such. */
export function fromData(data: unknown, depth = 0): Value {
  if (depth > MAX_DATA_DEPTH) throw failure('LimitError', `The data has more than ${MAX_DATA_DEPTH} levels.`);
  if (data === null || data === undefined) return null;
  if (typeof data === 'string' || typeof data === 'boolean') return data;
  if (typeof data === 'number') return Number.isSafeInteger(data) ? data + 0 || 0 : float(data);
  if (typeof data === 'bigint') return data;
  if (JSON.isRawJSON(data)) return numberOf(data.rawJSON);
  if (Array.isArray(data)) return list(data.map((item) => fromData(item, depth + 1)));
  if (typeof data !== 'object') throw typeError(`A ${typeof data} is no value of a template.`);
  const own = Object.entries(data).filter(([, value]) => value !== undefined);
  return textDict(own.map(([key, value]) => [key, fromData(value, depth + 1)]));
}
/** A number of JSON, as Python's `json` reads it. @throws ValueError for an int with more digits than Python takes. */
function numberOf(text: string): Value {
  if (/[.e]/i.test(text)) return float(Number(text));
  if (text.length > MAX_INT_DIGITS)
    throw failure('ValueError', `Exceeds the limit (${MAX_INT_DIGITS} digits) for integer string conversion`);
  const whole = BigInt(text);
  return whole >= Number.MIN_SAFE_INTEGER && whole <= Number.MAX_SAFE_INTEGER ? Number(whole) : whole;
}
const MAX_INT_DIGITS = 4300;
const MAX_DATA_DEPTH = 200;
