/** What `value.name` and `value[key]` are: attributes of Python's types as the immutable sandbox shows them, and items. */
import { countArgument, withParameters } from './arguments.ts';
import { isFailure, typeError, valueError } from './errors.ts';
import { formatFields, type Access } from '../format/format.ts';
import { asIndex, asInt } from './numbers.ts';
import { areEqual, listOf, rangeItem } from './operators.ts';
import { codePoints, isFlat, quoted, represent } from './text.ts';
import { textMethod } from './text-methods.ts';
import {
  dictOf,
  float,
  isDict,
  isFloat,
  isRecord,
  isSequence,
  isText,
  isUndefined,
  list,
  lookUp,
  orElse,
  rawText,
  refuseUndefined,
  textLike,
  typeName,
  undefinedValue,
  type Budget,
  type Dict,
  type Markup,
  type Native,
  type NativeObject,
  type Undefined,
  type Value,
} from './values.ts';

const boundMethod = (value: Value, name: string, call: Native): NativeObject => ({
  kind: 'object',
  typeName: 'builtin_function_or_method',
  show: () => `<built-in method ${name} of ${typeName(value)} object>`,
  call,
});

/** Methods that would change a value. */
const changing: Readonly<Record<string, ReadonlySet<string>>> = {
  list: new Set(['append', 'clear', 'pop', 'reverse', 'insert', 'sort', 'extend', 'remove']),
  dict: new Set(['clear', 'pop', 'popitem', 'setdefault', 'update']),
};
/** Names that every object of Python has. */
const hidden = new Set(
  (
    '__class__ __delattr__ __dir__ __doc__ __eq__ __format__ __ge__ __getattribute__ __getstate__ __gt__ __hash__ __init__ ' +
    '__init_subclass__ __le__ __lt__ __ne__ __new__ __reduce__ __reduce_ex__ __repr__ __setattr__ __sizeof__ __str__ ' +
    '__subclasshook__'
  ).split(' '),
);

const unsafe = (value: Value, name: string): Undefined =>
  undefinedValue(
    `access to attribute ${quoted(name)} of ${quoted(typeName(value))} object is unsafe.`,
    'SecurityError',
  );

const missing = (value: Value, key: Value, budget: Budget): Undefined => {
  const described = value === null ? 'None' : `${typeName(value)} object`;
  return undefinedValue(
    isText(key)
      ? `${quoted(described)} has no attribute ${quoted(rawText(key))}`
      : `${described} has no element ${represent(key, budget)}`,
  );
};

/** The attribute of this name, apart from items; undefined where there is none. */
export function attributeOf(value: Value, name: string): Value | undefined {
  if (isUndefined(value)) refuseUndefined(value);
  const found = readAttribute(value, name);
  if (found !== undefined) return name.startsWith('_') ? unsafe(value, name) : found;
  // Data of Python has many more of these names, and no item could be meant.
  const isHidden =
    hidden.has(name) || (/^__\w+__$/.test(name) && (isText(value) || isSequence(value) || !isRecord(value)));
  if (isHidden) return unsafe(value, name);
  return changing[typeName(value)]?.has(name) === true ? unsafe(value, name) : undefined;
}

function readAttribute(value: Value, name: string): Value | undefined {
  if (isText(value)) {
    if (name === 'format' || name === 'format_map') return boundMethod(value, name, formatMethod(value, name));
    const method = textMethod(value, name);
    return method && boundMethod(value, name, method);
  }
  if (!isRecord(value) || value.kind === 'float') return numberAttribute(value, name);
  switch (value.kind) {
    case 'list':
    case 'tuple': {
      const at = value.kind === 'tuple' ? (value.names?.indexOf(name) ?? -1) : -1;
      if (at >= 0) return value.items[at];
      const method = sequenceMethod(value.kind === 'list', value.items, name);
      return method && boundMethod(value, name, method);
    }
    case 'dict': {
      const method = dictMethod(value, name);
      return method && boundMethod(value, name, method);
    }
    case 'range': {
      if (name === 'start' || name === 'step') return value[name];
      if (name === 'stop') return rangeItem(value, value.length);
      const items = (): Value[] => Array.from({ length: value.length }, (_, at) => rangeItem(value, at));
      const method = name === 'count' || name === 'index' ? sequenceMethod(false, items(), name) : undefined;
      return method && boundMethod(value, name, method);
    }
    case 'object':
      return value.attribute?.(name);
    case 'view':
      return name === 'mapping' ? value.of : undefined;
    case 'stream':
    case 'undefined':
      return undefined;
    default:
      return value satisfies never;
  }
}

function formatMethod(self: string | Markup, name: 'format' | 'format_map'): Native {
  return (positional, named, budget) => {
    const options = { access: accessWith(budget), escapes: typeof self !== 'string', budget };
    if (name === 'format') return textLike(self, formatFields(rawText(self), positional, named, options));
    if (named.size > 0) throw typeError('format_map() takes no keyword arguments');
    const [mapping, ...rest] = positional;
    if (mapping === undefined || rest.length > 0)
      throw typeError(`format_map() takes exactly one argument (${positional.length} given)`);
    const read = (key: string): Value | undefined => {
      if (isUndefined(mapping)) refuseUndefined(mapping);
      if (!isDict(mapping)) throw typeError(`'${typeName(mapping)}' object is not a mapping`);
      return lookUp(mapping, key, budget);
    };
    return textLike(self, formatFields(rawText(self), [], read, options));
  };
}
const accessWith = (budget: Budget): Access => ({
  attribute: (value, name) => getAttribute(value, name, budget),
  item: (value, key) => getItem(value, key, budget),
});

