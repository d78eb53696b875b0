/**
 * The command line, over the same modules as the app. Exit codes: 0 done, 1 failed with the typed error on standard error,
 * 2 wrong usage, 130 interrupted, 141 nobody reads its output. Each command loads only the modules that it needs.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { AppError } from '../../preload/wire/errors.ts';
import { checkoutRoot } from '../app/layout.ts';
import { readEnvironment, warningText, type Environment } from '../app/environment.ts';
import { createInterrupt } from '../base/interrupt.ts';
import { createLog, stackOf } from '../base/log.ts';
import { parseInvocation, UsageError, type Invocation, type LoadServe, type Values } from './invocation.ts';
import { createOutput, endWithOutput, type Output } from './output.ts';
import { helpText, usageHint } from './usage.ts';

interface Command {
  /** What its arguments are. */
  readonly positionals: readonly string[];
  /** Whether more of the last kind may follow. */
  readonly isOpen?: boolean;
  /** The option that may stand in place of the last argument. */
  readonly insteadOfLast?: keyof Values;
  /** The options of the command, besides `json` and `help`. */
  readonly options: readonly string[];
  readonly load: () => Promise<
    (values: Values, positionals: readonly string[], invocation: Invocation) => Promise<void>
  >;
}

/** Options of a quantization. */
const quantizing = [...['pure', 'output-tensor-type', 'embedding-type', 'tensor-types', 'prune-layers', 'imatrix']];

/** The commands by their names. */
export const commands: Readonly<Record<string, Command>> = {
  pull: { positionals: ['model'], options: [], load: async () => (await import('./pull.ts')).runPull },
  list: { positionals: [], options: [], load: async () => (await import('./list.ts')).runList },
  run: {
    positionals: ['model', 'prompt'],
    options: ['raw', 'system', 'temperature', 'seed', 'max-tokens'],
    load: async () => (await import('./run.ts')).runModel,
  },
  template: {
    positionals: ['model or template'],
    options: ['messages', 'tools', 'now', 'bos', 'eos', 'parse'],
    load: async () => (await import('./template.ts')).runTemplate,
  },
  schema: { positionals: ['file'], options: [], load: async () => (await import('./schema.ts')).runSchema },
  convert: {
    positionals: ['repository or folder'],
    options: ['to', 'output', 'check', 'all', 'keep-source', ...quantizing],
    load: async () => (await import('./convert/convert.ts')).runConvert,
  },
  quantize: {
    positionals: ['model'],
    options: ['to', 'output', 'check', 'all', 'allow-requantize', ...quantizing],
    load: async () => (await import('./convert/convert.ts')).runQuantize,
  },
  imatrix: {
    positionals: ['model'],
    options: ['output', 'text'],
    load: async () => (await import('./convert/convert.ts')).runImatrix,
  },
  measure: {
    positionals: ['reference', 'model'],
    isOpen: true,
    options: ['text'],
    load: async () => (await import('./convert/measure.ts')).runMeasure,
  },
  verify: {
    positionals: ['model'],
    options: ['source'],
    load: async () => (await import('./convert/convert.ts')).runVerify,
  },
  tokenize: {
    positionals: ['repository or folder', 'text'],
    insteadOfLast: 'text',
    options: ['text', 'decode', 'no-special'],
    load: async () => (await import('./convert/convert.ts')).runTokenize,
  },
  split: {
    positionals: ['file', 'output name'],
    options: ['max-size', 'max-tensors'],
    load: async () => (await import('./convert/gguf-files.ts')).runSplit,
  },
  merge: {
    positionals: ['file', 'output file'],
    options: [],
    load: async () => (await import('./convert/gguf-files.ts')).runMerge,
  },
  export: {
    positionals: ['file', 'output folder'],
    options: [],
    load: async () => (await import('./convert/gguf-files.ts')).runExport,
  },
  adapter: {
    positionals: ['adapter', 'base', 'output file'],
    options: ['merge', 'to'],
    load: async () => (await import('./convert/adapter.ts')).runAdapter,
  },
  serve: { positionals: [], options: ['port'], load: async () => (await import('./serve.ts')).runServe },
};

