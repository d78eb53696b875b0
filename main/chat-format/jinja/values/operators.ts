/** What Python's operators do with values: compare, compute, contain, walk and cut. */
import { typeError, valueError } from './errors.ts';
import { percentFormat } from '../format/percent.ts';
import { asIndex, asNumber, computeNumbers, signed, type Arithmetic } from './numbers.ts';
import { codePoints, compareTexts, escapeHtml, isFlat, lengthOf } from './text.ts';
import {
  hashKey,
  isFloat,
  isRecord,
  isText,
  isUndefined,
  markup,
  rawText,
  refuseUndefined,
  textLike,
  tuple,
  typeName,
  type Budget,
  type Entry,
  type List,
  type Markup,
  type Pull,
  type Range,
  type Tuple,
  type Value,
  type View,
} from './values.ts';

/** Python's `==`. */
export function areEqual(left: Value, right: Value, budget: Budget): boolean {
  if (left === right) return !(isFloat(left) && Number.isNaN(left.value));
  if (isText(left)) {
    if (!isText(right)) return false;
    budget.charge(rawText(left).length >> 8);
    return rawText(left) === rawText(right);
  }
  const a = asNumber(left);
  if (a !== undefined) {
    const b = asNumber(right);
    // A bigint and a number are compared by value, whatever their types.
    return b !== undefined && a >= b && a <= b;
  }
  if (!isRecord(left) || !isRecord(right)) return false;
  budget.charge(1);
  if (left.kind === 'undefined') return right.kind === 'undefined';
  if (left.kind === 'list' || left.kind === 'tuple')
    return right.kind === left.kind && budget.deeper(() => haveEqualItems(left.items, right.items, budget));
  if (left.kind === 'dict')
    return (
      right.kind === 'dict' &&
      left.entries.size === right.entries.size &&
      budget.deeper(() => {
        budget.charge(left.entries.size);
        return [...left.entries].every(([hash, [, value]]) => {
          const other = right.entries.get(hash);
          return other !== undefined && isSame(value, other[1], budget);
        });
      })
    );
  if (left.kind === 'range') return right.kind === 'range' && hashKey(left, budget) === hashKey(right, budget);
  if (left.kind === 'view' && left.part !== 'values' && right.kind === 'view' && right.part !== 'values') {
    if (left.of.entries.size !== right.of.entries.size) return false;
    return viewItems(left).every((item) => contains(right, item, budget));
  }
  return false;
}

/** Equal, or the very same value: how collections compare their items. */
const isSame = (left: Value, right: Value, budget: Budget): boolean => left === right || areEqual(left, right, budget);
function haveEqualItems(left: readonly Value[], right: readonly Value[], budget: Budget): boolean {
  if (left.length !== right.length) return false;
  budget.charge(left.length >> 3);
  return left.every((item, at) => isSame(item, right[at] ?? null, budget));
}

export type Order = '<' | '<=' | '>' | '>=';

/** Python's order of two values. @throws TypeError for values without one. */
export function isOrdered(operator: Order, left: Value, right: Value, budget: Budget): boolean {
  if (isUndefined(left)) refuseUndefined(left);
  if (isUndefined(right)) refuseUndefined(right);
  if (isText(left) && isText(right)) {
    budget.charge((rawText(left).length + rawText(right).length) >> 6);
    return decide(operator, compareTexts(rawText(left), rawText(right)));
  }
  const [a, b] = [asNumber(left), asNumber(right)];
  if (a !== undefined && b !== undefined) {
    if (operator === '<') return a < b;
    if (operator === '<=') return a <= b;
    return operator === '>' ? a > b : a >= b;
  }
  if (isRecord(left) && isRecord(right)) {
    if ((left.kind === 'list' || left.kind === 'tuple') && right.kind === left.kind) {
      const items = right.items;
      return budget.deeper(() => isItemOrder(operator, left.items, items, budget));
    }
    if (left.kind === 'view' && right.kind === 'view' && left.part !== 'values' && right.part !== 'values') {
      const [small, large] = operator.startsWith('<') ? [left, right] : [right, left];
      const fits = small.of.entries.size < large.of.entries.size + (operator.endsWith('=') ? 1 : 0);
      return fits && viewItems(small).every((item) => contains(large, item, budget));
    }
  }
  throw typeError(`'${operator}' not supported between instances of '${typeName(left)}' and '${typeName(right)}'`);
}

function isItemOrder(operator: Order, left: readonly Value[], right: readonly Value[], budget: Budget): boolean {
  for (const [at, item] of left.entries()) {
    const other = right[at];
    if (other === undefined) break;
    budget.charge(1);
    if (!isSame(item, other, budget)) return isOrdered(operator, item, other, budget);
  }
  return decide(operator, left.length - right.length);
}

function decide(operator: Order, difference: number): boolean {
  if (operator === '<') return difference < 0;
  if (operator === '<=') return difference <= 0;
  return operator === '>' ? difference > 0 : difference >= 0;
}

