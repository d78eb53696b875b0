/** Reads filters, tests and the arguments of calls. */
import type { Expression, Filter, Given } from './nodes.ts';
import type { TokenStream } from './token-stream.ts';

export interface FilterParser {
  /** One or more filters; null as value for those of a block. */
  filters(value: Expression | null, isBlock: boolean): Expression | null;
  /** The value with all filters and tests that follow it. */
  filtersAndTests(value: Expression): Expression;
  /** Arguments in parentheses. */
  given(): Given;
}

const nothing: Given = { positional: [], named: [], spread: null, spreadNamed: null };

/** `operand` reads a constant, name or collection with its attributes, items and calls. */
export function createFilterParser(
  tokens: TokenStream,
  expression: () => Expression,
  operand: () => Expression,
): FilterParser {
  const { current, ahead, is, isOperator, next, skip, expect, fail } = tokens;

  function filtersAndTests(start: Expression): Expression {
    let value = start;
    for (;;) {
      if (isOperator('|')) value = filters(value, false) ?? value;
      else if (is('name', 'is')) value = test(value);
      else if (isOperator('(')) value = { type: 'call', callee: value, given: given() };
      else return value;
    }
  }

  function dottedName(): string {
    let name = expect('name').value;
    while (skip('operator', '.')) name += `.${expect('name').value}`;
    return name;
  }

  function filters(value: Expression | null, isBlock: boolean): Expression | null {
    let filtered = value;
    for (let first = isBlock; first || isOperator('|'); first = false) {
      if (!first) next();
      const { line } = current();
      const name = dottedName();
      const passed = isOperator('(') ? given() : nothing;
      const filter: Filter = { type: 'filter', value: filtered, name, line, given: passed };
      filtered = filter;
    }
    return filtered;
  }

  function test(value: Expression): Expression {
    const { line } = next();
    const isNegated = skip('name', 'not');
    const name = dottedName();
    let passed = nothing;
    if (isOperator('(')) passed = given();
    else if (
      (['name', 'string', 'integer', 'float'].includes(current().type) || isOperator('[', '{')) &&
      !['else', 'or', 'and'].some((word) => is('name', word))
    ) {
      if (is('name', 'is')) throw fail('You cannot chain multiple tests with is');
      passed = { ...nothing, positional: [operand()] };
    }
    const tested: Expression = { type: 'test', value, name, given: passed, line };
    return isNegated ? { type: 'unary', operator: 'not', operand: tested } : tested;
  }

  function given(): Given {
    const { line } = expect('operator', '(');
    const positional: Expression[] = [];
    const named: (readonly [string, Expression])[] = [];
    let spread: Expression | null = null;
    let spreadNamed: Expression | null = null;
    const ensure = (holds: boolean): void => {
      if (!holds) throw fail('invalid syntax for function call expression', line);
    };
    for (let first = true; !isOperator(')'); first = false) {
      if (!first) {
        expect('operator', ',');
        if (isOperator(')')) break;
      }
      if (skip('operator', '*')) {
        ensure(!spread && !spreadNamed);
        spread = expression();
      } else if (skip('operator', '**')) {
        ensure(!spreadNamed);
        spreadNamed = expression();
      } else if (is('name') && ahead().type === 'operator' && ahead().value === '=') {
        ensure(!spreadNamed);
        const name = next().value;
        next();
        if (named.some(([other]) => other === name)) throw fail(`keyword argument repeated: ${name}`);
        named.push([name, expression()]);
      } else {
        ensure(!spread && !spreadNamed && named.length === 0);
        positional.push(expression());
      }
    }
    next();
    return { positional, named, spread, spreadNamed };
  }

  return { filters, filtersAndTests, given };
}
