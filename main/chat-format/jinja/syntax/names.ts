/** Walks the names of a syntax tree in the order in which jinja2 visits them. */
import type { Body, Expression, Given, Statement } from './nodes.ts';

export type NameUse = 'load' | 'store' | 'parameter';
type OnName = (name: string, use: NameUse) => void;

/** The parts of an expression. */
export function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.type) {
    case 'const':
    case 'name':
    case 'member':
      return [];
    case 'tuple':
    case 'list':
    case 'concat':
      return expression.items;
    case 'dict':
      return expression.pairs.flat();
    case 'unary':
      return [expression.operand];
    case 'binary':
      return [expression.left, expression.right];
    case 'compare':
      return [expression.first, ...expression.rest.map(({ operand }) => operand)];
    case 'condition':
      return [expression.test, expression.yes, ...(expression.no ? [expression.no] : [])];
    case 'attribute':
      return [expression.value];
    case 'item':
      return [expression.value, expression.key];
    case 'slice':
      return [expression.value, ...expression.bounds.filter((bound) => bound !== null)];
    case 'call':
      return [expression.callee, ...partsOfGiven(expression.given)];
    case 'filter':
    case 'test':
      return [...(expression.value ? [expression.value] : []), ...partsOfGiven(expression.given)];
    default:
      return expression satisfies never;
  }
}

const partsOfGiven = ({ positional, named, spread, spreadNamed }: Given): readonly Expression[] => [
  ...positional,
  ...named.map(([, value]) => value),
  ...(spread ? [spread] : []),
  ...(spreadNamed ? [spreadNamed] : []),
];

/** Names that an expression reads. The name of a member is told apart from one that is read. */
export function walkExpression(expression: Expression, use: NameUse, onName: OnName): void {
  if (expression.type === 'name') onName(expression.name, use);
  else for (const part of partsOf(expression)) walkExpression(part, use, onName);
}

/** All names in statements, except those in blocks. */
export function walkBody(body: Body, onName: OnName): void {
  for (const statement of body) walkStatement(statement, onName);
}

function walkStatement(statement: Statement, onName: OnName): void {
  const read = (expression: Expression | null): void => {
    if (expression) walkExpression(expression, 'load', onName);
  };
  const store = (target: Expression): void => walkExpression(target, 'store', onName);
  switch (statement.type) {
    case 'output':
      for (const item of statement.items) if (typeof item !== 'string') read(item);
      break;
    case 'for':
      store(statement.target);
      read(statement.iterable);
      walkBody(statement.body, onName);
      walkBody(statement.otherwise, onName);
      read(statement.test);
      break;
    case 'if':
      for (const { test, body } of statement.branches) {
        read(test);
        walkBody(body, onName);
      }
      walkBody(statement.otherwise, onName);
      break;
    case 'set':
      store(statement.target);
      read(statement.value);
      break;
    case 'set_block':
      store(statement.target);
      read(statement.filter);
      walkBody(statement.body, onName);
      break;
    case 'macro':
    case 'call_block':
      if (statement.type === 'call_block') read(statement.call);
      for (const name of statement.parameters) onName(name, 'parameter');
      statement.defaults.forEach(read);
      walkBody(statement.body, onName);
      break;
    case 'filter_block':
      walkBody(statement.body, onName);
      read(statement.filter);
      break;
    case 'with':
      for (const [target] of statement.bindings) walkExpression(target, 'parameter', onName);
      for (const [, value] of statement.bindings) read(value);
      walkBody(statement.body, onName);
      break;
    case 'block':
    case 'break':
    case 'continue':
    case 'other_template':
      break;
    default:
      statement satisfies never;
  }
}

/** Which of these names the statements read before they store them. */
export function undeclared(body: Body, names: readonly string[]): ReadonlySet<string> {
  const open = new Set(names);
  const found = new Set<string>();
  walkBody(body, (name, use) => {
    if (use !== 'load') open.delete(name);
    else if (open.has(name)) found.add(name);
  });
  return found;
}

/** All statements in a body, at any depth. */
export function* everyStatement(body: Body): Generator<Statement> {
  for (const statement of body) {
    yield statement;
    if (statement.type === 'if') for (const branch of statement.branches) yield* everyStatement(branch.body);
    if (statement.type === 'for' || statement.type === 'if') yield* everyStatement(statement.otherwise);
    if ('body' in statement) yield* everyStatement(statement.body);
  }
}
