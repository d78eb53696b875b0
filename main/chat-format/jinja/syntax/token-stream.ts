/** Tokens in order, with a look ahead, and the limits of a parser that descends. */
import { failure, type TemplateFailure } from '../values/errors.ts';
import type { Token, TokenType } from './lexer.ts';

const MAX_NESTING = 120;

export interface TokenStream {
  readonly current: () => Token;
  readonly ahead: () => Token;
  /** Whether the current token is this one: a type, or an operator or a name by its text. */
  is(type: TokenType, value?: string): boolean;
  /** Whether the current token is one of these operators. */
  isOperator(...values: readonly string[]): boolean;
  next(): Token;
  /** The token where it is this one, which is then passed. */
  skip(type: TokenType, value?: string): boolean;
  /** @throws TemplateSyntaxError. */
  expect(type: TokenType, value?: string): Token;
  fail(message: string, line?: number): TemplateFailure;
  /** Runs `inner` one level deeper. @throws LimitError. */
  deeper<T>(inner: () => T): T;
}

export function createTokenStream(tokens: readonly Token[]): TokenStream {
  let at = 0;
  let depth = 0;
  const end: Token = { type: 'end', value: '', line: tokens.at(-1)?.line ?? 1 };
  const current = (): Token => tokens[at] ?? end;
  const is = (type: TokenType, value?: string): boolean => {
    const token = current();
    return token.type === type && (value === undefined || token.value === value);
  };
  const next = (): Token => {
    const token = current();
    at++;
    return token;
  };
  const fail = (message: string, line = current().line): TemplateFailure =>
    failure('TemplateSyntaxError', `${message} (line ${line})`);
  return {
    current,
    ahead: () => tokens[at + 1] ?? end,
    is,
    isOperator: (...values) => current().type === 'operator' && values.includes(current().value),
    next,
    skip(type, value) {
      if (!is(type, value)) return false;
      at++;
      return true;
    },
    expect(type, value) {
      if (is(type, value)) return next();
      const wanted = `'${value ?? type}'`;
      throw current().type === 'end'
        ? fail(`unexpected end of template, expected ${wanted}.`)
        : fail(`expected token ${wanted}, got '${current().value}'`);
    },
    fail,
    deeper(inner) {
      if (++depth > MAX_NESTING)
        throw failure('LimitError', `The template is nested more than ${MAX_NESTING} levels deep.`);
      const result = inner();
      depth--;
      return result;
    },
  };
}