/** Python's `+ - * / // % **`. */
export function compute(operator: Arithmetic, left: Value, right: Value, budget: Budget): Value {
  // Up to 4,300 digits, each with each other.
  if (typeof left === 'bigint' || typeof right === 'bigint') budget.charge(64);
  const number = computeNumbers(operator, left, right);
  if (number !== undefined) return number;
  if (operator === '%' && isText(left)) return percentFormat(left, right, budget);
  if (isUndefined(left)) refuseUndefined(left);
  if (isUndefined(right)) refuseUndefined(right);
  const joined =
    operator === '+' ? join(left, right, budget) : operator === '*' ? repeat(left, right, budget) : undefined;
  if (joined !== undefined) return joined;
  throw typeError(`unsupported operand type(s) for ${operator}: '${typeName(left)}' and '${typeName(right)}'`);
}

/** As `reserve`, for items that are put into a list one by one: each costs as much as eight characters. */
export function reserveItems(count: number, budget: Budget): void {
  budget.reserve(count);
  budget.charge(count >> 3);
}

function join(left: Value, right: Value, budget: Budget): Value | undefined {
  if (typeof left === 'string' && typeof right === 'string') {
    budget.reserve(left.length + right.length);
    return left + right;
  }
  if (isText(left) && isText(right)) {
    const text = htmlOf(left) + htmlOf(right);
    budget.reserve(text.length);
    return markup(text);
  }
  if (isRecord(left) && isRecord(right)) {
    if ((left.kind === 'list' || left.kind === 'tuple') && right.kind === left.kind) {
      reserveItems(left.items.length + right.items.length, budget);
      return { kind: left.kind, items: [...left.items, ...right.items] };
    }
  }
  return undefined;
}
/** Text as HTML: markup is so already. */
export const htmlOf = (text: string | Markup): string => (typeof text === 'string' ? escapeHtml(text) : text.text);

function repeat(left: Value, right: Value, budget: Budget): Value | undefined {
  const swapped = asIndex(left) !== undefined;
  const [value, count] = swapped ? [right, asIndex(left)] : [left, asIndex(right)];
  if (count === undefined) return undefined;
  const times = Math.max(0, count);
  if (isText(value)) {
    const text = rawText(value);
    if (text !== '') budget.reserve(text.length * times);
    return textLike(value, text === '' ? '' : text.repeat(times));
  }
  if (!isRecord(value) || (value.kind !== 'list' && value.kind !== 'tuple')) return undefined;
  if (value.items.length === 0) return value;
  reserveItems(value.items.length * times, budget);
  return { kind: value.kind, items: Array.from({ length: times }, () => value.items).flat() };
}

/** `-value` and `+value`. */
export function sign(operator: '+' | '-', value: Value): Value {
  const number = signed(operator, value);
  if (number !== undefined) return number;
  if (isUndefined(value)) refuseUndefined(value);
  throw typeError(`bad operand type for unary ${operator}: '${typeName(value)}'`);
}

/** Python's `item in value`. */
export function contains(value: Value, item: Value, budget: Budget): boolean {
  if (isText(value)) {
    if (!isText(item)) throw typeError(`'in <string>' requires string as left operand, not ${typeName(item)}`);
    budget.charge(rawText(value).length >> 6);
    return rawText(value).includes(rawText(item));
  }
  if (isRecord(value)) {
    if (value.kind === 'dict') return value.entries.has(hashKey(item, budget));
    if (value.kind === 'view' && value.part === 'keys') return value.of.entries.has(hashKey(item, budget));
  }
  const next = iterate(value, budget);
  for (let one = next(); one !== undefined; one = next()) {
    budget.charge(1);
    if (isSame(one, item, budget)) return true;
  }
  return false;
}

export const rangeItem = (range: Range, at: number): number => range.start + at * range.step;

export function viewItems(view: View): Value[] {
  const entries = [...view.of.entries.values()];
  return entries.map((entry: Entry) => {
    if (view.part === 'items') return tuple(entry);
    return entry[view.part === 'keys' ? 0 : 1];
  });
}

/** Walks a value. @throws TypeError for one that cannot be walked. */
export function iterate(value: Value, budget: Budget): Pull {
  const over = (items: readonly Value[]): Pull => {
    let at = 0;
    return () => items[at++];
  };
  if (isText(value)) {
    const text = rawText(value);
    budget.reserve(text.length);
    return over(isFlat(text) ? text.split('') : codePoints(text));
  }
  if (isRecord(value)) {
    switch (value.kind) {
      case 'list':
      case 'tuple':
        return over(value.items);
      case 'dict':
        budget.charge(value.entries.size);
        return over([...value.entries.values()].map(([key]) => key));
      case 'view':
        budget.charge(value.of.entries.size);
        return over(viewItems(value));
      case 'range': {
        let at = 0;
        return () => (at < value.length ? rangeItem(value, at++) : undefined);
      }
      case 'stream':
        return value.next;
      case 'undefined':
        return () => undefined;
      case 'float':
      case 'object':
        break;
      default:
        value satisfies never;
    }
  }
  throw typeError(`'${typeName(value)}' object is not iterable`);
}

