/** The filters that walk over items. */
import { pathGetter } from '../values/attributes.ts';
import { countArgument, withParameters, type Bound } from '../values/arguments.ts';
import { failure, isFailure, typeError } from '../values/errors.ts';
import { areEqual, compute, isOrdered, iterate, listOf, reserveItems, sortBy, viewItems } from '../values/operators.ts';
import { codePoints, textOf } from '../values/text.ts';
import {
  hashKey,
  isDict,
  isFloat,
  isRecord,
  isText,
  isTrue,
  isUndefined,
  list,
  orElse,
  rawText,
  refuseUndefined,
  stream,
  textLike,
  tuple,
  typeName,
  undefinedValue,
  type Budget,
  type HashKey,
  type Named,
  type Native,
  type Pull,
  type Tuple,
  type Value,
} from '../values/values.ts';

export type CallByName = (
  kind: 'filter' | 'test',
  name: Value,
  positional: readonly Value[],
  named: Named,
  budget: Budget,
) => Value;

const lowered = (value: Value): Value => (isText(value) ? textLike(value, rawText(value).toLowerCase()) : value);
const argumentError = (message: string): Error => failure('FilterArgumentError', message);

/** An iterator that begins its work with the first item that is asked for. */
function lazily(name: string, begin: () => Pull): Value {
  let next: Pull | undefined;
  let isOver = false;
  return stream(name, () => {
    if (isOver) return undefined;
    next ??= begin();
    const item = next();
    isOver = item === undefined;
    return item;
  });
}

/** What sorts and compares by: the value at a path, without case unless that matters. */
function keyGetter(path: Value, isCaseSensitive: Value, budget: Budget): (value: Value) => Value {
  const read = pathGetter(path, budget);
  return isTrue(isCaseSensitive) ? read : (value) => lowered(read(value));
}

export function sequenceFilters(callByName: CallByName): ReadonlyMap<string, Native> {
  const filters = new Map<string, Native>();
  const define = (name: string, parameters: string, run: (bound: Bound, budget: Budget) => Value): void =>
    void filters.set(name, withParameters(name, parameters, run));
  defineOrder(define);
  defineCuts(define);
  defineEnds(define);
  filters.set('map', mapFilter(callByName));
  for (const [name, keeps, byAttribute] of [
    ['select', true, false],
    ['reject', false, false],
    ['selectattr', true, true],
    ['rejectattr', false, true],
  ] as const)
    filters.set(name, selectFilter(name, keeps, byAttribute, callByName));
  return filters;
}

type Define = (name: string, parameters: string, run: (bound: Bound, budget: Budget) => Value) => void;

function mapFilter(callByName: CallByName): Native {
  return (positional, named, budget) => {
    const [value, name, ...rest] = positional;
    if (value === undefined) throw typeError('map() missing required argument');
    return lazily('sync_do_map', () => {
      if (!isTrue(value)) return () => undefined;
      let change: (item: Value) => Value;
      const path = named.get('attribute');
      if (name === undefined && path !== undefined) {
        for (const key of named.keys())
          if (key !== 'attribute' && key !== 'default') throw argumentError(`Unexpected keyword argument '${key}'`);
        change = pathGetter(path, budget, named.get('default'));
      } else {
        if (name === undefined) throw argumentError('map requires a filter argument');
        change = (item) => callByName('filter', name, [item, ...rest], named, budget);
      }
      const next = iterate(value, budget);
      return () => {
        const item = next();
        budget.charge(1);
        return item === undefined ? undefined : change(item);
      };
    });
  };
}

function selectFilter(filter: string, keeps: boolean, byAttribute: boolean, callByName: CallByName): Native {
  return (positional, named, budget) => {
    const [value, ...given] = positional;
    if (value === undefined) throw typeError(`${filter}() missing required argument`);
    return lazily('select_or_reject', () => {
      if (!isTrue(value)) return () => undefined;
      const [path, ...afterPath] = given;
      if (byAttribute && path === undefined) throw argumentError('Missing parameter for attribute name');
      const read = byAttribute ? pathGetter(path ?? null, budget) : (item: Value): Value => item;
      const [test, ...rest] = byAttribute ? afterPath : given;
      const next = iterate(value, budget);
      return () => {
        for (let item = next(); item !== undefined; item = next()) {
          budget.charge(1);
          const asked = read(item);
          const answer = test === undefined ? asked : callByName('test', test, [asked, ...rest], named, budget);
          if (isTrue(answer) === keeps) return item;
        }
        return undefined;
      };
    });
  };
}

