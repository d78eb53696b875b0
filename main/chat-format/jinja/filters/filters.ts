/** The filters of jinja2, with the `tojson` of transformers. */
import { attributeOf } from '../values/attributes.ts';
import { withParameters, type Bound } from '../values/arguments.ts';
import { failure, isFailure, typeError } from '../values/errors.ts';
import { sequenceFilters, type CallByName } from './sequence-filters.ts';
import { jsonForm, toJson } from '../format/json.ts';
import { asInt, asNumber, int, parseFloating, parseInteger, roundNumber, truncated } from '../values/numbers.ts';
import { compute, listOf, sizeOf } from '../values/operators.ts';
import { prettyPrint } from '../format/pretty-print.ts';
import { isFlat, quoted, textOf } from '../values/text.ts';
import { tests } from './tests.ts';
import { textFilters } from './text-filters.ts';
import {
  float,
  isDict,
  isFloat,
  isText,
  isTrue,
  isUndefined,
  orElse,
  rawText,
  refuseUndefined,
  stream,
  textLike,
  tuple,
  typeName,
  undefinedValue,
  type Budget,
  type Native,
  type Value,
} from '../values/values.ts';

const filterMap = new Map<string, Native>();
export const filters: ReadonlyMap<string, Native> = filterMap;

const define = (names: string, parameters: string, run: (bound: Bound, budget: Budget) => Value): void => {
  for (const name of names.split(' ')) filterMap.set(name, withParameters(name, parameters, run));
};

/** A filter or a test by a name that is known only now. */
const callByName: CallByName = (kind, name, positional, named, budget) => {
  if (isUndefined(name)) throw failure('TemplateRuntimeError', `No ${kind} named Undefined.`);
  const native = isText(name) ? (kind === 'filter' ? filters : tests).get(rawText(name)) : undefined;
  if (!native) {
    const shown = isText(name) ? quoted(rawText(name)) : typeName(name);
    throw failure('TemplateRuntimeError', `No ${kind} named ${shown}.`);
  }
  return native(positional, named, budget);
};

for (const [name, native] of [...textFilters, ...sequenceFilters(callByName)]) filterMap.set(name, native);

