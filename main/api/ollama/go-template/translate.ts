/** Writes the tree of a Go template as Jinja. */
import { expressionOf, type Scope } from './expressions.ts';
import { GoTemplateError } from './lexer.ts';
import type { Node, Operand, Pipe } from './nodes.ts';
import { root, SPACE, textCode, written, type Type, type Value } from './types.ts';

/** Whether the field is read anywhere; Ollama looks at the names alone. */
export function reads(nodes: readonly Node[], name: string): boolean {
  const inOperand = (operand: Operand): boolean =>
    operand.type === 'field' &&
    (operand.path.some((one) => one.toLowerCase() === name) ||
      (typeof operand.of === 'object' && operand.of.type === 'pipe' && inPipe(operand.of)));
  const inPipe = ({ commands }: Pipe): boolean => commands.some((command) => command.some(inOperand));
  return nodes.some((node) => {
    switch (node.type) {
      case 'text':
      case 'break':
      case 'continue':
        return false;
      case 'output':
      case 'set':
        return inPipe(node.pipe);
      case 'if':
      case 'with':
      case 'range':
        return inPipe(node.pipe) || reads(node.body, name) || reads(node.otherwise, name);
      default:
        return node satisfies never;
    }
  });
}

/** The tree without what comes behind the place where the reply is written. */
export function untilResponse(nodes: readonly Node[]): { readonly nodes: readonly Node[]; readonly isCut: boolean } {
  const kept: Node[] = [];
  for (const node of nodes) {
    if (node.type === 'output' && reads([node], 'response')) return { nodes: [...kept, node], isCut: true };
    if (node.type === 'if' || node.type === 'with' || node.type === 'range') {
      const body = untilResponse(node.body);
      const otherwise = body.isCut ? { nodes: [], isCut: true } : untilResponse(node.otherwise);
      kept.push({ ...node, body: body.nodes, otherwise: otherwise.nodes });
      if (otherwise.isCut) return { nodes: kept, isCut: true };
      continue;
    }
    kept.push(node);
  }
  return { nodes: kept, isCut: false };
}

interface Writer {
  readonly lines: string[];
  /** For names of variables, so that none means another. */
  count: number;
}

const statement = (text: string): string => `{%- ${text} %}`;

/** @throws GoTemplateError for what is not translated. */
export function jinjaOf(nodes: readonly Node[]): string[] {
  const writer: Writer = { lines: [], count: 0 };
  writeAll(nodes, { dot: root, variables: new Map() }, writer);
  return writer.lines;
}

function writeAll(nodes: readonly Node[], outer: Scope, writer: Writer): void {
  let scope = outer;
  for (const node of nodes) scope = write(node, scope, writer);
}

/** Writes a node; returns the scope of those behind it. */
function write(node: Node, scope: Scope, writer: Writer): Scope {
  const { lines } = writer;
  switch (node.type) {
    case 'text':
      lines.push(`{{- ${textCode(node.value)} }}`);
      return scope;
    case 'output':
      lines.push(`{{- ${written(expressionOf(node.pipe, scope))} }}`);
      return scope;
    case 'break':
    case 'continue':
      lines.push(statement(node.type));
      return scope;
    case 'set': {
      const value = expressionOf(node.pipe, scope);
      if (node.isNew) return declare(node.name, value, scope, writer);
      const known = scope.variables.get(node.name);
      if (!known) throw new GoTemplateError(`the variable ${node.name} is not known`);
      assign(known.code, value, writer);
      return scope;
    }
    case 'if': {
      const value = expressionOf(node.pipe, scope);
      lines.push(statement(`if ${value.code === '' ? 'true' : value.code}`));
      const inside = node.variable === null ? scope : declare(node.variable, value, scope, writer);
      writeAll(node.body, inside, writer);
      writeElse(node.otherwise, scope, writer);
      lines.push(statement('endif'));
      return scope;
    }
    case 'with': {
      const value = expressionOf(node.pipe, scope);
      lines.push(statement(`if ${value.code === '' ? 'true' : value.code}`));
      const inside = node.variable === null ? scope : declare(node.variable, value, scope, writer);
      writeAll(node.body, { ...inside, dot: value }, writer);
      writeElse(node.otherwise, scope, writer);
      lines.push(statement('endif'));
      return scope;
    }
    case 'range':
      writeRange(node, scope, writer);
      return scope;
    default:
      return node satisfies never;
  }
}

function writeElse(nodes: readonly Node[], scope: Scope, writer: Writer): void {
  if (nodes.length === 0) return;
  writer.lines.push(statement('else'));
  writeAll(nodes, scope, writer);
}

function writeRange(node: Extract<Node, { type: 'range' }>, scope: Scope, writer: Writer): void {
  const { code, type } = expressionOf(node.pipe, scope);
  const { element, isMap } = elements(type);
  const number = ++writer.count;
  const dot: Value = { code: `item${number}`, type: element };
  const [last] = node.variables.slice(-1);
  const first = node.variables.length === 2 ? node.variables[0] : undefined;
  // Go goes through a map by its keys.
  const loop = isMap ? `key${number}, ${dot.code} in ${code} | dictsort(true)` : `${dot.code} in ${code}`;
  writer.lines.push(statement(`for ${loop}`));
  let inside: Scope = { ...scope, dot };
  if (first !== undefined) {
    const index: Value = isMap ? { code: `key${number}`, type: 'text' } : { code: 'loop.index0', type: 'number' };
    inside = declare(first, index, inside, writer);
  }
  if (last !== undefined) inside = declare(last, dot, inside, writer);
  writeAll(node.body, inside, writer);
  writeElse(node.otherwise, scope, writer);
  writer.lines.push(statement('endfor'));
}

function elements(type: Type): { element: Type; isMap: boolean } {
  if (typeof type === 'object' && 'list' in type) return { element: type.list, isMap: false };
  if (typeof type === 'object' && 'map' in type) return { element: type.map, isMap: true };
  throw new GoTemplateError('range goes through something that is no list');
}

/** A variable of Go, which an assignment in an inner block changes too: in Jinja only a namespace has such variables. */
function declare(name: string, value: Value, scope: Scope, writer: Writer): Scope {
  if (value.code === '') throw new GoTemplateError('a variable has all that is given to the template');
  const code = `${SPACE}.v${++writer.count}`;
  if (name !== '$_') assign(code, value, writer);
  return { ...scope, variables: new Map([...scope.variables, [name, { code, type: value.type }]]) };
}

function assign(code: string, value: Value, writer: Writer): void {
  writer.lines.push(statement(`set ${code} = ${value.code}`));
}
