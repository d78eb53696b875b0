/** Expressions of Go templates as those of Jinja. */
import { GoTemplateError } from './lexer.ts';
import type { Command, Operand, Pipe } from './nodes.ts';
import { fieldOf, json, root, textCode, written, type Type, type Value } from './types.ts';

/** What names mean at a place of the template. */
export interface Scope {
  readonly dot: Value;
  /** Variables by their names, with the `$`. */
  readonly variables: ReadonlyMap<string, Value>;
}

/** @throws GoTemplateError for what is not translated. */
export function expressionOf(pipe: Pipe, scope: Scope): Value {
  let value: Value | undefined;
  for (const command of pipe.commands) value = commandOf(command, scope, value);
  if (!value) throw new GoTemplateError('an action has no value');
  return value;
}

function commandOf([first, ...rest]: Command, scope: Scope, piped: Value | undefined): Value {
  if (!first) throw new GoTemplateError('an action has no value');
  if (first.type === 'function') {
    const given = rest.map((operand) => operandOf(operand, scope));
    return callOf(first.name, piped ? [...given, piped] : given);
  }
  if (rest.length > 0 || piped) throw new GoTemplateError('a value that is no function has arguments');
  return operandOf(first, scope);
}

function operandOf(operand: Operand, scope: Scope): Value {
  switch (operand.type) {
    case 'text':
      return { code: textCode(operand.value), type: 'text' };
    case 'number':
      return { code: String(operand.value), type: 'number' };
    case 'bool':
      return { code: String(operand.value), type: 'bool' };
    case 'nil':
      return { code: 'none', type: 'value' };
    case 'function':
      return callOf(operand.name, []);
    case 'field':
      return operand.path.reduce(fieldOf, baseOf(operand.of, scope));
    default:
      return operand satisfies never;
  }
}

function baseOf(of: Extract<Operand, { type: 'field' }>['of'], scope: Scope): Value {
  if (of === 'dot') return scope.dot;
  if (of === 'root') return root;
  if (of.type === 'pipe') return expressionOf(of, scope);
  const value = scope.variables.get(of.name);
  if (!value) throw new GoTemplateError(`the variable ${of.name} is not known`);
  return value;
}

const comparisons: Readonly<Record<string, string>> = { ne: '!=', lt: '<', le: '<=', gt: '>', ge: '>=' };
const same = (a: Type, b: Type): Type => (JSON.stringify(a) === JSON.stringify(b) ? a : 'value');

/** @throws GoTemplateError for an unknown function and a wrong number of arguments. */
function callOf(name: string, given: readonly Value[]): Value {
  const [first, ...rest] = given;
  const [second] = rest;
  if (name === 'currentDate') return { code: "strftime_now('%Y-%m-%d')", type: 'text' };
  if (first === undefined) throw new GoTemplateError(`the function ${name} is not translated`);
  const comparison = comparisons[name];
  if (comparison !== undefined && second && rest.length === 1)
    return { code: `(${first.code} ${comparison} ${second.code})`, type: 'bool' };
  switch (name) {
    case 'eq':
      if (!second) break;
      return { code: `(${rest.map((one) => `${first.code} == ${one.code}`).join(' or ')})`, type: 'bool' };
    case 'not':
      if (second) break;
      return { code: `(not ${truthOf(first)})`, type: 'bool' };
    case 'and':
    case 'or':
      return {
        code: `(${given.map(truthOf).join(` ${name} `)})`,
        type: given.map(({ type }) => type).reduce(same),
      };
    case 'len':
      if (second) break;
      return { code: `(${first.code} | length)`, type: 'number' };
    case 'index':
      if (!second || rest.length > 1) break;
      return { code: `${first.code}[${second.code}]`, type: elementOf(first.type) };
    case 'slice':
      if (rest.length > 2) break;
      return {
        code: `${first.code}[${rest.map(({ code }) => code).join(':')}${rest.length === 1 ? ':' : ''}]`,
        type: first.type,
      };
    case 'json':
      if (second) break;
      return json(first);
    case 'print':
      return { code: `(${given.map(written).join(' ~ ')})`, type: 'text' };
    case 'println':
      return { code: `(${given.map(written).join(" ~ ' ' ~ ")} ~ '\\n')`, type: 'text' };
    case 'printf':
      return formatOf(first, rest);
    default:
      throw new GoTemplateError(`the function ${name} is not translated`);
  }
  throw new GoTemplateError(`the function ${name} has a wrong number of arguments`);
}

/** In Go a structure is true; the only one without a value of its own is what all is given in. */
const truthOf = ({ code }: Value): string => (code === '' ? 'true' : code);

function elementOf(type: Type): Type {
  if (typeof type !== 'object') return type === 'text' ? 'number' : 'value';
  if ('list' in type) return type.list;
  if ('map' in type) return type.map;
  throw new GoTemplateError('index is asked of something that is no list');
}

/** `printf` with %s, %v, %d and %%. */
function formatOf(format: Value, given: readonly Value[]): Value {
  const text = /^'(.*)'$/s.exec(format.code)?.[1];
  if (format.type !== 'text' || text === undefined) throw new GoTemplateError('printf needs its format as a text');
  let at = 0;
  const pieces = text.split(/(%.)/s).flatMap((piece): string[] => {
    if (piece === '') return [];
    if (!piece.startsWith('%')) return [`'${piece}'`];
    if (piece === '%%') return ["'%'"];
    const value = given[at++];
    if (!value || !['%s', '%v', '%d'].includes(piece))
      throw new GoTemplateError(`${piece} of printf is not translated`);
    return [written(value)];
  });
  if (at < given.length) throw new GoTemplateError('printf has more arguments than its format takes');
  return { code: `(${pieces.length === 0 ? "''" : pieces.join(' ~ ')})`, type: 'text' };
}
