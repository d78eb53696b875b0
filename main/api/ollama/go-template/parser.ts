/** Reads a Go template as a tree. */
import { GoTemplateError, splitTemplate, type Chunk, type Token } from './lexer.ts';
import type { Command, Node, Operand, Pipe } from './nodes.ts';

/** Actions of one template: more than any has. */
const MOST_CHUNKS = 20_000;
const MOST_DEPTH = 100;

/** @throws GoTemplateError. */
export function parseGoTemplate(source: string): Node[] {
  const chunks = splitTemplate(source);
  if (chunks.length > MOST_CHUNKS) throw new GoTemplateError('it has too many actions');
  const cursor: Cursor = { chunks, at: 0, depth: 0 };
  const { nodes, end } = readNodes(cursor);
  if (end !== null) throw new GoTemplateError(`{{${end.source}}} ends nothing`);
  return nodes;
}

interface Cursor {
  readonly chunks: readonly Chunk[];
  at: number;
  depth: number;
}
type Action = Extract<Chunk, { type: 'action' }>;

/** Nodes up to an action that ends a block, which is in `end`. */
function readNodes(cursor: Cursor): { nodes: Node[]; end: Action | null } {
  const nodes: Node[] = [];
  for (;;) {
    const chunk = cursor.chunks[cursor.at++];
    if (chunk === undefined) return { nodes, end: null };
    if (chunk.type === 'text') {
      nodes.push(chunk);
      continue;
    }
    const [first] = chunk.tokens;
    const word = first?.type === 'name' ? first.value : '';
    switch (word) {
      case 'end':
      case 'else':
        return { nodes, end: chunk };
      case 'if':
      case 'with':
      case 'range':
        nodes.push(readBlock(cursor, chunk, word, chunk.tokens.slice(1)));
        break;
      case 'break':
      case 'continue':
        nodes.push({ type: word });
        break;
      case 'template':
      case 'block':
      case 'define':
        throw new GoTemplateError(`{{${word}}} is not translated`);
      default:
        nodes.push(readAction(chunk));
    }
  }
}

function readBlock(cursor: Cursor, action: Action, word: 'if' | 'with' | 'range', tokens: readonly Token[]): Node {
  if (++cursor.depth > MOST_DEPTH) throw new GoTemplateError('it is nested too deeply');
  const { variables, rest } = readDeclaration(tokens);
  const pipe = readPipe(rest, action.source);
  const { nodes: body, end } = readNodes(cursor);
  const otherwise = readElse(cursor, action, end);
  cursor.depth--;
  if (word === 'range') return { type: word, variables, pipe, body, otherwise };
  if (variables.length > 1) throw new GoTemplateError(`{{${action.source}}} declares two variables`);
  return { type: word, variable: variables[0] ?? null, pipe, body, otherwise };
}

/** What stands in `else`; in `else if` one block of its own. */
function readElse(cursor: Cursor, opened: Action, end: Action | null): readonly Node[] {
  if (end === null) throw new GoTemplateError(`{{${opened.source}}} has no end`);
  const [word, next] = end.tokens;
  if (word?.value === 'end') return [];
  if (next?.type === 'name' && (next.value === 'if' || next.value === 'with'))
    return [readBlock(cursor, end, next.value, end.tokens.slice(2))];
  const { nodes, end: last } = readNodes(cursor);
  if (last?.tokens[0]?.value !== 'end') throw new GoTemplateError(`{{${opened.source}}} has no end`);
  return nodes;
}

/** The variables before `:=`. */
function readDeclaration(tokens: readonly Token[]): { variables: readonly string[]; rest: readonly Token[] } {
  const at = tokens.findIndex((token) => token.type === 'mark' && token.value === ':=');
  if (at < 0) return { variables: [], rest: tokens };
  const variables = tokens
    .slice(0, at)
    .filter((token) => token.type !== 'mark' || token.value !== ',')
    .map((token) => {
      if (token.type !== 'variable' || token.value === '$')
        throw new GoTemplateError('a variable is expected before :=');
      return token.value;
    });
  if (variables.length === 0 || variables.length > 2)
    throw new GoTemplateError('one or two variables are expected before :=');
  return { variables, rest: tokens.slice(at + 1) };
}

function readAction({ tokens, source }: Action): Node {
  const [first, mark] = tokens;
  if (first?.type === 'variable' && mark?.type === 'mark' && (mark.value === ':=' || mark.value === '='))
    return { type: 'set', name: first.value, isNew: mark.value === ':=', pipe: readPipe(tokens.slice(2), source) };
  return { type: 'output', pipe: readPipe(tokens, source) };
}

function readPipe(tokens: readonly Token[], source: string): Pipe {
  const place = { at: 0, depth: 0 };
  const pipe = readCommands(tokens, place, source);
  if (place.at < tokens.length) throw new GoTemplateError(`{{${source}}} is not understood`);
  return pipe;
}

interface Place {
  at: number;
  depth: number;
}

function readCommands(tokens: readonly Token[], place: Place, source: string): Pipe {
  const commands: Command[] = [];
  for (;;) {
    const command = readCommand(tokens, place, source);
    if (command.length === 0) throw new GoTemplateError(`{{${source}}} has no value`);
    commands.push(command);
    const next = tokens[place.at];
    if (next?.type !== 'mark' || next.value !== '|') return { type: 'pipe', commands };
    place.at++;
  }
}

function readCommand(tokens: readonly Token[], place: Place, source: string): Command {
  const operands: Operand[] = [];
  for (;;) {
    const token = tokens[place.at];
    if (token === undefined || (token.type === 'mark' && token.value !== '(')) return operands;
    place.at++;
    operands.push(readOperand(token, tokens, place, source));
  }
}

function readOperand(token: Token, tokens: readonly Token[], place: Place, source: string): Operand {
  switch (token.type) {
    case 'text':
      return { type: 'text', value: token.value };
    case 'number':
      return token;
    case 'name':
      if (token.value === 'true' || token.value === 'false') return { type: 'bool', value: token.value === 'true' };
      return token.value === 'nil' ? { type: 'nil' } : { type: 'function', name: token.value };
    case 'field':
      return {
        ...{ type: 'field', of: 'dot' },
        path: [...(token.value === '' ? [] : [token.value]), ...readChain(tokens, place)],
      };
    case 'variable': {
      const path = readChain(tokens, place);
      return { type: 'field', of: token.value === '$' ? 'root' : { type: 'variable', name: token.value }, path };
    }
    case 'mark': {
      if (++place.depth > MOST_DEPTH) throw new GoTemplateError('it is nested too deeply');
      const pipe = readCommands(tokens, place, source);
      const close = tokens[place.at++];
      if (close?.type !== 'mark' || close.value !== ')') throw new GoTemplateError(`{{${source}}} lacks a )`);
      place.depth--;
      return { type: 'field', of: pipe, path: readChain(tokens, place) };
    }
    default:
      return token satisfies never;
  }
}

/** Fields directly behind a value. */
function readChain(tokens: readonly Token[], place: Place): string[] {
  const path: string[] = [];
  for (;;) {
    const token = tokens[place.at];
    if (token?.type !== 'field' || !token.isChained || token.value === '') return path;
    path.push(token.value);
    place.at++;
  }
}