function numberAttribute(value: Value, name: string): Value | undefined {
  const plain = (call: () => Value): NativeObject => boundMethod(value, name, withParameters(name, '', call));
  if (isFloat(value)) {
    if (name === 'real') return value;
    if (name === 'imag') return float(0);
    if (name === 'conjugate') return plain(() => value);
    return name === 'is_integer' ? plain(() => Number.isInteger(value.value)) : undefined;
  }
  const whole = asInt(value);
  if (whole === undefined) return undefined;
  if (name === 'real' || name === 'numerator') return whole;
  if (name === 'imag') return 0;
  if (name === 'denominator') return 1;
  if (name === 'conjugate') return plain(() => whole);
  const bits = (): string => (whole === 0 ? '' : BigInt(whole).toString(2).replace('-', ''));
  if (name === 'bit_length') return plain(() => bits().length);
  return name === 'bit_count' ? plain(() => bits().replaceAll('0', '').length) : undefined;
}

function sequenceMethod(isList: boolean, items: readonly Value[], name: string): Native | undefined {
  if (name === 'copy' && isList) return withParameters(name, '', () => list(items));
  if (name === 'count')
    return withParameters(name, 'value /', ([wanted = null], budget) => {
      budget.charge(items.length);
      return items.filter((item) => item === wanted || areEqual(item, wanted, budget)).length;
    });
  if (name !== 'index') return undefined;
  return withParameters(name, 'value start? stop? /', ([wanted = null, start, stop], budget) => {
    const at = (bound: Value | undefined, otherwise: number): number => {
      const index = countArgument(bound, otherwise);
      return index < 0 ? Math.max(0, index + items.length) : index;
    };
    const end = Math.min(at(stop, items.length), items.length);
    budget.charge(items.length);
    for (let index = at(start, 0); index < end; index++) {
      const item = items[index] ?? null;
      if (item === wanted || areEqual(item, wanted, budget)) return index;
    }
    throw valueError('the value is not in the sequence');
  });
}

function dictMethod(dict: Dict, name: string): Native | undefined {
  switch (name) {
    case 'keys':
    case 'values':
    case 'items':
      return withParameters(name, '', () => ({ kind: 'view', part: name, of: dict }));
    case 'get':
      return withParameters(name, 'key default? /', ([key = null, otherwise = null], budget) =>
        orElse(lookUp(dict, key, budget), otherwise),
      );
    case 'copy':
      return withParameters(name, '', () => dict);
    case 'fromkeys':
      return withParameters(name, 'iterable value? /', ([keys = null, value = null], budget) =>
        dictOf(
          listOf(keys, budget).map((key) => [key, value] as const),
          budget,
        ),
      );
    default:
      return undefined;
  }
}

/** The item of this key; undefined where there is none, or where the value has no items. */
function itemOf(value: Value, key: Value, budget: Budget): Value | undefined {
  if (isUndefined(value)) refuseUndefined(value);
  if (isDict(value)) {
    try {
      return lookUp(value, key, budget);
    } catch (error) {
      if (isFailure(error, 'TypeError')) return undefined;
      throw error;
    }
  }
  const index = asIndex(key);
  if (index === undefined) return undefined;
  if (isText(value)) {
    const text = rawText(value);
    budget.charge(text.length >> 6);
    const points = isFlat(text) ? text : codePoints(text);
    const found = points[index < 0 ? index + points.length : index];
    return found === undefined ? undefined : textLike(value, found);
  }
  if (!isRecord(value)) return undefined;
  if (value.kind === 'list' || value.kind === 'tuple')
    return value.items[index < 0 ? index + value.items.length : index];
  if (value.kind !== 'range') return undefined;
  const at = index < 0 ? index + value.length : index;
  return at >= 0 && at < value.length ? rangeItem(value, at) : undefined;
}

/** `value.name`: an attribute first, then an item. */
export function getAttribute(value: Value, name: string, budget: Budget): Value {
  const attribute = attributeOf(value, name);
  if (attribute !== undefined) return attribute;
  const item = itemOf(value, name, budget);
  return item === undefined ? missing(value, name, budget) : item;
}

/** `value[key]`: an item first, then an attribute. */
export function getItem(value: Value, key: Value, budget: Budget): Value {
  const item = itemOf(value, key, budget);
  if (item !== undefined) return item;
  const attribute = isText(key) ? attributeOf(value, rawText(key)) : undefined;
  return attribute === undefined ? missing(value, key, budget) : attribute;
}

/** Calls a value. @throws TypeError for one that cannot be called. */
export function callValue(
  callee: Value,
  positional: readonly Value[],
  named: ReadonlyMap<string, Value>,
  budget: Budget,
): Value {
  budget.charge(1);
  if (isRecord(callee)) {
    if (callee.kind === 'undefined') refuseUndefined(callee);
    const call = callee.kind === 'object' ? callee.call : undefined;
    if (call) return budget.deeper(() => call(positional, named, budget));
  }
  throw typeError(`'${typeName(callee)}' object is not callable`);
}

/** The getter of the filters: a path of names and numbers, with a value for what is missing. */
export function pathGetter(path: Value, budget: Budget, otherwise?: Value): (value: Value) => Value {
  const parts = pathParts(path);
  return (value) => {
    let at = value;
    for (const part of parts) {
      at = getItem(at, part, budget);
      if (otherwise !== undefined && otherwise !== null && isUndefined(at)) at = otherwise;
    }
    return at;
  };
}
function pathParts(path: Value): readonly Value[] {
  if (path === null) return [];
  if (!isText(path)) return [path];
  return rawText(path)
    .split('.')
    .map((part) => (/^\p{Nd}+$/u.test(part) ? Number(part) : part));
}
