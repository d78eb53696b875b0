/** The syntax tree of a template. */
import type { Value } from '../values/values.ts';

export type Expression =
  | { readonly type: 'const'; readonly value: Value }
  | Name
  /** `name.attr` as a target. */
  | { readonly type: 'member'; readonly name: string; readonly attr: string }
  | { readonly type: 'tuple' | 'list'; readonly items: readonly Expression[] }
  | { readonly type: 'dict'; readonly pairs: readonly (readonly [Expression, Expression])[] }
  | { readonly type: 'unary'; readonly operator: '+' | '-' | 'not'; readonly operand: Expression }
  | {
      readonly type: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly type: 'concat'; readonly items: readonly Expression[] }
  | { readonly type: 'compare'; readonly first: Expression; readonly rest: readonly Comparison[] }
  | { readonly type: 'condition'; readonly test: Expression; readonly yes: Expression; readonly no: Expression | null }
  | { readonly type: 'attribute'; readonly value: Expression; readonly name: string }
  | { readonly type: 'item'; readonly value: Expression; readonly key: Expression }
  | { readonly type: 'slice'; readonly value: Expression; readonly bounds: readonly (Expression | null)[] }
  | Call
  | Filter
  | {
      readonly type: 'test';
      readonly value: Expression;
      readonly name: string;
      readonly given: Given;
      readonly line: number;
    };

export interface Name {
  readonly type: 'name';
  readonly name: string;
}
export type BinaryOperator = '+' | '-' | '*' | '/' | '//' | '%' | '**' | 'and' | 'or';
export interface Comparison {
  readonly operator: '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'not in';
  readonly operand: Expression;
}
export interface Call {
  readonly type: 'call';
  readonly callee: Expression;
  readonly given: Given;
}
export interface Filter {
  readonly type: 'filter';
  /** Null for the text of a block. */
  readonly value: Expression | null;
  readonly name: string;
  readonly given: Given;
  readonly line: number;
}
/** The arguments of a call. */
export interface Given {
  readonly positional: readonly Expression[];
  readonly named: readonly (readonly [string, Expression])[];
  readonly spread: Expression | null;
  readonly spreadNamed: Expression | null;
}

export type Statement =
  | { readonly type: 'output'; readonly items: readonly (string | Expression)[]; readonly line: number }
  | For
  | If
  | { readonly type: 'set'; readonly target: Expression; readonly value: Expression; readonly line: number }
  | SetBlock
  | Macro
  | CallBlock
  | { readonly type: 'filter_block'; readonly filter: Filter; readonly body: Body; readonly line: number }
  | With
  | Block
  | { readonly type: 'break' | 'continue'; readonly line: number }
  /** Another template: chat templates have none. */
  | {
      readonly type: 'other_template';
      readonly tag: string;
      readonly stored: readonly string[];
      readonly line: number;
    };
export type Body = readonly Statement[];

export interface For {
  readonly type: 'for';
  readonly target: Expression;
  readonly iterable: Expression;
  readonly test: Expression | null;
  readonly recursive: boolean;
  readonly body: Body;
  readonly otherwise: Body;
  readonly line: number;
}
export interface If {
  readonly type: 'if';
  readonly branches: readonly { readonly test: Expression; readonly body: Body }[];
  readonly otherwise: Body;
  readonly line: number;
}
export interface SetBlock {
  readonly type: 'set_block';
  readonly target: Expression;
  readonly filter: Filter | null;
  readonly body: Body;
  readonly line: number;
}
export interface Signature {
  readonly parameters: readonly string[];
  /** Of the last parameters. */
  readonly defaults: readonly Expression[];
}
export interface Macro extends Signature {
  readonly type: 'macro';
  readonly name: string;
  readonly body: Body;
  readonly line: number;
}
export interface CallBlock extends Signature {
  readonly type: 'call_block';
  /** Null for `{% generation %}`, which prints its body. */
  readonly call: Call | null;
  readonly body: Body;
  readonly line: number;
}
export interface With {
  readonly type: 'with';
  readonly bindings: readonly (readonly [Expression, Expression])[];
  readonly body: Body;
  readonly line: number;
}
export interface Block {
  readonly type: 'block';
  readonly name: string;
  readonly scoped: boolean;
  readonly required: boolean;
  readonly body: Body;
  readonly line: number;
}
