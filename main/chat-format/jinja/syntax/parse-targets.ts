/** Reads what is assigned to: targets, the parameters of a macro, and the names that another template would give. */
import type { Expression, Signature, Statement } from './nodes.ts';
import type { ExpressionParser, TupleOptions } from './parse-expression.ts';
import type { TokenStream } from './token-stream.ts';

export interface TargetParser {
  target(options: TupleOptions): Expression;
  name(): string;
  parameters(): Signature;
  otherTemplate(tag: string, line: number): Statement;
}

export function createTargetParser(tokens: TokenStream, { expression, tuple }: ExpressionParser): TargetParser {
  const { is, next, skip, expect, fail } = tokens;

  function target(options: TupleOptions): Expression {
    return checked(tuple(options));
  }
  function name(): string {
    const { value } = expect('name');
    checked({ type: 'name', name: value });
    return value;
  }
  function checked(expected: Expression): Expression {
    const isTarget = (one: Expression): boolean =>
      one.type === 'member' ||
      (one.type === 'name' && !/^(?:true|false|none|True|False|None)$/.test(one.name)) ||
      (one.type === 'tuple' && one.items.every(isTarget));
    if (!isTarget(expected)) throw fail(`can't assign to '${expected.type}'`);
    return expected;
  }

  function parameters(): Signature {
    const names: string[] = [];
    const defaults: Expression[] = [];
    expect('operator', '(');
    while (!is('operator', ')')) {
      if (names.length > 0) expect('operator', ',');
      const parameter = name();
      if (names.includes(parameter)) throw fail(`duplicate argument '${parameter}'`);
      names.push(parameter);
      if (skip('operator', '=')) defaults.push(expression());
      else if (defaults.length > 0) throw fail('non-default argument follows default argument');
    }
    next();
    return { parameters: names, defaults };
  }

  function otherTemplate(tag: string, line: number): Statement {
    const stored: string[] = [];
    expression();
    const context = (): boolean => {
      const found = (is('name', 'with') || is('name', 'without')) && tokens.ahead().value === 'context';
      if (found) {
        next();
        next();
      }
      return found;
    };
    if (tag === 'include') {
      if (is('name', 'ignore') && tokens.ahead().value === 'missing') {
        next();
        next();
      }
      context();
    } else if (tag === 'import') {
      expect('name', 'as');
      stored.push(name());
      context();
    } else if (tag === 'from') {
      expect('name', 'import');
      for (;;) {
        if (stored.length > 0) expect('operator', ',');
        if (context()) break;
        const imported = name();
        if (imported.startsWith('_')) throw fail('names starting with an underline can not be imported');
        stored.push(skip('name', 'as') ? name() : imported);
        if (context() || !is('operator', ',')) break;
      }
    }
    return { type: 'other_template', tag, stored, line };
  }

  return { target, name, parameters, otherTemplate };
}
