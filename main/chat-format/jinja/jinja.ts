/** Jinja2 as transformers runs chat templates with it: a sandbox that changes nothing, `trim_blocks`, `lstrip_blocks`, `break` and `continue`. */
import { compile } from './compile/compile.ts';
import { failure, isFailure } from './values/errors.ts';
import { globalFunctions } from './filters/functions.ts';
import { parse } from './syntax/parser.ts';
import { createRun, defaultLimits, type Limits } from './compile/run.ts';
import type { LocalTime } from './format/strftime.ts';
import { fromData } from './values/values.ts';

export interface RenderOptions {
  /** What `strftime_now` tells. */
  readonly now: () => LocalTime;
  readonly limits?: Partial<Limits>;
}

export interface Template {
  /**
   * Renders the template with these variables, which are data as JSON has it.
   * @throws a failure named as Python names the error, or `LimitError`.
   */
  render(variables: Readonly<Record<string, unknown>>, options: RenderOptions): string;
}

/** Reads a template. @throws `TemplateSyntaxError`, `TemplateAssertionError`, `LimitError`. */
export function parseTemplate(source: string): Template {
  const root = withoutOverflow(() => compile(parse(source)));
  return {
    render(variables, { now, limits }) {
      const given = new Map(globalFunctions(now));
      for (const [name, value] of Object.entries(variables)) if (value !== undefined) given.set(name, fromData(value));
      const run = createRun(given, { ...defaultLimits, ...limits });
      try {
        return withoutOverflow(() => root(run));
      } catch (error) {
        // What a template raises itself is its own message.
        if (isFailure(error) && error.kind !== 'TemplateError' && !error.message.includes('(line '))
          error.message += ` (line ${run.line})`;
        throw error;
      }
    },
  };
}

/** @throws LimitError where the stack of this thread is too small for how deep a template goes. */
function withoutOverflow<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof RangeError)
      throw failure('LimitError', `The template goes too ${error.message.includes('call stack') ? 'deep' : 'far'}.`);
    throw error;
  }
}
