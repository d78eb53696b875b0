/** The tests of jinja2: what may follow `is`. */
import { withParameters } from '../values/arguments.ts';
import { isFailure } from '../values/errors.ts';
import { filterNames } from './filter-names.ts';
import { kindsOfText } from '../values/letters.ts';
import { asNumber } from '../values/numbers.ts';
import { areEqual, compute, contains, isOrdered, iterate, sizeOf, type Order } from '../values/operators.ts';
import { textOf } from '../values/text.ts';
import {
  hashKey,
  isDict,
  isFloat,
  isInt,
  isRecord,
  isText,
  isUndefined,
  type Budget,
  type Native,
  type Value,
} from '../values/values.ts';

const testMap = new Map<string, Native>();
export const tests: ReadonlyMap<string, Native> = testMap;

const one = (name: string, test: (value: Value, budget: Budget) => boolean): void =>
  void testMap.set(
    name,
    withParameters(name, 'value', ([value = null], budget) => test(value, budget)),
  );
const two = (names: string, parameter: string, test: (value: Value, other: Value, budget: Budget) => boolean): void => {
  for (const name of names.split(' '))
    testMap.set(
      name,
      withParameters(name, `value ${parameter}`, ([value = null, other = null], budget) => test(value, other, budget)),
    );
};
const isRest = (value: Value, divisor: Value, rest: number, budget: Budget): boolean =>
  areEqual(compute('%', value, divisor, budget), rest, budget);

one('odd', (value, budget) => isRest(value, 2, 1, budget));
one('even', (value, budget) => isRest(value, 2, 0, budget));
two('divisibleby', 'num', (value, divisor, budget) => isRest(value, divisor, 0, budget));
one('defined', (value) => !isUndefined(value));
one('undefined', isUndefined);
one('filter', (value, budget) => isName(filterNames, value, budget));
one('test', (value, budget) => isName(testMap, value, budget));
one('none', (value) => value === null);
one('boolean', (value) => typeof value === 'boolean');
one('true', (value) => value === true);
one('false', (value) => value === false);
one('integer', isInt);
one('float', isFloat);
one('number', (value) => asNumber(value) !== undefined);
one('string', isText);
one('mapping', isDict);
one('sequence', (value) =>
  isRecord(value) && value.kind === 'view' ? false : !isObject(value) && sizeOf(value) !== undefined,
);
one('iterable', (value, budget) => {
  if (isUndefined(value)) return true;
  if (isRecord(value) && value.kind === 'object') return value.typeName === 'LoopContext';
  try {
    iterate(value, budget);
    return true;
  } catch (error) {
    if (isFailure(error, 'TypeError')) return false;
    throw error;
  }
});
one(
  'callable',
  (value) => isUndefined(value) || (isRecord(value) && value.kind === 'object' && value.call !== undefined),
);
one('escaped', (value) => isRecord(value) && value.kind === 'markup');
for (const [name, kind] of [
  ['lower', 'islower'],
  ['upper', 'isupper'],
] as const)
  one(name, (value, budget) => kindsOfText[kind]?.(textOf(value, budget)) === true);
two('sameas', 'other', (value, other) =>
  isFloat(value) && isFloat(other) ? value.value === other.value : value === other,
);
two('in', 'seq', (value, sequence, budget) => contains(sequence, value, budget));
two('== eq equalto', 'other /', areEqual);
two('!= ne', 'other /', (value, other, budget) => !areEqual(value, other, budget));
for (const [names, operator] of [
  ['> gt greaterthan', '>'],
  ['>= ge', '>='],
  ['< lt lessthan', '<'],
  ['<= le', '<='],
] as const)
  two(names, 'other /', (value, other, budget) => isOrdered(operator satisfies Order, value, other, budget));

const isObject = (value: Value): boolean => isRecord(value) && (value.kind === 'object' || value.kind === 'stream');

function isName(names: { has(name: string): boolean }, value: Value, budget: Budget): boolean {
  const key = hashKey(value, budget);
  return typeof key === 'string' && names.has(key);
}
