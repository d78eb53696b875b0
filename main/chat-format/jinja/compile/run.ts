/** The state of one rendering: its limits, its variables and its line. */
import { failure } from '../values/errors.ts';
import type { Budget, Value } from '../values/values.ts';

export interface Limits {
  /** Steps: about one for each node that is evaluated, each item of a list and each 64 characters. */
  readonly steps: number;
  /** Characters of the output, of any text, and items of any list. */
  readonly length: number;
  /** Levels of calls and of data within data. */
  readonly depth: number;
}
export const defaultLimits: Limits = { steps: 5_000_000, length: 16 * 1024 * 1024, depth: 200 };

export interface Output {
  text: string;
}

export interface Run {
  readonly budget: Budget;
  /** What the template assigned outside of all loops and macros. */
  readonly exported: Map<string, Value>;
  /** The line that is being rendered. */
  line: number;
  /** A variable or function that the template was given. */
  resolve(name: string): Value | undefined;
  write(output: Output, text: string): void;
}

export function createRun(given: ReadonlyMap<string, Value>, limits: Limits): Run {
  let left = limits.steps;
  let depth = 0;
  const charge = (steps: number): void => {
    left -= steps;
    if (left < 0) throw failure('LimitError', `The template did not finish within ${limits.steps} steps.`);
  };
  const check = (length: number): void => {
    if (length > limits.length)
      throw failure(
        'LimitError',
        `The template makes a text or a list of more than ${limits.length} characters or items.`,
      );
  };
  const exported = new Map<string, Value>();
  const identities = new Map<object, number>();
  return {
    budget: {
      charge,
      reserve(length) {
        check(length);
        charge(1 + Math.ceil(length / 64));
      },
      deeper(inner) {
        if (++depth > limits.depth)
          throw failure('LimitError', `The template goes more than ${limits.depth} levels deep.`);
        try {
          return inner();
        } finally {
          depth--;
        }
      },
      identify(object) {
        const known = identities.get(object);
        if (known !== undefined) return known;
        identities.set(object, identities.size);
        return identities.size - 1;
      },
    },
    exported,
    line: 1,
    resolve: (name) => (exported.has(name) ? exported.get(name) : given.get(name)),
    write(output, text) {
      charge(1 + (text.length >> 6));
      check(output.text.length + text.length);
      output.text += text;
    },
  };
}
