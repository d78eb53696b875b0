/** `hearth completion`: the script by which a shell completes commands, options and models. */
import { UsageError, type Invocation, type Values } from '../invocation.ts';
import { scriptOf, shells } from './scripts.ts';

/** Prints the script and nothing else. @throws UsageError for another shell. */
export async function runCompletion(
  _values: Values<'completion'>,
  [name = '']: readonly string[],
  { output }: Invocation,
): Promise<void> {
  const shell = shells.find((one) => one === name);
  // The table of commands has the same list.
  if (shell === undefined) throw new UsageError(`There is no completion for ${name}.`);
  output.exactly({ shell, script: scriptOf(shell) }, scriptOf(shell));
}