function defineOrder(define: Define): void {
  define('sort', 'value reverse? case_sensitive? attribute?', (bound, budget) => {
    const [value = null, reverse = false, sensitive = false, attribute = null] = bound;
    const paths = isText(attribute) ? rawText(attribute).split(',') : [attribute];
    const keys = paths.map((path) => keyGetter(path, sensitive, budget));
    const keyOf = (item: Value): Value => list(keys.map((key) => key(item)));
    return list(sortBy(listOf(value, budget), keyOf, isTrue(reverse), budget));
  });
  define('dictsort', 'value case_sensitive? by? reverse?', (bound, budget) => {
    const [value = null, sensitive = false, by = 'key', reverse = false] = bound;
    const position = by === 'key' ? 0 : by === 'value' ? 1 : undefined;
    if (position === undefined) throw argumentError('You can only sort by either "key" or "value"');
    if (isUndefined(value)) refuseUndefined(value);
    if (!isDict(value)) throw failure('AttributeError', `'${typeName(value)}' object has no attribute 'items'`);
    const pairs = [...value.entries.values()].map((pair) => tuple(pair));
    const keyOf = (pair: Value): Value => {
      const key = (pair as Tuple).items[position] ?? null;
      return isTrue(sensitive) ? key : lowered(key);
    };
    return list(sortBy(pairs, keyOf, isTrue(reverse), budget));
  });
  define('groupby', 'value attribute default? case_sensitive?', (bound, budget) => {
    const [value = null, attribute = null, otherwise = null, sensitive = false] = bound;
    const read = pathGetter(attribute, budget, otherwise);
    const keyOf = (item: Value): Value => (isTrue(sensitive) ? read(item) : lowered(read(item)));
    const groups: { key: Value; items: Value[] }[] = [];
    for (const item of sortBy(listOf(value, budget), keyOf, false, budget)) {
      const key = keyOf(item);
      const last = groups.at(-1);
      if (last && areEqual(last.key, key, budget)) last.items.push(item);
      else groups.push({ key, items: [item] });
    }
    return list(
      groups.map(({ key, items }): Tuple => {
        const shown = isTrue(sensitive) ? key : read(items[0] ?? null);
        return { kind: 'tuple', items: [shown, list(items)], names: ['grouper', 'list'] };
      }),
    );
  });
  define('unique', 'value case_sensitive? attribute?', ([value = null, sensitive = false, attribute = null], budget) =>
    lazily('sync_do_unique', () => {
      const keyOf = keyGetter(attribute, sensitive, budget);
      const seen = new Set<HashKey>();
      const next = iterate(value, budget);
      return () => {
        for (let item = next(); item !== undefined; item = next()) {
          budget.charge(1);
          const hash = hashKey(keyOf(item), budget);
          if (seen.has(hash)) continue;
          seen.add(hash);
          return item;
        }
        return undefined;
      };
    }),
  );
  for (const [name, operator] of [
    ['min', '<'],
    ['max', '>'],
  ] as const)
    define(name, 'value case_sensitive? attribute?', ([value = null, sensitive = false, attribute = null], budget) => {
      const keyOf = keyGetter(attribute, sensitive, budget);
      const [first, ...rest] = listOf(value, budget);
      if (first === undefined) return undefinedValue('No aggregated item, sequence was empty.');
      let best: { readonly item: Value; readonly key: Value } = { item: first, key: keyOf(first) };
      for (const item of rest) {
        const key = keyOf(item);
        budget.charge(1);
        if (isOrdered(operator, key, best.key, budget)) best = { item, key };
      }
      return best.item;
    });
  define('sum', 'iterable attribute? start?', ([value = null, attribute = null, start = 0], budget) => {
    if (isText(start)) throw typeError("sum() can't sum strings [use ''.join(seq) instead]");
    const read = attribute === null ? (item: Value): Value => item : pathGetter(attribute, budget);
    let sum: Value = start;
    for (const item of listOf(value, budget)) sum = compute('+', sum, read(item), budget);
    return sum;
  });
}

