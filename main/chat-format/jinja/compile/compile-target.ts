/** Turns the target of an assignment into functions that assign. */
import { failure } from '../values/errors.ts';
import type { Expression } from '../syntax/nodes.ts';
import { unpack } from '../values/operators.ts';
import { reader, writer, type Activation, type Scope } from './scope.ts';
import { membersOf } from './symbols.ts';
import { isRecord, type NativeObject, type Value } from '../values/values.ts';

export interface Target {
  /** @throws TemplateRuntimeError where a member is to be assigned to what is no namespace. */
  check(activation: Activation): void;
  assign(activation: Activation, value: Value): void;
}

export function compileTarget(target: Expression, scope: Scope): Target {
  const owners = membersOf(target).map(({ name }) => reader(scope, name));
  return {
    check(activation) {
      for (const owner of owners) namespaceOf(owner(activation));
    },
    assign: compileAssign(target, scope),
  };
}

function compileAssign(target: Expression, scope: Scope): (activation: Activation, value: Value) => void {
  switch (target.type) {
    case 'name': {
      const write = writer(scope, target.name);
      if (!scope.isTop) return write;
      return (activation, value) => {
        write(activation, value);
        activation.run.exported.set(target.name, value);
      };
    }
    case 'member': {
      const owner = reader(scope, target.name);
      return (activation, value) => namespaceOf(owner(activation)).assign(target.attr, value);
    }
    case 'tuple': {
      const parts = target.items.map((item) => compileAssign(item, scope));
      return (activation, value) => {
        const values = unpack(value, parts.length, activation.run.budget);
        parts.forEach((part, at) => part(activation, values[at] ?? null));
      };
    }
    default:
      throw failure('TemplateSyntaxError', `can't assign to '${target.type}'`);
  }
}

function namespaceOf(
  value: Value | undefined,
): NativeObject & { readonly assign: NonNullable<NativeObject['assign']> } {
  if (value !== undefined && isRecord(value) && value.kind === 'object' && value.assign)
    return { ...value, assign: value.assign };
  throw failure('TemplateRuntimeError', 'cannot assign attribute on non-namespace object');
}
