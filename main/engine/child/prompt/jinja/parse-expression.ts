/** Reads expressions, with the precedence of jinja2. */
import { parseFloating, parseInteger } from './numbers.ts';
import type { BinaryOperator, Comparison, Expression, Filter, Given } from './nodes.ts';
import type { TokenStream } from './token-stream.ts';
import { float, type Budget } from './values.ts';

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

const free: Budget = { charge: () => {}, reserve: () => {}, deeper: (inner) => inner(), identify: () => 0 };
const constants: Readonly<Record<string, boolean | null>> = {
  ...{ true: true, True: true, false: false, False: false, none: null, None: null },
};
const comparisons = new Set(['==', '!=', '<', '<=', '>', '>=']);

export function createExpressionParser(tokens: TokenStream): ExpressionParser {
  const { current, is, next, skip, expect, fail, deeper } = tokens;
  const isOperator = (...values: readonly string[]): boolean =>
    current().type === 'operator' && values.includes(current().value);
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

  const expression = (): Expression => deeper(condition);
  function condition(): Expression {
    let yes = disjunction();
    while (skip('name', 'if')) {
      const test = disjunction();
      const no = skip('name', 'else') ? expression() : null;
      yes = { type: 'condition', test, yes, no };
    }
    return yes;
  }
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
      else if (is('name', 'not') && tokens.ahead().type === 'name' && tokens.ahead().value === 'in') {
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
  const power = (): Expression => binary(['**'], () => unary(true));

  function unary(withFilters: boolean): Expression {
    let value: Expression;
    if (isOperator('-', '+')) {
      const operator = next().value as '+' | '-';
      value = { type: 'unary', operator, operand: deeper(() => unary(false)) };
    } else value = primary(false);
    value = postfix(value);
    return withFilters ? filtersAndTests(value) : value;
  }

  function primary(withMembers: boolean): Expression {
    const token = current();
    switch (token.type) {
      case 'name': {
        next();
        if (Object.hasOwn(constants, token.value)) return { type: 'const', value: constants[token.value] ?? null };
        if (withMembers && skip('operator', '.'))
          return { type: 'member', name: token.value, attr: expect('name').value };
        return { type: 'name', name: token.value };
      }
      case 'string': {
        let text = '';
        while (is('string')) text += next().value;
        return { type: 'const', value: text };
      }
      case 'integer':
        return { type: 'const', value: parseInteger(next().value, 0, free) };
      case 'float':
        return { type: 'const', value: float(parseFloating(next().value)) };
    }
    if (skip('operator', '(')) {
      const inner = tuple({ inParentheses: true });
      expect('operator', ')');
      return inner;
    }
    if (skip('operator', '[')) return { type: 'list', items: separated(']', expression) };
    if (skip('operator', '{')) {
      const pairs = separated('}', () => {
        const key = expression();
        expect('operator', ':');
        return [key, expression()] as const;
      });
      return { type: 'dict', pairs };
    }
    throw fail(`unexpected '${token.value}'`);
  }

  /** Items up to the closing sign, which is passed; a comma may follow the last. */
  function separated<T>(closing: string, item: () => T): T[] {
    const items: T[] = [];
    while (!isOperator(closing)) {
      if (items.length > 0) expect('operator', ',');
      if (isOperator(closing)) break;
      items.push(item());
    }
    next();
    return items;
  }

  function tuple(options: TupleOptions = {}): Expression {
    const { conditional = true, end, target, inParentheses = false } = options;
    const item = (): Expression => {
      if (target) return primary(target === 'names and members');
      return conditional ? expression() : deeper(disjunction);
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

  function postfix(start: Expression): Expression {
    let value = start;
    for (;;) {
      if (skip('operator', '.')) {
        const token = next();
        if (token.type === 'name') value = { type: 'attribute', value, name: token.value };
        else if (token.type === 'integer')
          value = { type: 'item', value, key: { type: 'const', value: parseInteger(token.value, 0, free) } };
        else throw fail('expected name or number', token.line);
      } else if (skip('operator', '[')) value = subscript(value);
      else if (isOperator('(')) value = { type: 'call', callee: value, given: given() };
      else return value;
    }
  }

  function subscript(value: Expression): Expression {
    const parts: (Expression | readonly (Expression | null)[])[] = [];
    while (!isOperator(']')) {
      if (parts.length > 0) expect('operator', ',');
      parts.push(sliceOrKey());
    }
    next();
    const [only] = parts;
    if (parts.length === 1 && only) {
      return isBounds(only) ? { type: 'slice', value, bounds: only } : { type: 'item', value, key: only };
    }
    const items = parts.map((part) => {
      if (isBounds(part)) throw fail('a slice stands alone');
      return part;
    });
    return { type: 'item', value, key: { type: 'tuple', items } };
  }

  function sliceOrKey(): Expression | readonly (Expression | null)[] {
    const ends = (): boolean => isOperator(']', ',');
    let start: Expression | null = null;
    if (!isOperator(':')) {
      start = expression();
      if (!isOperator(':')) return start;
    }
    next();
    const stop = isOperator(':') || ends() ? null : expression();
    const step = skip('operator', ':') && !ends() ? expression() : null;
    return [start, stop, step];
  }

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
      const filter: Filter = {
        ...{ type: 'filter', value: filtered, name, line },
        given: isOperator('(') ? given() : nothing,
      };
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
      passed = { ...nothing, positional: [postfix(primary(false))] };
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
      } else if (is('name') && tokens.ahead().type === 'operator' && tokens.ahead().value === '=') {
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

  return { expression, tuple, filters };
}

const nothing: Given = { positional: [], named: [], spread: null, spreadNamed: null };
const isBounds = (part: Expression | readonly (Expression | null)[]): part is readonly (Expression | null)[] =>
  Array.isArray(part);
