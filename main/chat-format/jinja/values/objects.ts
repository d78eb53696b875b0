/** Objects that templates make or meet: loops, macros, namespaces, cyclers and joiners. */
import { withParameters } from './arguments.ts';
import { failure, typeError } from './errors.ts';
import { areEqual, sizeOf } from './operators.ts';
import { quoted, represent } from './text.ts';
import {
  nativeFunction,
  orElse,
  tuple,
  undefinedValue,
  type Budget,
  type Named,
  type Native,
  type NativeObject,
  type Pull,
  type Value,
} from './values.ts';

export interface Loop {
  readonly object: NativeObject;
  /** Moves on to the next item; undefined at the end. */
  next(): Value | undefined;
}

/** The `loop` of a for statement over `iterable`, whose items `pull` gives. `depth` is 0 for an outermost loop. */
export function createLoop(
  iterable: Value | null,
  pull: Pull,
  depth: number,
  recurse: ((iterable: Value, depth: number) => Value) | null,
): Loop {
  let next = pull;
  let index = -1;
  let length: number | undefined;
  let after: Value | undefined;
  let current: Value | undefined;
  let before: Value | undefined;
  let lastChange: Value | undefined;

  const peek = (): Value | undefined => {
    if (after === undefined) after = next();
    return after;
  };
  const measure = (): number => {
    length ??= iterable === null ? undefined : sizeOf(iterable);
    if (length === undefined) {
      const rest: Value[] = [];
      for (let item = next(); item !== undefined; item = next()) rest.push(item);
      let at = 0;
      next = () => rest[at++];
      length = rest.length + index + 1 + (after === undefined ? 0 : 1);
    }
    return length;
  };
  const cycle: Native = (items) => {
    const item = items[index % items.length];
    if (item === undefined) throw typeError('no items for cycling given');
    return item;
  };
  const changed: Native = (values, _, budget) => {
    const now = tuple(values);
    if (lastChange !== undefined && areEqual(lastChange, now, budget)) return false;
    lastChange = now;
    return true;
  };
  const attribute = (name: string): Value | undefined => {
    switch (name) {
      case 'index':
        return index + 1;
      case 'index0':
        return index;
      case 'revindex':
        return measure() - index;
      case 'revindex0':
        return measure() - index - 1;
      case 'first':
        return index === 0;
      case 'last':
        return peek() === undefined;
      case 'length':
        return measure();
      case 'depth':
        return depth + 1;
      case 'depth0':
        return depth;
      case 'previtem':
        return index === 0 || before === undefined ? undefinedValue('there is no previous item') : before;
      case 'nextitem':
        return orElse(peek(), undefinedValue('there is no next item'));
      case 'cycle':
        return nativeFunction('cycle', cycle);
      case 'changed':
        return nativeFunction('changed', changed);
      default:
        return undefined;
    }
  };
  return {
    object: {
      ...{ kind: 'object', typeName: 'LoopContext', attribute, length: measure },
      show: () => `<LoopContext ${index + 1}/${measure()}>`,
      call: withParameters('loop', 'iterable', ([inner = null]) => {
        if (!recurse) throw typeError("The loop must have the 'recursive' marker to be called recursively.");
        return recurse(inner, depth + 1);
      }),
    },
    next() {
      const item = after === undefined ? next() : after;
      after = undefined;
      if (item === undefined) return undefined;
      index++;
      before = current;
      current = item;
      return item;
    },
  };
}

export interface MacroShape {
  /** Null for the body of a call block. */
  readonly name: string | null;
  readonly parameters: readonly string[];
  readonly takesCaller: boolean;
  readonly takesNamed: boolean;
  readonly takesRest: boolean;
}

/** A macro. `invoke` gets one value for each parameter, and then caller, named and further arguments as far as it takes them. */
export function createMacro(
  shape: MacroShape,
  invoke: (values: readonly (Value | undefined)[], named: Named, rest: readonly Value[]) => Value,
): NativeObject {
  const { name, parameters, takesCaller, takesNamed, takesRest } = shape;
  const shown = name === null ? 'None' : quoted(name);
  const hasOwnCaller = parameters.includes('caller');
  const facts: ReadonlyMap<string, Value> = new Map<string, Value>([
    ['name', name],
    ['arguments', tuple(parameters)],
    ['catch_kwargs', takesNamed],
    ['catch_varargs', takesRest],
    ['caller', takesCaller],
    ['explicit_caller', hasOwnCaller],
  ]);
  return {
    kind: 'object',
    typeName: 'Macro',
    show: () => `<Macro ${name === null ? 'anonymous' : quoted(name)}>`,
    attribute: (attribute) => facts.get(attribute),
    call(positional, given) {
      const named = new Map(given);
      const values: (Value | undefined)[] = positional.slice(0, parameters.length);
      const isFull = values.length === parameters.length;
      let hasCaller = isFull && hasOwnCaller;
      for (const parameter of parameters.slice(values.length)) {
        if (parameter === 'caller') hasCaller = true;
        values.push(named.get(parameter));
        named.delete(parameter);
      }
      if (takesCaller && !hasCaller) {
        const caller = named.get('caller') ?? null;
        values.push(caller ?? undefinedValue('No caller defined'));
        named.delete('caller');
      }
      const [surplus] = named.keys();
      if (!takesNamed && surplus !== undefined)
        throw typeError(
          surplus === 'caller'
            ? `macro ${shown} was invoked with two values for the special caller argument. This is most likely a bug.`
            : `macro ${shown} takes no keyword argument ${quoted(surplus)}`,
        );
      if (!takesRest && positional.length > parameters.length)
        throw typeError(`macro ${shown} takes not more than ${parameters.length} argument(s)`);
      return invoke(values, named, positional.slice(parameters.length));
    },
  };
}

export function createNamespace(attributes: ReadonlyMap<string, Value>): NativeObject {
  const own = new Map(attributes);
  return {
    kind: 'object',
    typeName: 'Namespace',
    show(budget: Budget) {
      const pairs = [...own].map(([name, value]) => {
        const text = `${quoted(name)}: ${represent(value, budget)}`;
        budget.reserve(text.length);
        return text;
      });
      return `<Namespace {${pairs.join(', ')}}>`;
    },
    attribute: (name) => own.get(name),
    assign: (name, value) => void own.set(name, value),
  };
}

export function createCycler(items: readonly Value[]): NativeObject {
  if (items.length === 0) throw failure('RuntimeError', 'at least one item has to be provided');
  let at = 0;
  const current = (): Value => items[at] ?? null;
  const methods: Readonly<Record<string, () => Value>> = {
    next() {
      const item = current();
      at = (at + 1) % items.length;
      return item;
    },
    reset() {
      at = 0;
      return null;
    },
  };
  return {
    kind: 'object',
    typeName: 'Cycler',
    show: () => '<jinja2.utils.Cycler object>',
    attribute(name) {
      if (name === 'current') return current();
      if (name === 'items') return tuple(items);
      if (name === 'pos') return at;
      const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
      return method && nativeFunction(name, withParameters(name, '', method));
    },
  };
}

export function createJoiner(separator: Value): NativeObject {
  let isUsed = false;
  return {
    kind: 'object',
    typeName: 'Joiner',
    show: () => '<jinja2.utils.Joiner object>',
    attribute: (name) => (name === 'sep' ? separator : name === 'used' ? isUsed : undefined),
    call: withParameters('joiner', '', () => {
      const text = isUsed ? separator : '';
      isUsed = true;
      return text;
    }),
  };
}
