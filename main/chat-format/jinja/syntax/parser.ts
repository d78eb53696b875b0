/** Reads a template into its syntax tree. */
import { tokenize } from './lexer.ts';
import type { Body, Expression, Filter, Statement } from './nodes.ts';
import { createExpressionParser } from './parse-expression.ts';
import { createStatementParser } from './parse-statements.ts';
import { createTargetParser } from './parse-targets.ts';
import { createTokenStream } from './token-stream.ts';

/** @throws TemplateSyntaxError, LimitError. */
export function parse(source: string): Body {
  const tokens = createTokenStream(tokenize(source));
  const { current, is, next, skip, expect, fail } = tokens;
  const expressions = createExpressionParser(tokens);
  const { tuple, filters } = expressions;
  const targets = createTargetParser(tokens, expressions);
  const parsers = createStatementParser(tokens, expressions, targets, { statements, bodyUntil });

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
        return parsers.forLoop(line);
      case 'if':
        return parsers.choice(line);
      case 'set':
        return parsers.assignment(line);
      case 'macro': {
        const name = targets.name();
        const signature = targets.parameters();
        return { type: 'macro', name, ...signature, body: bodyUntil('endmacro'), line };
      }
      case 'call':
        return parsers.callBlock(line);
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
        return parsers.withBlock(line);
      case 'block':
        return parsers.block(line);
      case 'print':
        return { type: 'output', items: parsers.printed(), line };
      case 'break':
      case 'continue':
        return { type: token.value, line };
      case 'include':
      case 'import':
      case 'from':
      case 'extends':
        return targets.otherTemplate(token.value, line);
      case 'autoescape':
        throw fail('A chat template cannot turn escaping of HTML on or off', line);
    }
    const wanted = ends ? ` Looking for ${ends.join(' or ')}.` : '';
    throw fail(`Encountered unknown tag '${token.value}'.${wanted}`, line);
  }

  return body(null);
}
