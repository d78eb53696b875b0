/** The tree of a Go template: https://pkg.go.dev/text/template. */

export type Operand =
  /** `.A.B`, `$.A`, `$name.A`, `(…).A`; with an empty path the value itself. */
  | { readonly type: 'field'; readonly of: 'dot' | 'root' | Variable | Pipe; readonly path: readonly string[] }
  | { readonly type: 'text'; readonly value: string }
  | { readonly type: 'number'; readonly value: number }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'nil' }
  | { readonly type: 'function'; readonly name: string };

export interface Variable {
  readonly type: 'variable';
  readonly name: string;
}

/** A function with its arguments, or one value. */
export type Command = readonly Operand[];

/** Commands joined by `|`: the value of each is the last argument of the next. */
export interface Pipe {
  readonly type: 'pipe';
  readonly commands: readonly Command[];
}

export type Node =
  | { readonly type: 'text'; readonly value: string }
  | { readonly type: 'output'; readonly pipe: Pipe }
  | { readonly type: 'set'; readonly name: string; readonly pipe: Pipe; readonly isNew: boolean }
  | {
      readonly type: 'if' | 'with';
      /** A variable that has the value inside. */
      readonly variable: string | null;
      readonly pipe: Pipe;
      readonly body: readonly Node[];
      readonly otherwise: readonly Node[];
    }
  | {
      readonly type: 'range';
      /** None, the element, or the index (or key) and the element. */
      readonly variables: readonly string[];
      readonly pipe: Pipe;
      readonly body: readonly Node[];
      readonly otherwise: readonly Node[];
    }
  | { readonly type: 'break' | 'continue' };
