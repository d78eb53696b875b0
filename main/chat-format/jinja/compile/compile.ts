/** Turns the syntax tree of a template into functions that write its text. */
import { compileExpression, compileFilter, compileGiven } from './compile-expression.ts';
import { compileFor } from './compile-for.ts';
import { compileTarget } from './compile-target.ts';
import { callValue } from '../values/attributes.ts';
import { failure } from '../values/errors.ts';
import { everyStatement, undeclared } from '../syntax/names.ts';
import type { Block, Body, CallBlock, Filter, If, Signature, Statement, With } from '../syntax/nodes.ts';
import { createMacro } from '../values/objects.ts';
import type { Output, Run } from './run.ts';
import {
  createScope,
  entry,
  exit,
  innerScope,
  nameReader,
  reader,
  writer,
  type Activation,
  type Evaluate,
  type Flow,
  type Scope,
} from './scope.ts';
import { noteBody, noteReads, noteTarget } from './symbols.ts';
import { quoted, textOf } from '../values/text.ts';
import {
  dictOf,
  isTrue,
  nativeFunction,
  tuple,
  typeName,
  undefinedValue,
  type Entry,
  type NativeObject,
  type Value,
} from '../values/values.ts';

export type Execute = (activation: Activation, output: Output) => Flow;
/** Blocks by name; all are compiled before one is rendered. */
type Blocks = Map<string, (activation: Activation, output: Output) => void>;

/** A template that is ready to be rendered. @throws TemplateSyntaxError, TemplateAssertionError. */
export function compile(body: Body): (run: Run) => string {
  const blocks: Blocks = new Map();
  const found = [...everyStatement(body)].filter((statement) => statement.type === 'block');
  for (const block of found) {
    if (blocks.has(block.name)) throw assertion(`block ${quoted(block.name)} defined twice`, block.line);
    blocks.set(block.name, () => {});
  }
  const main = compileRoot(body, blocks, null);
  for (const block of found) blocks.set(block.name, compileRoot(block.body, blocks, block));
  return (run) => {
    const output: Output = { text: '' };
    main({ slots: [], outer: null, run, resolve: (name) => run.resolve(name) }, output);
    return output.text;
  };
}

const assertion = (message: string, line: number): Error =>
  failure('TemplateAssertionError', `${message} (line ${line})`);

/** The template itself, or one of its blocks. */
function compileRoot(
  body: Body,
  blocks: Blocks,
  block: Block | null,
): (activation: Activation, output: Output) => void {
  const scope: Scope = { ...createScope(), isTop: block === null };
  const special = undeclared(body, block ? ['self', 'super'] : ['self']);
  for (const name of special) scope.symbols.parameter(name);
  noteBody(scope.symbols, body);
  const enter = entry(scope);
  const setSelf = special.has('self') ? writer(scope, 'self') : undefined;
  const setSuper = special.has('super') ? writer(scope, 'super') : undefined;
  const run = compileBody(body, scope, blocks);
  return (activation, output) => {
    const own: Activation = { ...activation, slots: [], outer: null };
    setSelf?.(own, blockTable(blocks, activation));
    setSuper?.(own, undefinedValue(`there is no parent block called ${quoted(block?.name ?? '')}.`));
    enter(own);
    run(own, output);
  };
}

/** `self`, which has the blocks as attributes. */
function blockTable(blocks: Blocks, activation: Activation): NativeObject {
  return {
    ...{ kind: 'object', typeName: 'TemplateReference', show: () => '<TemplateReference None>' },
    attribute(name) {
      const block = blocks.get(name);
      return (
        block &&
        nativeFunction(name, () => {
          const output: Output = { text: '' };
          block(activation, output);
          return output.text;
        })
      );
    },
  };
}

export function compileBody(body: Body, scope: Scope, blocks: Blocks): Execute {
  const steps = body.map((statement) => {
    const step = compileStatement(statement, scope, blocks);
    const { line } = statement;
    return (activation: Activation, output: Output): Flow => {
      activation.run.line = line;
      activation.run.budget.charge(1);
      return step(activation, output);
    };
  });
  return (activation, output) => {
    for (const step of steps) {
      const flow = step(activation, output);
      if (flow !== 'next') return flow;
    }
    return 'next';
  };
}

