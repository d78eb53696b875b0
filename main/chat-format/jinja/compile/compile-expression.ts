/** Turns expressions into functions that evaluate them. */
import { callValue, getAttribute, getItem } from '../values/attributes.ts';
import { failure, isFailure, typeError } from '../values/errors.ts';
import { filters } from '../filters/filters.ts';
import { partsOf } from '../syntax/names.ts';
import type { BinaryOperator, Comparison, Expression, Given } from '../syntax/nodes.ts';
import { areEqual, compute, contains, isOrdered, listOf, sign, sliceValue } from '../values/operators.ts';
import { nameReader, type Activation, type Evaluate, type Scope } from './scope.ts';
import { quoted, textOf } from '../values/text.ts';
import { tests } from '../filters/tests.ts';
import {
  dictOf,
  isDict,
  isText,
  isTrue,
  list,
  rawText,
  tuple,
  typeName,
  undefinedValue,
  type Budget,
  type Named,
  type Native,
  type Value,
} from '../values/values.ts';

/** @throws TemplateAssertionError for a filter or a test that is unknown. */
export function compileExpression(expression: Expression, scope: Scope): Evaluate {
  const evaluate = compileNode(expression, scope);
  return (activation) => {
    activation.run.budget.charge(1);
    return evaluate(activation);
  };
}

function compileNode(expression: Expression, scope: Scope): Evaluate {
  const inner = (one: Expression): Evaluate => compileNode(one, scope);
  switch (expression.type) {
    case 'const': {
      const { value } = expression;
      return () => value;
    }
    case 'name':
      return nameReader(scope, expression.name);
    case 'tuple':
    case 'list': {
      const items = expression.items.map(inner);
      const make = expression.type === 'list' ? list : tuple;
      return (activation) => make(items.map((item) => item(activation)));
    }
    case 'dict': {
      const pairs = expression.pairs.map(([key, value]) => [inner(key), inner(value)] as const);
      return (activation) =>
        dictOf(
          pairs.map(([key, value]) => [key(activation), value(activation)] as const),
          activation.run.budget,
        );
    }
    case 'unary': {
      const operand = inner(expression.operand);
      const { operator } = expression;
      if (operator === 'not') return (activation) => !isTrue(operand(activation));
      return (activation) => sign(operator, operand(activation));
    }
    case 'binary':
      return compileBinary(expression.operator, inner(expression.left), inner(expression.right));
    case 'concat': {
      const items = expression.items.map(inner);
      return (activation) => {
        const { budget } = activation.run;
        let text = '';
        for (const item of items) {
          text += textOf(item(activation), budget);
          budget.reserve(text.length);
        }
        return text;
      };
    }
    case 'compare':
      return compileComparison(
        inner(expression.first),
        expression.rest.map(({ operator, operand }) => ({ operator, operand: inner(operand) })),
      );
    case 'condition':
      return compileCondition(expression, { ...scope, isSoft: true });
    case 'attribute': {
      const value = inner(expression.value);
      const { name } = expression;
      return (activation) => getAttribute(value(activation), name, activation.run.budget);
    }
    case 'item': {
      const [value, key] = [inner(expression.value), inner(expression.key)];
      return (activation) => getItem(value(activation), key(activation), activation.run.budget);
    }
    case 'slice': {
      const value = inner(expression.value);
      const [start, stop, step] = expression.bounds.map((bound) => bound && inner(bound));
      const cut = isConstant(expression) ? sliceConstant : sliceValue;
      return (activation) => {
        const at = (bound: Evaluate | null | undefined): Value => (bound ? bound(activation) : null);
        return cut(value(activation), [at(start), at(stop), at(step)], activation.run.budget);
      };
    }
    case 'call': {
      const callee = inner(expression.callee);
      const given = compileGiven(expression.given, scope);
      return (activation) => {
        const called = callee(activation);
        const [positional, named] = given(activation);
        return callValue(called, positional, named, activation.run.budget);
      };
    }
    case 'filter':
      if (!expression.value) throw failure('RuntimeError', 'A filter has no value.');
      return compileFilter(expression, inner(expression.value), scope);
    case 'test':
      return compileNative('test', tests.get(expression.name), expression, inner(expression.value), scope);
    case 'member':
      throw failure('TemplateSyntaxError', 'A member is no value.');
    default:
      return expression satisfies never;
  }
}

/** Whether jinja2 computes an expression when it compiles the template. */
function isConstant(expression: Expression): boolean {
  if (['name', 'member', 'call', 'filter', 'test'].includes(expression.type)) return false;
  return partsOf(expression).every(isConstant);
}

