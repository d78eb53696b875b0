/** Turns a `for` statement into functions: plain, filtered, recursive, with an `else`. */
import { compileExpression } from './compile-expression.ts';
import { compileTarget } from './compile-target.ts';
import { failure } from '../values/errors.ts';
import { everyStatement, undeclared, walkBody, walkExpression } from '../syntax/names.ts';
import type { Body, Expression, For } from '../syntax/nodes.ts';
import { createLoop } from '../values/objects.ts';
import { iterate } from '../values/operators.ts';
import type { Output } from './run.ts';
import { entry, exit, innerScope, writer, type Activation, type Flow, type Scope } from './scope.ts';
import { noteBody, noteReads, noteTarget } from './symbols.ts';
import { isTrue, type Pull, type Value } from '../values/values.ts';

type Execute = (activation: Activation, output: Output) => Flow;
type CompileBody = (body: Body, scope: Scope) => Execute;
/** Runs the loop over a value; `recursion` for a loop that calls itself. */
type RunLoop = (activation: Activation, iterable: Value, output: Output, recursion: Recursion | null) => Flow;
interface Recursion {
  readonly depth: number;
  readonly recurse: (iterable: Value, depth: number) => Value;
}

export function compileFor(loop: For, scope: Scope, compileBody: CompileBody): Execute {
  refuseLoopTargets(loop);
  const around = loop.recursive ? innerActivation(scope) : scope;
  const run = compileLoop(loop, around, compileBody);
  const iterable = compileExpression(loop.iterable, scope);
  if (!loop.recursive) return (activation, output) => run(activation, iterable(activation), output, null);
  return (activation, output) => {
    const recurse = (value: Value, depth: number): Value => {
      const own: Activation = { ...activation, slots: [], outer: activation };
      const inner: Output = { text: '' };
      run(own, value, inner, { depth, recurse });
      return inner.text;
    };
    activation.run.write(output, textOfCall(recurse(iterable(activation), 0)));
    return 'next';
  };
}

const textOfCall = (value: Value): string => (typeof value === 'string' ? value : '');
/** The scope of a loop that calls itself: the same names, in an activation for each call. */
const innerActivation = (scope: Scope): Scope => ({
  ...scope,
  slots: { indexes: new Map(), outer: scope.slots },
  inLoop: false,
});

function refuseLoopTargets(loop: For): void {
  const check = (name: string, use: string): void => {
    if (use === 'store' && name === 'loop')
      throw failure(
        'TemplateAssertionError',
        `Can't assign to special loop variable in for-loop target (line ${loop.line})`,
      );
  };
  walkExpression(loop.target, 'store', check);
  walkBody([...loop.body, ...loop.otherwise], check);
}

function compileLoop(loop: For, scope: Scope, compileBody: CompileBody): RunLoop {
  const { target, body, otherwise, test } = loop;
  const inner: Scope = { ...innerScope(scope), inLoop: true };
  const isExtended =
    loop.recursive ||
    undeclared(body, ['loop']).has('loop') ||
    [...everyStatement([loop])].some((statement) => statement.type === 'block' && statement.scoped);
  if (isExtended) inner.symbols.parameter('loop');
  noteTarget(inner.symbols, target, 'parameter');
  noteBody(inner.symbols, body);

  const filter = test && compileTest(target, test, scope);
  const enter = entry(inner);
  const { assign } = compileTarget(target, inner);
  const setLoop = isExtended ? writer(inner, 'loop') : undefined;
  const run = compileBody(body, inner);
  const leave = exit(inner);
  const runElse = otherwise.length > 0 ? compileElse(otherwise, scope, compileBody) : undefined;

  return (activation, iterable, output, recursion) => {
    const { budget } = activation.run;
    const walked = iterate(iterable, budget);
    const pull = filter ? filter(activation, walked) : walked;
    const state =
      setLoop && createLoop(filter ? null : iterable, pull, recursion?.depth ?? 0, recursion?.recurse ?? null);
    const next = state ? state.next : pull;
    let isWithoutItems = true;
    for (let item = next(); item !== undefined; item = next()) {
      budget.charge(1);
      assign(activation, item);
      if (state) setLoop(activation, state.object);
      enter(activation);
      const flow = run(activation, output);
      if (flow === 'break') break;
      // jinja2 counts an item only when its body came to its end.
      if (flow === 'next') isWithoutItems = false;
    }
    leave(activation);
    return isWithoutItems && runElse ? runElse(activation, output) : 'next';
  };
}

/** The condition of a loop, asked for each item when that is taken. */
function compileTest(target: Expression, test: Expression, scope: Scope): (activation: Activation, pull: Pull) => Pull {
  const inner = innerScope(scope, true);
  noteTarget(inner.symbols, target, 'parameter');
  noteReads(inner.symbols, test);
  const enter = entry(inner);
  const { assign } = compileTarget(target, inner);
  const evaluate = compileExpression(test, inner);
  return (outer, pull) => {
    const own: Activation = { ...outer, slots: [], outer };
    let isEntered = false;
    return () => {
      if (!isEntered) enter(own);
      isEntered = true;
      for (let item = pull(); item !== undefined; item = pull()) {
        outer.run.budget.charge(1);
        assign(own, item);
        if (isTrue(evaluate(own))) return item;
      }
      return undefined;
    };
  };
}

function compileElse(body: Body, scope: Scope, compileBody: CompileBody): Execute {
  const inner = innerScope(scope);
  noteBody(inner.symbols, body);
  const enter = entry(inner);
  const run = compileBody(body, inner);
  const leave = exit(inner);
  return (activation, output) => {
    enter(activation);
    const flow = run(activation, output);
    if (flow === 'next') leave(activation);
    return flow;
  };
}