/** All items of a value. */
export function listOf(value: Value, budget: Budget): readonly Value[] {
  if (isRecord(value) && (value.kind === 'list' || value.kind === 'tuple')) {
    budget.reserve(value.items.length);
    return value.items;
  }
  const next = iterate(value, budget);
  const items: Value[] = [];
  for (let item = next(); item !== undefined; item = next()) {
    budget.reserve(1);
    items.push(item);
  }
  return items;
}

/** Python's `len`; undefined where a value has none. */
export function sizeOf(value: Value): number | undefined {
  if (isText(value)) return lengthOf(rawText(value));
  if (!isRecord(value)) return undefined;
  switch (value.kind) {
    case 'list':
    case 'tuple':
      return value.items.length;
    case 'dict':
      return value.entries.size;
    case 'view':
      return value.of.entries.size;
    case 'range':
      return value.length;
    case 'undefined':
      return 0;
    case 'object':
      return value.length?.();
    default:
      return undefined;
  }
}

/** The items of a slice; each bound null where it is left out. */
export function sliceValue(value: Value, bounds: readonly [Value, Value, Value], budget: Budget): Value {
  if (isUndefined(value)) refuseUndefined(value);
  const sliceable = isText(value) || (isRecord(value) && ['list', 'tuple', 'range'].includes(value.kind));
  if (!sliceable)
    throw typeError(
      isRecord(value) && value.kind === 'dict'
        ? "unhashable type: 'slice'"
        : `'${typeName(value)}' object is not subscriptable`,
    );
  const [start, stop, step] = bounds.map((bound) => {
    if (bound === null) return undefined;
    const index = asIndex(bound);
    if (index === undefined) throw typeError('slice indices must be integers or None or have an __index__ method');
    return index;
  });
  if (step === 0) throw valueError('slice step cannot be zero');
  if (isText(value)) budget.charge(rawText(value).length >> 6);
  const points = isText(value) && !isFlat(rawText(value)) ? codePoints(rawText(value)) : undefined;
  const length = points?.length ?? sizeOf(value) ?? 0;
  const by = step === undefined ? 1 : Math.sign(step) * Math.min(Math.abs(step), length + 1);
  const clamp = (bound: number | undefined, otherwise: number): number => {
    if (bound === undefined) return otherwise;
    const at = bound < 0 ? bound + length : bound;
    return by > 0 ? Math.min(Math.max(at, 0), length) : Math.min(Math.max(at, -1), length - 1);
  };
  const from = clamp(start, by > 0 ? 0 : length - 1);
  const to = clamp(stop, by > 0 ? length : -1);
  const count = Math.max(0, Math.ceil((to - from) / by));
  if (by === 1) budget.reserve(count);
  else reserveItems(count, budget);
  const picked = <T>(pick: (at: number) => T): T[] =>
    Array.from({ length: count }, (_, at) => pick(at === 0 ? from : from + at * by));
  if (isText(value)) {
    const text = rawText(value);
    if (by === 1) return textLike(value, points ? points.slice(from, to).join('') : text.slice(from, from + count));
    return textLike(value, picked((at) => points?.[at] ?? text.charAt(at)).join(''));
  }
  if (isRecord(value) && value.kind === 'range') {
    return makeRange(rangeItem(value, from), rangeItem(value, to), value.step * (step ?? 1));
  }
  const { kind, items } = value as List | Tuple;
  return { kind, items: by === 1 ? items.slice(from, from + count) : picked((at) => items[at] ?? null) };
}

export function makeRange(start: number, stop: number, step: number): Range {
  if (step === 0) throw valueError('range() arg 3 must not be zero');
  const length = Math.max(0, Math.ceil((stop - start) / step));
  const shown = `range(${start}, ${stop}${step === 1 ? '' : `, ${step}`})`;
  return { kind: 'range', start, step, length, shown };
}

/** Sorts by keys as Python does: stable, also in reverse. */
export function sortBy(
  items: readonly Value[],
  keyOf: (item: Value) => Value,
  reverse: boolean,
  budget: Budget,
): Value[] {
  const keyed = items.map((item) => ({ item, key: keyOf(item) }));
  if (reverse) keyed.reverse();
  keyed.sort((a, b) => {
    budget.charge(1);
    if (isOrdered('<', a.key, b.key, budget)) return -1;
    return isOrdered('<', b.key, a.key, budget) ? 1 : 0;
  });
  if (reverse) keyed.reverse();
  return keyed.map(({ item }) => item);
}

/** Splits a value into exactly this many. @throws ValueError. */
export function unpack(value: Value, count: number, budget: Budget): readonly Value[] {
  const next = iterate(value, budget);
  const items: Value[] = [];
  for (let item = next(); item !== undefined; item = next()) {
    if (items.length === count) throw valueError(`too many values to unpack (expected ${count})`);
    items.push(item);
  }
  if (items.length < count) throw valueError(`not enough values to unpack (expected ${count}, got ${items.length})`);
  return items;
}
