/** Reads a template into its syntax tree. */
import { tokenize } from './lexer.ts';
import type { Body, Call, Expression, Filter, Signature, Statement } from './nodes.ts';
import { createExpressionParser, type TupleOptions } from './parse-expression.ts';
import { createTokenStream } from './token-stream.ts';

/** @throws TemplateSyntaxError, LimitError. */
export function parse(source: string): Body {
  const tokens = createTokenStream(tokenize(source));
  const { current, is, next, skip, expect, fail } = tokens;
  const { expression, tuple, filters } = createExpressionParser(tokens);

  /** Statements up to one of these tags, whose name is then current. */
  function statements(ends: readonly string[]): Body {
    skip('operator', ':');
    expect('block_end');
    return tokens.deeper(() => body(ends));
  }
  /** Statements up to this tag, whose name is passed. */
  function bodyUntil(end: string): Body {
    const inner = statements([end]);
    next();
    return inner;
  }

  function body(ends: readonly string[] | null): Body {
    const result: Statement[] = [];
    let items: (string | Expression)[] = [];
    let line = 1;
    const flush = (): void => {
      if (items.length > 0) result.push({ type: 'output', items, line });
      items = [];
    };
    const add = (item: string | Expression): void => {
      if (items.length === 0) line = current().line;
      items.push(item);
    };
    for (;;) {
      const token = current();
      if (token.type === 'data') {
        add(token.value);
        next();
      } else if (token.type === 'variable_begin') {
        next();
        add(tuple());
        expect('variable_end');
      } else if (token.type === 'block_begin') {
        flush();
        next();
        if (ends?.some((end) => is('name', end))) return result;
        result.push(statement(ends));
        expect('block_end');
      } else if (token.type === 'end') {
        flush();
        if (ends) throw fail(`Unexpected end of template, looking for ${ends.join(' or ')}.`);
        return result;
      } else throw fail(`unexpected '${token.value}'`);
    }
  }

  function statement(ends: readonly string[] | null): Statement {
    const token = current();
    if (token.type !== 'name') throw fail('tag name expected');
    const { line } = next();
    switch (token.value) {
      case 'for':
        return forLoop(line);
      case 'if':
        return choice(line);
      case 'set':
        return assignment(line);
      case 'macro': {
        const name = target(nameOnly);
        const signature = parameters();
        return { type: 'macro', name: nameText(name), ...signature, body: bodyUntil('endmacro'), line };
      }
      case 'call':
        return callBlock(line);
      case 'generation':
        return {
          ...{ type: 'call_block', parameters: [], defaults: [], call: null, line },
          body: bodyUntil('endgeneration'),
        };
      case 'filter': {
        const filter = filters(null, true) as Filter;
        return { type: 'filter_block', filter, body: bodyUntil('endfilter'), line };
      }
      case 'with':
        return withBlock(line);
      case 'block':
        return block(line);
      case 'print':
        return { type: 'output', items: printed(), line };
      case 'break':
      case 'continue':
        return { type: token.value, line };
      case 'include':
      case 'import':
      case 'from':
      case 'extends':
        return otherTemplate(token.value, line);
      case 'autoescape':
        throw fail('A chat template cannot turn escaping of HTML on or off', line);
    }
    const wanted = ends ? ` Looking for ${ends.join(' or ')}.` : '';
    throw fail(`Encountered unknown tag '${token.value}'.${wanted}`, line);
  }

  const nameOnly: TupleOptions = { target: 'names' };
  function nameText(expected: Expression): string {
    return expected.type === 'name' ? expected.name : '';
  }
  function target(options: TupleOptions): Expression {
    if (options === nameOnly) {
      const { value } = expect('name');
      return checked({ type: 'name', name: value });
    }
    return checked(tuple(options));
  }
  function checked(expected: Expression): Expression {
    const isTarget = (one: Expression): boolean =>
      one.type === 'member' ||
      (one.type === 'name' && !/^(?:true|false|none|True|False|None)$/.test(one.name)) ||
      (one.type === 'tuple' && one.items.every(isTarget));
    if (!isTarget(expected)) throw fail(`can't assign to '${expected.type}'`);
    return expected;
  }

  function forLoop(line: number): Statement {
    const variables = target({ target: 'names', end: 'in' });
    expect('name', 'in');
    const iterable = tuple({ conditional: false, end: 'recursive' });
    const test = skip('name', 'if') ? expression() : null;
    const recursive = skip('name', 'recursive');
    const inner = statements(['endfor', 'else']);
    const otherwise = next().value === 'endfor' ? [] : bodyUntil('endfor');
    return { type: 'for', target: variables, iterable, test, recursive, body: inner, otherwise, line };
  }

  function choice(line: number): Statement {
    const branches: { test: Expression; body: Body }[] = [];
    for (;;) {
      const test = tuple({ conditional: false });
      branches.push({ test, body: statements(['elif', 'else', 'endif']) });
      const tag = next().value;
      if (tag === 'elif') continue;
      return { type: 'if', branches, otherwise: tag === 'else' ? bodyUntil('endif') : [], line };
    }
  }

  function assignment(line: number): Statement {
    const assigned = target({ target: 'names and members' });
    if (skip('operator', '=')) return { type: 'set', target: assigned, value: tuple(), line };
    const filter = filters(null, false) as Filter | null;
    return { type: 'set_block', target: assigned, filter, body: bodyUntil('endset'), line };
  }

  function parameters(): Signature {
    const names: string[] = [];
    const defaults: Expression[] = [];
    expect('operator', '(');
    while (!is('operator', ')')) {
      if (names.length > 0) expect('operator', ',');
      const name = nameText(target(nameOnly));
      if (names.includes(name)) throw fail(`duplicate argument '${name}'`);
      names.push(name);
      if (skip('operator', '=')) defaults.push(expression());
      else if (defaults.length > 0) throw fail('non-default argument follows default argument');
    }
    next();
    return { parameters: names, defaults };
  }

  function callBlock(line: number): Statement {
    const signature = is('operator', '(') ? parameters() : { parameters: [], defaults: [] };
    const call = expression();
    if (call.type !== 'call') throw fail('expected call', line);
    return { type: 'call_block', ...signature, call: call satisfies Call, body: bodyUntil('endcall'), line };
  }

  function withBlock(line: number): Statement {
    const bindings: (readonly [Expression, Expression])[] = [];
    while (!is('block_end')) {
      if (bindings.length > 0) expect('operator', ',');
      const name = target({ target: 'names' });
      expect('operator', '=');
      bindings.push([name, expression()]);
    }
    return { type: 'with', bindings, body: bodyUntil('endwith'), line };
  }

  function block(line: number): Statement {
    const name = expect('name').value;
    const scoped = skip('name', 'scoped');
    const required = skip('name', 'required');
    if (is('operator', '-')) throw fail('The name of a block may not have a hyphen');
    const inner = bodyUntil('endblock');
    if (required && inner.some((one) => one.type !== 'output' || one.items.some((item) => !isBlankText(item))))
      throw fail('Required blocks can only contain comments or whitespace');
    skip('name', name);
    return { type: 'block', name, scoped, required, body: inner, line };
  }

  function printed(): Expression[] {
    const items: Expression[] = [];
    while (!is('block_end')) {
      if (items.length > 0) expect('operator', ',');
      items.push(expression());
    }
    return items;
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
      stored.push(nameText(target(nameOnly)));
      context();
    } else if (tag === 'from') {
      expect('name', 'import');
      for (;;) {
        if (stored.length > 0) expect('operator', ',');
        if (context()) break;
        const name = nameText(target(nameOnly));
        if (name.startsWith('_')) throw fail('names starting with an underline can not be imported');
        stored.push(skip('name', 'as') ? nameText(target(nameOnly)) : name);
        if (context() || !is('operator', ',')) break;
      }
    }
    return { type: 'other_template', tag, stored, line };
  }

  return body(null);
}

const isBlankText = (item: string | Expression): boolean => typeof item === 'string' && item.trim() === '';