function compileStatement(statement: Statement, scope: Scope, blocks: Blocks): Execute {
  switch (statement.type) {
    case 'output':
      return compileOutput(
        statement.items.map((item) => (typeof item === 'string' ? item : compileExpression(item, scope))),
      );
    case 'for':
      return compileFor(statement, scope, (body, inner) => compileBody(body, inner, blocks));
    case 'if':
      return compileIf(statement, { ...scope, isSoft: true }, blocks);
    case 'set': {
      const value = compileExpression(statement.value, scope);
      const { check, assign } = compileTarget(statement.target, scope);
      return (activation) => {
        check(activation);
        assign(activation, value(activation));
        return 'next';
      };
    }
    case 'set_block':
      return compileSetBlock(statement, scope, blocks);
    case 'macro': {
      const macro = compileMacro(statement, statement.name, scope, blocks);
      const assign = compileTarget({ type: 'name', name: statement.name }, scope).assign;
      return (activation) => {
        assign(activation, macro(activation));
        return 'next';
      };
    }
    case 'call_block':
      return compileCallBlock(statement, scope, blocks);
    case 'filter_block':
      return compileFilterBlock(statement.filter, statement.body, scope, blocks);
    case 'with':
      return compileWith(statement, scope, blocks);
    case 'block':
      return compileBlock(statement, scope, blocks);
    case 'break':
    case 'continue': {
      const flow = statement.type;
      if (!scope.inLoop) throw failure('TemplateSyntaxError', `'${flow}' outside loop (line ${statement.line})`);
      return () => flow;
    }
    case 'other_template':
      return () => {
        throw failure('TypeError', `A chat template cannot use another template ('${statement.tag}').`);
      };
    default:
      return statement satisfies never;
  }
}

function compileOutput(items: readonly (string | Evaluate)[]): Execute {
  return (activation, output) => {
    const { run } = activation;
    for (const item of items) run.write(output, typeof item === 'string' ? item : textOf(item(activation), run.budget));
    return 'next';
  };
}

function compileIf({ branches, otherwise }: If, scope: Scope, blocks: Blocks): Execute {
  const choices = branches.map(({ test, body }) => ({
    test: compileExpression(test, scope),
    run: compileBody(body, scope, blocks),
  }));
  const last = compileBody(otherwise, scope, blocks);
  return (activation, output) => {
    for (const { test, run } of choices) if (isTrue(test(activation))) return run(activation, output);
    return last(activation, output);
  };
}

/** The variable that holds the text of a block's body; no template can name it. */
const BLOCK_TEXT = 'text of the block';

/** Writes a body into that variable. */
function capture(run: Execute, scope: Scope): (activation: Activation) => Flow {
  const write = writer(scope, BLOCK_TEXT);
  return (activation) => {
    const output: Output = { text: '' };
    const flow = run(activation, output);
    write(activation, output.text);
    return flow;
  };
}

function compileSetBlock(
  { target, filter, body }: Extract<Statement, { type: 'set_block' }>,
  scope: Scope,
  blocks: Blocks,
): Execute {
  const inner = innerScope(scope);
  inner.symbols.parameter(BLOCK_TEXT);
  noteBody(inner.symbols, body);
  const enter = entry(inner);
  const captured = capture(compileBody(body, inner, blocks), inner);
  const text = nameReader(inner, BLOCK_TEXT);
  const value = filter ? compileBlockFilter(filter, text, inner) : text;
  const { check, assign } = compileTarget(target, scope);
  const leave = exit(inner);
  return (activation) => {
    enter(activation);
    const flow = captured(activation);
    if (flow !== 'next') return flow;
    const made = value(activation);
    check(activation);
    assign(activation, made);
    leave(activation);
    return 'next';
  };
}

/** The filters of a block: the innermost has no value of its own, and gets the block's text. */
function compileBlockFilter(filter: Filter, text: Evaluate, scope: Scope): Evaluate {
  if (!filter.value) return compileFilter(filter, text, scope);
  if (filter.value.type !== 'filter') return compileExpression(filter, scope);
  return compileFilter(filter, compileBlockFilter(filter.value, text, scope), scope);
}

function compileFilterBlock(filter: Filter, body: Body, scope: Scope, blocks: Blocks): Execute {
  const inner = innerScope(scope);
  inner.symbols.parameter(BLOCK_TEXT);
  noteBody(inner.symbols, body);
  noteReads(inner.symbols, filter);
  const enter = entry(inner);
  const captured = capture(compileBody(body, inner, blocks), inner);
  const filtered = compileBlockFilter(filter, nameReader(inner, BLOCK_TEXT), inner);
  const leave = exit(inner);
  return (activation, output) => {
    enter(activation);
    const flow = captured(activation);
    if (flow !== 'next') return flow;
    const { run } = activation;
    run.write(output, textOf(filtered(activation), run.budget));
    leave(activation);
    return 'next';
  };
}

