/** Reads the statements that hold others: loops, choices, assignments, calls, blocks. */
import type { Body, Expression, Filter, Statement } from './nodes.ts';
import type { ExpressionParser } from './parse-expression.ts';
import type { TargetParser } from './parse-targets.ts';
import type { TokenStream } from './token-stream.ts';

export interface BodyParser {
  /** Statements up to one of these tags, whose name is then current. */
  statements(ends: readonly string[]): Body;
  /** Statements up to this tag, whose name is passed. */
  bodyUntil(end: string): Body;
}

/** Each reads the rest of a statement whose tag, on `line`, is passed. */
export interface StatementParser {
  forLoop(line: number): Statement;
  choice(line: number): Statement;
  assignment(line: number): Statement;
  callBlock(line: number): Statement;
  withBlock(line: number): Statement;
  block(line: number): Statement;
  printed(): Expression[];
}

export function createStatementParser(
  tokens: TokenStream,
  { expression, tuple, filters }: ExpressionParser,
  { target, parameters }: TargetParser,
  { statements, bodyUntil }: BodyParser,
): StatementParser {
  const { is, next, skip, expect, fail } = tokens;

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

  function callBlock(line: number): Statement {
    const signature = is('operator', '(') ? parameters() : { parameters: [], defaults: [] };
    const call = expression();
    if (call.type !== 'call') throw fail('expected call', line);
    return { type: 'call_block', ...signature, call, body: bodyUntil('endcall'), line };
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

  return { forLoop, choice, assignment, callBlock, withBlock, block, printed };
}

const isBlankText = (item: string | Expression): boolean => typeof item === 'string' && item.trim() === '';
