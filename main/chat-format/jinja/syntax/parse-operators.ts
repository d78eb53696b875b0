/** Reads operators, with the precedence of jinja2. */
import type { BinaryOperator, Comparison, Expression } from './nodes.ts';
import type { TokenStream } from './token-stream.ts';

export interface OperatorParser {
  expression(): Expression;
  /** An expression without `a if b`. */
  disjunction(): Expression;
}

const comparisons = new Set(['==', '!=', '<', '<=', '>', '>=']);

/** `unary` reads an operand with its signs, filters and tests. */
export function createOperatorParser(tokens: TokenStream, unary: () => Expression): OperatorParser {
  const { current, ahead, is, isOperator, next, skip, deeper } = tokens;
  /** Operators of one precedence, from the left. */
  const binary = (operators: readonly string[], operand: () => Expression): Expression => {
    let left = operand();
    while (isOperator(...operators)) {
      const operator = next().value as BinaryOperator;
      left = { type: 'binary', operator, left, right: operand() };
    }
    return left;
  };
  const logical = (operator: 'and' | 'or', operand: () => Expression): Expression => {
    let left = operand();
    while (skip('name', operator)) left = { type: 'binary', operator, left, right: operand() };
    return left;
  };

  function condition(): Expression {
    let yes = disjunction();
    while (skip('name', 'if')) {
      const test = disjunction();
      const no = skip('name', 'else') ? expression() : null;
      yes = { type: 'condition', test, yes, no };
    }
    return yes;
  }
  const expression = (): Expression => deeper(condition);
  const disjunction = (): Expression => logical('or', conjunction);
  const conjunction = (): Expression => logical('and', negation);
  function negation(): Expression {
    if (!skip('name', 'not')) return comparison();
    return { type: 'unary', operator: 'not', operand: deeper(negation) };
  }
  function comparison(): Expression {
    const first = sum();
    const rest: Comparison[] = [];
    for (;;) {
      if (current().type === 'operator' && comparisons.has(current().value))
        rest.push({ operator: next().value as Comparison['operator'], operand: sum() });
      else if (skip('name', 'in')) rest.push({ operator: 'in', operand: sum() });
      else if (is('name', 'not') && ahead().type === 'name' && ahead().value === 'in') {
        next();
        next();
        rest.push({ operator: 'not in', operand: sum() });
      } else return rest.length === 0 ? first : { type: 'compare', first, rest };
    }
  }
  const sum = (): Expression => binary(['+', '-'], concatenation);
  function concatenation(): Expression {
    const first = product();
    if (!isOperator('~')) return first;
    const items = [first];
    while (skip('operator', '~')) items.push(product());
    return { type: 'concat', items };
  }
  const product = (): Expression => binary(['*', '/', '//', '%'], power);
  const power = (): Expression => binary(['**'], unary);

  return { expression, disjunction };
}
