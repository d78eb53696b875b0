/** The functions that every template has. */
import { countArgument, textArgument, withParameters } from '../values/arguments.ts';
import { failure, typeError } from '../values/errors.ts';
import { asInt } from '../values/numbers.ts';
import { createCycler, createJoiner, createNamespace } from '../values/objects.ts';
import { iterate, listOf, makeRange, unpack } from '../values/operators.ts';
import { strftime, type LocalTime } from '../format/strftime.ts';
import { textOf } from '../values/text.ts';
import {
  dictOf,
  isDict,
  isText,
  isUndefined,
  nativeFunction,
  rawText,
  refuseUndefined,
  typeName,
  type Budget,
  type Dict,
  type Entry,
  type Named,
  type Native,
  type NativeObject,
  type Value,
} from '../values/values.ts';

const MAX_RANGE = 100_000;

const range: Native = (positional, named) => {
  const [first, second, third] = positional;
  if (named.size > 0 || first === undefined || positional.length > 3)
    throw typeError('range expected 1 to 3 arguments');
  for (const value of positional)
    if (asInt(value) === undefined) throw typeError(`'${typeName(value)}' object cannot be interpreted as an integer`);
  const [start, stop] =
    second === undefined ? [0, countArgument(first, 0)] : [countArgument(first, 0), countArgument(second, 0)];
  const made = makeRange(start, stop, countArgument(third, 1));
  if (made.length > MAX_RANGE)
    throw failure('OverflowError', `Range too big. The sandbox blocks ranges larger than MAX_RANGE (${MAX_RANGE}).`);
  return made;
};

/** Python's `dict(...)`. */
function makeDict(positional: readonly Value[], named: Named, budget: Budget): Dict {
  if (positional.length > 1) throw typeError(`dict expected at most 1 argument, got ${positional.length}`);
  const [given] = positional;
  const own: Entry[] = [...named].map(([name, value]) => [name, value] as const);
  if (given === undefined) return dictOf(own, budget);
  if (isUndefined(given)) refuseUndefined(given);
  if (isDict(given)) return dictOf([...given.entries.values(), ...own], budget);
  const pairs: Entry[] = [];
  const next = iterate(given, budget);
  for (let item = next(); item !== undefined; item = next()) {
    const pair = listOf(item, budget);
    const [key, value] = pair.length === 2 ? pair : unpack(item, 2, budget);
    pairs.push([key ?? null, value ?? null]);
  }
  return dictOf([...pairs, ...own], budget);
}

const refused =
  (name: string): Native =>
  () => {
    throw failure(
      'TemplateRuntimeError',
      `The function ${name} gives something else each time, and is not for a chat template.`,
    );
  };
const type = (name: string, call: Native): NativeObject => ({
  ...{ kind: 'object', typeName: 'type', show: () => `<class '${name}'>`, call },
});

/** All functions; `now` is what `strftime_now` tells. */
export function globalFunctions(now: () => LocalTime): ReadonlyMap<string, Value> {
  return new Map<string, Value>([
    ['range', nativeFunction('range', range)],
    ['dict', type('dict', makeDict)],
    ['lipsum', nativeFunction('lipsum', refused('lipsum'))],
    [
      'cycler',
      type('jinja2.utils.Cycler', (positional, named) => {
        if (named.size > 0) throw typeError('cycler() takes no keyword arguments');
        return createCycler(positional);
      }),
    ],
    [
      'joiner',
      type(
        'jinja2.utils.Joiner',
        withParameters('joiner', 'sep?', ([separator = ', ']) => createJoiner(separator)),
      ),
    ],
    [
      'namespace',
      type('jinja2.utils.Namespace', (positional, named, budget) => {
        const entries = [...makeDict(positional, named, budget).entries.values()];
        return createNamespace(
          new Map(entries.flatMap(([key, value]) => (isText(key) ? [[rawText(key), value] as const] : []))),
        );
      }),
    ],
    [
      'raise_exception',
      nativeFunction(
        'raise_exception',
        withParameters('raise_exception', 'message', ([message = null], budget) => {
          throw failure('TemplateError', textOf(message, budget));
        }),
      ),
    ],
    [
      'strftime_now',
      nativeFunction(
        'strftime_now',
        withParameters('strftime_now', 'format', ([format], budget) => {
          const text = textArgument(format, 'strftime');
          budget.reserve(text.length * 16);
          budget.charge(text.length * 8);
          return strftime(now(), text);
        }),
      ),
    ],
  ]);
}