/** A slice that jinja2 takes when it compiles, where a wrong type gives undefined. */
const sliceConstant: typeof sliceValue = (...slice) => {
  try {
    return sliceValue(...slice);
  } catch (error) {
    if (isFailure(error, 'TypeError')) return undefinedValue('a constant has no such slice');
    throw error;
  }
};

function compileBinary(operator: BinaryOperator, left: Evaluate, right: Evaluate): Evaluate {
  if (operator === 'and')
    return (activation) => {
      const value = left(activation);
      return isTrue(value) ? right(activation) : value;
    };
  if (operator === 'or')
    return (activation) => {
      const value = left(activation);
      return isTrue(value) ? value : right(activation);
    };
  return (activation) => compute(operator, left(activation), right(activation), activation.run.budget);
}

function compileComparison(
  first: Evaluate,
  rest: readonly { readonly operator: Comparison['operator']; readonly operand: Evaluate }[],
): Evaluate {
  return (activation) => {
    const { budget } = activation.run;
    let left = first(activation);
    for (const { operator, operand } of rest) {
      const right = operand(activation);
      budget.charge(1);
      if (!holds(operator, left, right, budget)) return false;
      left = right;
    }
    return true;
  };
}

function holds(operator: Comparison['operator'], left: Value, right: Value, budget: Budget): boolean {
  switch (operator) {
    case '==':
      return areEqual(left, right, budget);
    case '!=':
      return !areEqual(left, right, budget);
    case 'in':
      return contains(right, left, budget);
    case 'not in':
      return !contains(right, left, budget);
    default:
      return isOrdered(operator, left, right, budget);
  }
}

function compileCondition({ test, yes, no }: Extract<Expression, { type: 'condition' }>, scope: Scope): Evaluate {
  const [choose, whenTrue] = [compileNode(test, scope), compileNode(yes, scope)];
  const whenFalse = no && compileNode(no, scope);
  const missing = undefinedValue('the inline if-expression evaluated to false and no else section was defined.');
  return (activation) => {
    if (isTrue(choose(activation))) return whenTrue(activation);
    return whenFalse ? whenFalse(activation) : missing;
  };
}

type GivenValues = readonly [positional: readonly Value[], named: Named];
const noNames: Named = new Map();

export function compileGiven(given: Given, scope: Scope): (activation: Activation) => GivenValues {
  const positional = given.positional.map((one) => compileNode(one, scope));
  const named = given.named.map(([name, value]) => [name, compileNode(value, scope)] as const);
  const spread = given.spread && compileNode(given.spread, scope);
  const spreadNamed = given.spreadNamed && compileNode(given.spreadNamed, scope);
  return (activation) => {
    const { budget } = activation.run;
    budget.charge(1);
    const values = positional.map((one) => one(activation));
    if (spread) values.push(...listOf(spread(activation), budget));
    if (named.length === 0 && !spreadNamed) return [values, noNames];
    const byName = new Map(named.map(([name, value]) => [name, value(activation)]));
    if (spreadNamed) {
      const more = spreadNamed(activation);
      if (!isDict(more)) throw typeError(`argument after ** must be a mapping, not ${typeName(more)}`);
      for (const [key, value] of more.entries.values()) {
        if (!isText(key)) throw typeError('keywords must be strings');
        const name = rawText(key);
        if (byName.has(name)) throw typeError(`got multiple values for keyword argument '${name}'`);
        byName.set(name, value);
      }
    }
    return [values, byName];
  };
}

interface NativeUse {
  readonly name: string;
  readonly given: Given;
  readonly line: number;
}

/** A filter over a value that is evaluated already: that of a block. */
export function compileFilter(use: NativeUse, value: Evaluate, scope: Scope): Evaluate {
  return compileNative('filter', filters.get(use.name), use, value, scope);
}

function compileNative(
  kind: 'filter' | 'test',
  native: Native | undefined,
  { name, given, line }: NativeUse,
  value: Evaluate,
  scope: Scope,
): Evaluate {
  if (!native && !scope.isSoft)
    throw failure('TemplateAssertionError', `No ${kind} named ${quoted(name)}. (line ${line})`);
  const passed = compileGiven(given, scope);
  return (activation) => {
    const first = value(activation);
    const [positional, named] = passed(activation);
    if (!native) throw failure('TemplateRuntimeError', `No ${kind} named ${quoted(name)} found.`);
    if (isText(first)) activation.run.budget.charge(rawText(first).length >> 6);
    return native([first, ...positional], named, activation.run.budget);
  };
}