function compileWith({ bindings, body }: With, scope: Scope, blocks: Blocks): Execute {
  const inner = innerScope(scope);
  for (const [target] of bindings) noteTarget(inner.symbols, target, 'parameter');
  noteBody(inner.symbols, body);
  const enter = entry(inner);
  const steps = bindings.map(([target, value]) => {
    const evaluate = compileExpression(value, scope);
    const { assign } = compileTarget(target, inner);
    return (activation: Activation): void => assign(activation, evaluate(activation));
  });
  const run = compileBody(body, inner, blocks);
  const leave = exit(inner);
  return (activation, output) => {
    enter(activation);
    for (const step of steps) step(activation);
    const flow = run(activation, output);
    if (flow === 'next') leave(activation);
    return flow;
  };
}

function compileBlock(block: Block, scope: Scope, blocks: Blocks): Execute {
  const { symbols } = scope;
  const visible: (readonly [string, (activation: Activation) => Value | undefined])[] = [];
  for (let at: typeof symbols | null = block.scoped ? symbols : null; at; at = at.parent)
    for (const name of at.stores) visible.push([name, reader(scope, name)]);
  return (activation, output) => {
    if (block.required) throw failure('TemplateRuntimeError', `Required block ${quoted(block.name)} not found`);
    const overlay = new Map(visible.map(([name, read]) => [name, read(activation)]));
    const resolve = block.scoped
      ? (name: string): Value | undefined => {
          const seen = overlay.get(name);
          return seen === undefined ? activation.resolve(name) : seen;
        }
      : activation.resolve;
    blocks.get(block.name)?.({ ...activation, resolve }, output);
    return 'next';
  };
}

interface MacroSource extends Signature {
  readonly body: Body;
  readonly line: number;
}

/** Makes the macro, or the caller of a call block, with the variables around it. */
function compileMacro(
  source: MacroSource,
  name: string | null,
  scope: Scope,
  blocks: Blocks,
): (activation: Activation) => NativeObject {
  const { parameters, defaults, body } = source;
  const inner = innerScope(scope, true);
  for (const parameter of parameters) inner.symbols.parameter(parameter);
  noteReads(inner.symbols, ...defaults);
  noteBody(inner.symbols, body);
  const used = undeclared(body, ['caller', 'kwargs', 'varargs']);
  const own = parameters.indexOf('caller');
  if (used.has('caller') && own >= 0 && own < parameters.length - defaults.length)
    throw assertion('The parameter "caller" of a macro must have a default', source.line);
  const takes = (special: string): boolean => used.has(special) && !parameters.includes(special);
  const specials = ['caller', 'kwargs', 'varargs'].filter(takes);
  for (const special of specials) inner.symbols.parameter(special);

  const enter = entry(inner);
  const firstDefault = parameters.length - defaults.length;
  const setters = parameters.map((parameter, at) => {
    const write = writer(inner, parameter);
    const byDefault = defaults[at - firstDefault];
    const missing = undefinedValue(`parameter ${quoted(parameter)} was not provided`);
    return { write, otherwise: byDefault ? compileExpression(byDefault, inner) : (): Value => missing };
  });
  const special = new Map(specials.map((one) => [one, writer(inner, one)]));
  const run = compileBody(body, inner, blocks);
  const shape = {
    ...{ name, parameters, takesCaller: used.has('caller') },
    ...{ takesNamed: special.has('kwargs'), takesRest: special.has('varargs') },
  };
  return (outer) =>
    createMacro(shape, (values, named, rest) => {
      const activation: Activation = { ...outer, slots: [], outer };
      const pairs = [...named].map(([key, value]): Entry => [key, value]);
      setters.forEach(({ write }, at) => write(activation, values[at]));
      special.get('caller')?.(activation, values[parameters.length]);
      special.get('kwargs')?.(activation, dictOf(pairs, outer.run.budget));
      special.get('varargs')?.(activation, tuple(rest));
      enter(activation);
      setters.forEach(({ write, otherwise }, at) => {
        if (values[at] === undefined) write(activation, otherwise(activation));
      });
      const output: Output = { text: '' };
      run(activation, output);
      return output.text;
    });
}

function compileCallBlock(block: CallBlock, scope: Scope, blocks: Blocks): Execute {
  const caller = compileMacro(block, null, scope, blocks);
  const callee = block.call && compileExpression(block.call.callee, scope);
  const given = block.call && compileGiven(block.call.given, scope);
  return (activation, output) => {
    const { run } = activation;
    const made = caller(activation);
    let result: Value;
    if (callee && given) {
      const called = callee(activation);
      const [positional, named] = given(activation);
      if (named.has('caller')) throw failure('TypeError', `${typeName(called)} got two values for 'caller'`);
      result = callValue(called, positional, new Map([...named, ['caller', made]]), run.budget);
    } else result = callValue(made, [], new Map(), run.budget);
    run.write(output, textOf(result, run.budget));
    return 'next';
  };
}