define('abs', 'x /', ([value = null]) => {
  if (isFloat(value)) return float(Math.abs(value.value));
  const whole = asInt(value);
  if (whole === undefined) throw typeError(`bad operand type for abs(): '${typeName(value)}'`);
  return whole < 0 ? int(-BigInt(whole)) : whole;
});
define('attr', 'obj name', ([value = null, name = null]) => {
  if (!isText(name)) throw typeError('attribute name must be string');
  const missing = undefinedValue(`${quoted(`${typeName(value)} object`)} has no attribute ${quoted(rawText(name))}`);
  return orElse(attributeOf(value, rawText(name)), missing);
});
define('default d', 'value default_value? boolean?', ([value = null, otherwise = '', boolean = false]) =>
  isUndefined(value) || (isTrue(boolean) && !isTrue(value)) ? otherwise : value,
);
define('count length', 'obj /', ([value = null], budget) => {
  // Code points are counted one by one where a text has any beyond the first plane.
  if (isText(value)) budget.charge(rawText(value).length >> (isFlat(rawText(value)) ? 6 : 3));
  const size = sizeOf(value);
  if (size === undefined) throw typeError(`object of type '${typeName(value)}' has no len()`);
  return size;
});
define('int', 'value default? base?', ([value = null, otherwise = 0, base = 10], budget) => {
  if (isUndefined(value)) refuseUndefined(value);
  try {
    if (!isText(value)) return isFloat(value) ? truncated(value.value) : wholeOf(value);
    const radix = asInt(base);
    if (radix === undefined) throw typeError(`'${typeName(base)}' object cannot be interpreted as an integer`);
    return parseInteger(rawText(value), Number(radix), budget);
  } catch (error) {
    if (!isFailure(error, 'TypeError', 'ValueError')) throw error;
  }
  try {
    return truncated(toFloat(value));
  } catch (error) {
    if (isFailure(error, 'TypeError', 'ValueError', 'OverflowError')) return otherwise;
    throw error;
  }
});
define('float', 'value default?', ([value = null, otherwise = float(0)]) => {
  try {
    return float(toFloat(value));
  } catch (error) {
    if (isFailure(error, 'TypeError', 'ValueError')) return otherwise;
    throw error;
  }
});
define('round', 'value precision? method?', ([value = null, precision = 0, method = 'common'], budget) => {
  const how = isText(method) ? rawText(method) : '';
  if (how !== 'common' && how !== 'ceil' && how !== 'floor')
    throw failure('FilterArgumentError', 'method must be common, ceil or floor');
  if (how === 'common') {
    if (isUndefined(value)) throw typeError("type Undefined doesn't define __round__ method");
    const digits = precision === null ? null : asInt(precision);
    if (digits === undefined) throw typeError(`'${typeName(precision)}' object cannot be interpreted as an integer`);
    return roundNumber(value, digits === null ? null : Number(digits));
  }
  const unit = compute('**', 10, precision, budget);
  const scaled = asNumber(compute('*', value, unit, budget));
  if (scaled === undefined) throw typeError(`must be real number, not ${typeName(value)}`);
  const whole =
    typeof scaled === 'bigint' ? scaled : truncated(how === 'ceil' ? Math.ceil(scaled) : Math.floor(scaled));
  return compute('/', whole, unit, budget);
});
define('tojson', 'x ensure_ascii? indent? separators? sort_keys?', (bound, budget) => {
  const [value = null, ascii = false, indent = null, separators = null, sorts = false] = bound;
  return toJson(value, jsonForm(isTrue(ascii), indent, separators, isTrue(sorts), budget), budget);
});
define('pprint', 'value', ([value = null], budget) => prettyPrint(value, budget));
define('items', 'value', ([value = null], budget) => {
  let at = 0;
  let pairs: readonly Value[] | undefined;
  return stream('do_items', () => {
    if (isUndefined(value)) return undefined;
    if (!isDict(value)) throw typeError('Can only get item pairs from a mapping.');
    pairs ??= [...value.entries.values()].map((pair) => tuple(pair));
    budget.charge(1);
    return pairs[at++];
  });
});
define('filesizeformat', 'value binary?', ([value = null, binary = false]) => {
  const bytes = toFloat(value);
  const base = isTrue(binary) ? 1024 : 1000;
  const letter = isTrue(binary) ? 'iB' : 'B';
  if (bytes === 1) return '1 Byte';
  if (bytes < base) return `${truncated(bytes)} Bytes`;
  const prefixes = [isTrue(binary) ? 'K' : 'k', ...'MGTPEZY'];
  const at = prefixes.findIndex((_, index) => bytes < base ** (index + 2));
  const power = at < 0 ? prefixes.length - 1 : at;
  const scaled = roundNumber(float((base * bytes) / base ** (power + 2)), 1);
  return `${(isFloat(scaled) ? scaled.value : 0).toFixed(1)} ${prefixes[power] ?? ''}${letter}`;
});
define('random', 'seq', () => {
  throw failure(
    'TemplateRuntimeError',
    'The filter random gives something else each time, and is not for a chat template.',
  );
});
define('urlize', 'value', () => {
  throw failure('TemplateRuntimeError', 'The filter urlize makes a page of HTML, and is not for a chat template.');
});
define('list', 'value', ([value = null], budget) => ({ kind: 'list', items: listOf(value, budget) }));
define('string', 'value', ([value = null], budget) =>
  isText(value) ? textLike(value, rawText(value)) : textOf(value, budget),
);

function wholeOf(value: Value): Value {
  const whole = asInt(value);
  if (whole === undefined)
    throw typeError(`int() argument must be a string or a real number, not '${typeName(value)}'`);
  return whole;
}

function toFloat(value: Value): number {
  if (isUndefined(value)) refuseUndefined(value);
  if (isText(value)) return parseFloating(rawText(value));
  const number = asNumber(value);
  if (number === undefined)
    throw typeError(`float() argument must be a string or a real number, not '${typeName(value)}'`);
  if (typeof number === 'bigint' && !Number.isFinite(Number(number)))
    throw failure('OverflowError', 'int too large to convert to float');
  return Number(number);
}
