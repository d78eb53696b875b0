/** The `hearth` command: the command line, and the app that `hearth serve` starts. */
import { main } from './cli/cli.ts';

/** Runs one command and answers the exit code. */
export const hearth = (args: readonly string[]): Promise<number> => main(args, () => import('./serve.ts'));