function defineCuts(define: Define): void {
  define('batch', 'value linecount fill_with?', ([value = null, linecount = null, fill = null], budget) =>
    lazily('do_batch', () => {
      const size = countArgument(linecount, 0);
      const next = iterate(value, budget);
      let isOver = false;
      let row: Value[] = [];
      return () => {
        while (!isOver) {
          const item = next();
          budget.charge(1);
          if (item === undefined) {
            isOver = true;
            if (row.length === 0) return undefined;
            if (fill !== null && row.length < size) {
              reserveItems(size, budget);
              row = [...row, ...Array.from({ length: size - row.length }, () => fill)];
            }
            return list(row);
          }
          if (row.length !== size) {
            row.push(item);
            continue;
          }
          const full = row;
          row = [item];
          return list(full);
        }
        return undefined;
      };
    }),
  );
  define('slice', 'value slices fill_with?', ([value = null, slices = null, fill = null], budget) =>
    lazily('sync_do_slice', () => {
      const items = listOf(value, budget);
      const count = countArgument(slices, 0);
      if (count === 0) throw failure('ZeroDivisionError', 'integer division or modulo by zero');
      const each = Math.floor(items.length / count);
      const longer = items.length - each * count;
      let offset = 0;
      let at = 0;
      return () => {
        if (at >= count) return undefined;
        budget.charge(1);
        const start = offset + at * each;
        if (at < longer) offset++;
        const part = items.slice(start, offset + (at + 1) * each);
        if (fill !== null && at >= longer) part.push(fill);
        at++;
        return list(part);
      };
    }),
  );
  define('join', 'value d? attribute?', ([value = null, separator = '', attribute = null], budget) => {
    const read = attribute === null ? (item: Value): Value => item : pathGetter(attribute, budget);
    const between = textOf(separator, budget);
    let output = '';
    let isFirst = true;
    const next = iterate(value, budget);
    for (let item = next(); item !== undefined; item = next()) {
      const piece = textOf(read(item), budget);
      budget.reserve(piece.length + between.length);
      output += isFirst ? piece : between + piece;
      isFirst = false;
    }
    budget.reserve(output.length);
    return output;
  });
}

function defineEnds(define: Define): void {
  define('first', 'seq', ([value = null], budget) => {
    const first = iterate(value, budget)();
    return orElse(first, undefinedValue('No first item, sequence was empty.'));
  });
  define('last', 'seq', ([value = null], budget) => {
    if (isText(value)) {
      const last = codePoints(rawText(value).slice(-2)).at(-1);
      return last === undefined ? undefinedValue('No last item, sequence was empty.') : textLike(value, last);
    }
    return orElse(reversed(value, budget)[0], undefinedValue('No last item, sequence was empty.'));
  });
  define('reverse', 'value', ([value = null], budget) => {
    if (isText(value)) {
      reserveItems(rawText(value).length, budget);
      budget.charge(rawText(value).length >> 2);
      return textLike(value, codePoints(rawText(value)).reverse().join(''));
    }
    let items: readonly Value[];
    try {
      items = reversed(value, budget);
    } catch (error) {
      if (!isFailure(error, 'TypeError')) throw error;
      try {
        return list([...listOf(value, budget)].reverse());
      } catch (inner) {
        if (isFailure(inner, 'TypeError')) throw argumentError('argument must be iterable');
        throw inner;
      }
    }
    let at = 0;
    return stream('list_reverseiterator', () => items[at++]);
  });
}

/** The items from the end. @throws TypeError for what has no end. */
function reversed(value: Value, budget: Budget): readonly Value[] {
  if (isRecord(value)) {
    if (value.kind === 'view') return viewItems(value).reverse();
    if (!isFloat(value) && value.kind !== 'stream' && value.kind !== 'object')
      return [...listOf(value, budget)].reverse();
  }
  throw typeError(`'${typeName(value)}' object is not reversible`);
}
