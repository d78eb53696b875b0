/** Arguments of native functions, matched with their parameters as Python does. */
import { typeError } from './errors.ts';
import { asIndex } from './numbers.ts';
import { isText, rawText, typeName, type Budget, type Named, type Native, type Value } from './values.ts';

/** The arguments by parameter; undefined for one that was left out. */
export type Bound = readonly (Value | undefined)[];

/**
 * A function with these parameters: `name` is needed, `name?` may be left out. Before a `/` none can be given by name.
 */
export function withParameters(
  callee: string,
  parameters: string,
  run: (bound: Bound, budget: Budget) => Value,
): Native {
  const names = parameters.split(' ').filter((name) => name !== '' && name !== '/');
  const positionalOnly = Math.max(0, parameters.split(' ').indexOf('/'));
  const plain = names.map((name) => name.replace('?', ''));
  const needed = names.filter((name) => !name.endsWith('?')).length;
  return (positional, named, budget) => {
    if (named.size === 0 && positional.length >= needed && positional.length <= names.length)
      return run(positional, budget);
    return run(bind(callee, plain, needed, positionalOnly, positional, named), budget);
  };
}

function bind(
  callee: string,
  names: readonly string[],
  needed: number,
  positionalOnly: number,
  positional: readonly Value[],
  named: Named,
): Bound {
  if (positional.length > names.length)
    throw typeError(`${callee}() takes at most ${names.length} arguments (${positional.length} given)`);
  const bound: (Value | undefined)[] = [...positional];
  for (const [name, value] of named) {
    const at = names.indexOf(name);
    if (at < positionalOnly) throw typeError(`${callee}() got an unexpected keyword argument '${name}'`);
    if (at < positional.length) throw typeError(`${callee}() got multiple values for argument '${name}'`);
    bound[at] = value;
  }
  for (let at = 0; at < needed; at++)
    if (bound[at] === undefined) throw typeError(`${callee}() missing required argument '${names[at] ?? ''}'`);
  return bound;
}

/** A text argument. */
export function textArgument(value: Value | undefined, callee: string): string {
  if (value !== undefined && isText(value)) return rawText(value);
  throw typeError(`${callee}() argument must be str, not ${typeName(value ?? null)}`);
}
/** A count argument. */
export function countArgument(value: Value | undefined, otherwise: number): number {
  if (value === undefined) return otherwise;
  const index = asIndex(value);
  if (index === undefined) throw typeError(`'${typeName(value)}' object cannot be interpreted as an integer`);
  return index;
}