/** `npm start -- --ask`. @throws as `ask` of ask.ts. */
export async function ask(question: string): Promise<void> {
  endWithOutput(
    () => createOutput(false, process.stdout, process.stderr),
    (code) => process.exit(code),
  );
  await (await import('./ask.ts')).ask(question);
}

/** Time for a command to end its children and to put away what it has fetched. */
const END_LIMIT_MS = 5000;

/** Ends the command with this exit code, once it has put away what it made. */
function endIn(abort: AbortController, code: number): void {
  abort.abort();
  setTimeout(() => process.exit(code), END_LIMIT_MS).unref();
  process.once('exit', () => (process.exitCode = code));
}

/** Ends the command at an error that nothing handles: logged, on standard error as any other, and with exit code 1. */
function endWhenUnexpected(environment: Environment, abort: AbortController, output: () => Output): void {
  process.on('uncaughtException', (error) => {
    createLog({ folder: path.join(environment.dataFolder, 'logs') }).error(`Unexpected: ${stackOf(error)}`);
    output().error(error);
    endIn(abort, 1);
  });
}

/** @throws UsageError that says which argument is missing, or that there are too many. */
function checkCount(
  name: string,
  { positionals, isOpen = false, insteadOfLast }: Pick<Command, 'positionals' | 'isOpen' | 'insteadOfLast'>,
  given: readonly string[],
  values: Values,
): void {
  const isReplaced = insteadOfLast !== undefined && values[insteadOfLast] !== undefined;
  const wanted = isReplaced ? positionals.slice(0, -1) : positionals;
  const missing = wanted[given.length];
  if (missing !== undefined) throw new UsageError(`The ${missing} is missing.`);
  if (given.length === wanted.length || isOpen) return;
  const count =
    wanted.length === 0 ? 'no argument' : wanted.length === 1 ? 'one argument' : `${wanted.length} arguments`;
  const quotes = name === 'run' ? ' A prompt of several words stands in quotes.' : '';
  throw new UsageError(`"${name}" takes ${count}, not ${given.length}.${quotes}`);
}

/** The version of the app. */
function version(): string {
  const file = path.join(checkoutRoot, 'package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

/** Runs one command and returns the exit code. */
export async function main(args: readonly string[], loadServe: LoadServe): Promise<number> {
  const abort = new AbortController();
  const interrupt = createInterrupt(
    () => abort.abort(),
    () => process.exit(130), // a second Ctrl+C: do not wait
  );
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, interrupt);
  let output = createOutput(args.includes('--json'), process.stdout, process.stderr);
  try {
    const { values, positionals } = parseInvocation(args);
    output = createOutput(values.json, process.stdout, process.stderr);
    const [name, ...rest] = positionals;
    // The app has readers of its own.
    if (name !== 'serve')
      endWithOutput(
        () => output,
        (code) => endIn(abort, code),
      );
    if (values.help || name === 'help') {
      process.stdout.write(helpText(name === 'help' ? rest[0] : name));
      return 0;
    }
    if (values.version) {
      output.done({ version: version() }, version());
      return 0;
    }
    const command = name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (!command || name === undefined)
      throw new UsageError(name === undefined ? 'No command was given.' : `There is no command "${name}".`);
    const foreign = Object.entries(values).find(
      ([option, value]) =>
        value !== false && value !== undefined && option !== 'json' && !command.options.includes(option),
    );
    if (foreign) throw new UsageError(`"${name}" has no option --${foreign[0]}.`);
    checkCount(name, command, rest, values);
    const environment = readEnvironment();
    // The app has a last resort of its own. A command has one thing to do, which has failed.
    if (name !== 'serve') endWhenUnexpected(environment, abort, () => output);
    for (const warning of environment.warnings) output.warning(warningText(warning));
    const run = await command.load();
    await run(values, rest, { environment, output, signal: abort.signal, version: version(), loadServe });
    return abort.signal.aborted ? 130 : 0;
  } catch (error) {
    if (error instanceof UsageError) {
      if (output.json) output.error(new AppError('invalid_input', error.message));
      else process.stderr.write(`${error.message}\n\n${usageHint(args.find((arg) => !arg.startsWith('-')))}`);
      return 2;
    }
    if (abort.signal.aborted) return 130;
    output.error(error);
    return 1;
  }
}
