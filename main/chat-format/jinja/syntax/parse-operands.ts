/** Reads operands: constants, names, collections, and what may follow one: attributes, items, calls, filters and tests. */
import { parseFloating, parseInteger } from '../values/numbers.ts';
import { float, type Budget } from '../values/values.ts';
import type { Expression } from './nodes.ts';
import { createFilterParser, type FilterParser } from './parse-filters.ts';
import type { TokenStream } from './token-stream.ts';

export interface OperandParser extends Pick<FilterParser, 'filters'> {
  /** One constant, name or collection; with `withMembers` also `name.attribute`, as the target of an assignment. */
  primary(withMembers: boolean): Expression;
  /** An operand with its signs and what follows it. */
  unary(withFilters: boolean): Expression;
}

const free: Budget = { charge: () => {}, reserve: () => {}, deeper: (inner) => inner(), identify: () => 0 };
const constants: Readonly<Record<string, boolean | null>> = {
  ...{ true: true, True: true, false: false, False: false, none: null, None: null },
};

export function createOperandParser(
  tokens: TokenStream,
  expression: () => Expression,
  tuple: () => Expression,
): OperandParser {
  const { current, is, isOperator, next, skip, expect, fail, deeper } = tokens;
  const operand = (): Expression => postfix(primary(false));
  const { filters, filtersAndTests, given } = createFilterParser(tokens, expression, operand);

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
    if (token.type === 'name') {
      next();
      if (Object.hasOwn(constants, token.value)) return { type: 'const', value: constants[token.value] ?? null };
      if (withMembers && skip('operator', '.'))
        return { type: 'member', name: token.value, attr: expect('name').value };
      return { type: 'name', name: token.value };
    }
    if (token.type === 'string') {
      let text = '';
      while (is('string')) text += next().value;
      return { type: 'const', value: text };
    }
    if (token.type === 'integer') return { type: 'const', value: parseInteger(next().value, 0, free) };
    if (token.type === 'float') return { type: 'const', value: float(parseFloating(next().value)) };
    if (skip('operator', '(')) {
      const inner = tuple();
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
    const parts: (Expression | Bounds)[] = [];
    while (!isOperator(']')) {
      if (parts.length > 0) expect('operator', ',');
      parts.push(sliceOrKey());
    }
    next();
    const [only] = parts;
    if (parts.length === 1 && only)
      return isBounds(only) ? { type: 'slice', value, bounds: only } : { type: 'item', value, key: only };
    const items = parts.map((part) => {
      if (isBounds(part)) throw fail('a slice stands alone');
      return part;
    });
    return { type: 'item', value, key: { type: 'tuple', items } };
  }

  function sliceOrKey(): Expression | Bounds {
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

  return { primary, unary, filters };
}

type Bounds = readonly (Expression | null)[];
const isBounds = (part: Expression | Bounds): part is Bounds => Array.isArray(part);
