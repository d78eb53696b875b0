/**
 * Decides which variable a name means, as jinja2 does when it compiles a template. Its rules differ from a plain chain of scopes: a
 * name that is assigned anywhere in a scope is that scope's variable from the start, and scopes of one level share their variables.
 */
import type { Body, Expression, Statement } from '../syntax/nodes.ts';
import { walkExpression } from '../syntax/names.ts';

/** How a variable gets its value when its scope is entered. */
export type Load =
  | { readonly kind: 'parameter' | 'undefined' }
  /** From what the template was given. */
  | { readonly kind: 'resolve'; readonly name: string }
  /** From a variable of an outer scope. */
  | { readonly kind: 'alias'; readonly variable: string };

export interface Symbols {
  /** Name to variable. A variable is named by its level and its name. */
  readonly variables: ReadonlyMap<string, string>;
  readonly loads: ReadonlyMap<string, Load>;
  readonly stores: ReadonlySet<string>;
  readonly parent: Symbols | null;
  find(name: string): string | undefined;
  load(name: string): void;
  store(name: string): void;
  /** Declares a parameter and returns its variable. */
  parameter(name: string): string;
  copy(): Symbols;
  /** Takes over what the branches of an `if` did. */
  merge(branches: readonly Symbols[]): void;
  inner(): Symbols;
}

interface Tables {
  readonly level: number;
  readonly parent: Symbols | null;
  readonly variables: Map<string, string>;
  readonly loads: Map<string, Load>;
  readonly stores: Set<string>;
}

export function createSymbols(): Symbols {
  return symbolsOver({ level: 0, parent: null, variables: new Map(), loads: new Map(), stores: new Set() });
}

function symbolsOver(tables: Tables): Symbols {
  const { level, parent, variables, loads, stores } = tables;
  const define = (name: string, load: Load): string => {
    const variable = `${level} ${name}`;
    variables.set(name, variable);
    loads.set(variable, load);
    return variable;
  };
  const find = (name: string): string | undefined => variables.get(name) ?? parent?.find(name);
  const symbols: Symbols = {
    ...tables,
    find,
    load(name) {
      if (find(name) === undefined) define(name, { kind: 'resolve', name });
    },
    store(name) {
      stores.add(name);
      if (variables.has(name)) return;
      const outer = parent?.find(name);
      define(name, outer === undefined ? { kind: 'undefined' } : { kind: 'alias', variable: outer });
    },
    parameter(name) {
      stores.add(name);
      return define(name, { kind: 'parameter' });
    },
    copy: () =>
      symbolsOver({
        ...{ level, parent },
        ...{ variables: new Map(variables), loads: new Map(loads), stores: new Set(stores) },
      }),
    merge(branches) {
      const stored = new Set(branches.flatMap((branch) => [...branch.stores]));
      for (const name of stores) stored.delete(name);
      for (const branch of branches) {
        for (const [name, variable] of branch.variables) variables.set(name, variable);
        for (const [variable, load] of branch.loads) loads.set(variable, load);
        for (const name of branch.stores) stores.add(name);
      }
      for (const name of stored) {
        const variable = find(name);
        if (variable === undefined) continue;
        const outer = parent?.find(name);
        loads.set(variable, outer === undefined ? { kind: 'resolve', name } : { kind: 'alias', variable: outer });
      }
    },
    inner: () =>
      symbolsOver({ level: level + 1, parent: symbols, variables: new Map(), loads: new Map(), stores: new Set() }),
  };
  return symbols;
}

/** Notes what statements do with names in their own scope; the insides of inner scopes are noted when those are compiled. */
export function noteBody(symbols: Symbols, body: Body): void {
  for (const statement of body) noteStatement(symbols, statement);
}

export function noteReads(symbols: Symbols, ...expressions: readonly (Expression | null)[]): void {
  for (const expression of expressions) if (expression) noteTarget(symbols, expression, 'load');
}

/** Notes the names of a target; a member's name is read. */
export function noteTarget(symbols: Symbols, target: Expression, use: 'load' | 'store' | 'parameter'): void {
  walkExpression(target, use, (name, found) => {
    if (found === 'load') symbols.load(name);
    else if (found === 'store') symbols.store(name);
    else symbols.parameter(name);
  });
  if (use !== 'load') for (const member of membersOf(target)) symbols.load(member.name);
}

export function membersOf(target: Expression): readonly Extract<Expression, { readonly type: 'member' }>[] {
  if (target.type === 'member') return [target];
  return target.type === 'tuple' ? target.items.flatMap(membersOf) : [];
}

function noteStatement(symbols: Symbols, statement: Statement): void {
  switch (statement.type) {
    case 'output':
      for (const item of statement.items) if (typeof item !== 'string') noteReads(symbols, item);
      break;
    case 'for':
      noteReads(symbols, statement.iterable);
      break;
    case 'if':
      noteIf(symbols, statement.branches, statement.otherwise);
      break;
    case 'set':
      noteReads(symbols, statement.value);
      noteTarget(symbols, statement.target, 'store');
      break;
    case 'set_block':
      noteTarget(symbols, statement.target, 'store');
      break;
    case 'macro':
      symbols.store(statement.name);
      break;
    case 'call_block':
      noteReads(symbols, statement.call);
      break;
    case 'filter_block':
      noteReads(symbols, statement.filter);
      break;
    case 'with':
      noteReads(symbols, ...statement.bindings.map(([, value]) => value));
      break;
    case 'other_template':
      for (const name of statement.stored) symbols.store(name);
      break;
    case 'block':
    case 'break':
    case 'continue':
      break;
    default:
      statement satisfies never;
  }
}

interface Branch {
  readonly test: Expression;
  readonly body: Body;
}
function noteIf(symbols: Symbols, [first, ...others]: readonly Branch[], otherwise: Body): void {
  if (!first) return;
  noteReads(symbols, first.test);
  const [whenTrue, whenOther, whenFalse] = [symbols.copy(), symbols.copy(), symbols.copy()];
  noteBody(whenTrue, first.body);
  for (const branch of others) noteIf(whenOther, [branch], []);
  noteBody(whenFalse, otherwise);
  symbols.merge([whenTrue, whenOther, whenFalse]);
}
