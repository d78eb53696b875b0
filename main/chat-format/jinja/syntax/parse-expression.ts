/** Reads expressions: ties together what reads operators, operands, filters and tests. */
import type { Expression } from './nodes.ts';
import { createOperandParser } from './parse-operands.ts';
import { createOperatorParser } from './parse-operators.ts';
import type { TokenStream } from './token-stream.ts';

export interface TupleOptions {
  /** Whether `a if b` may follow; it may not in the head of an `if` or a `for`. */
  readonly conditional?: boolean;
  /** A name that ends the tuple. */
  readonly end?: string;
  /** Only names and their like: the target of an assignment. */
  readonly target?: 'names' | 'names and members';
  readonly inParentheses?: boolean;
}

export interface ExpressionParser {
  expression(): Expression;
  tuple(options?: TupleOptions): Expression;
  /** One or more filters; null as value for those of a block. */
  filters(value: Expression | null, isBlock: boolean): Expression | null;
}

export function createExpressionParser(tokens: TokenStream): ExpressionParser {
  const { is, isOperator, current, expect, fail, deeper } = tokens;
  const operators = createOperatorParser(tokens, () => operands.unary(true));
  const { expression } = operators;
  const operands = createOperandParser(tokens, expression, () => tuple({ inParentheses: true }));

  function tuple(options: TupleOptions = {}): Expression {
    const { conditional = true, end, target, inParentheses = false } = options;
    const item = (): Expression => {
      if (target) return operands.primary(target === 'names and members');
      return conditional ? expression() : deeper(operators.disjunction);
    };
    const items: Expression[] = [];
    let isTuple = false;
    for (;;) {
      if (items.length > 0) expect('operator', ',');
      if (is('variable_end') || is('block_end') || isOperator(')') || (end !== undefined && is('name', end))) break;
      items.push(item());
      if (!isOperator(',')) break;
      isTuple = true;
    }
    const [only] = items;
    if (!isTuple) {
      if (only) return only;
      if (!inParentheses) throw fail(`Expected an expression, got '${current().value}'`);
    }
    return { type: 'tuple', items };
  }

  return { expression, tuple, filters: operands.filters };
}
