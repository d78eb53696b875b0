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
import { helpOf, usageHint } from './help.ts';
import { commandIn, parseInvocation, UsageError, type Invocation, type LoadServe, type Values } from './invocation.ts';
import { createOutput, endWithOutput, type Output } from './output.ts';
import type { CommandName } from './usage.ts';

type Run<Name extends CommandName> = (
  values: Values<Name>,
  positionals: readonly string[],
  invocation: Invocation,
) => Promise<void>;

/** The module of each command, loaded when it is typed. */
const loaders: { readonly [Name in CommandName]: () => Promise<Run<Name>> } = {
  pull: async () => (await import('./pull.ts')).runPull,
  search: async () => (await import('./search.ts')).runSearch,
  info: async () => (await import('./info/info.ts')).runInfo,
  bench: async () => (await import('./bench/bench.ts')).runBench,
  list: async () => (await import('./list.ts')).runList,
  run: async () => (await import('./run.ts')).runModel,
  chat: async () => (await import('./chat/chat.ts')).runChat,
  embed: async () => (await import('./embed.ts')).runEmbed,
  rerank: async () => (await import('./rerank.ts')).runRerank,
  ps: async () => (await import('./ps.ts')).runPs,
  stop: async () => (await import('./stop.ts')).runStop,
  rm: async () => (await import('./rm.ts')).runRm,
  cache: async () => (await import('./cache.ts')).runCache,
  doctor: async () => (await import('./doctor/doctor.ts')).runDoctor,
  completion: async () => (await import('./completion/completion.ts')).runCompletion,
  serve: async () => (await import('./serve.ts')).runServe,
  template: async () => (await import('./template.ts')).runTemplate,
  schema: async () => (await import('./schema.ts')).runSchema,
  convert: async () => (await import('./convert/convert.ts')).runConvert,
  quantize: async () => (await import('./convert/convert.ts')).runQuantize,
  imatrix: async () => (await import('./convert/convert.ts')).runImatrix,
  measure: async () => (await import('./convert/measure.ts')).runMeasure,
  verify: async () => (await import('./convert/convert.ts')).runVerify,
  tokenize: async () => (await import('./tokenize.ts')).runTokenize,
  split: async () => (await import('./convert/gguf-files.ts')).runSplit,
  merge: async () => (await import('./convert/gguf-files.ts')).runMerge,
  export: async () => (await import('./convert/gguf-files.ts')).runExport,
  adapter: async () => (await import('./convert/adapter.ts')).runAdapter,
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

/** The version of the app. */
function version(): string {
  const file = path.join(checkoutRoot, 'package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

/** Whether `--json` is among the options: also where the rest cannot be parsed, for its refusal. */
function asksForJson(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return (end === -1 ? args : args.slice(0, end)).includes('--json');
}

/** Runs one command and returns the exit code. */
export async function main(args: readonly string[], loadServe: LoadServe): Promise<number> {
  if (args[0] === '__complete') {
    const { complete } = await import('./completion/complete.ts');
    await complete(args.slice(1), (text) => process.stdout.write(text), version());
    return 0;
  }
  const abort = new AbortController();
  const interrupt = createInterrupt(
    () => abort.abort(),
    () => process.exit(130), // a second Ctrl+C: do not wait
  );
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, interrupt);
  const output = createOutput(asksForJson(args), process.stdout, process.stderr);
  try {
    const typed = parseInvocation(args);
    // The app has readers of its own.
    if (typed.kind !== 'command' || typed.name !== 'serve')
      endWithOutput(
        () => output,
        (code) => endIn(abort, code),
      );
    switch (typed.kind) {
      case 'help': {
        const told = helpOf(typed.topic);
        output.exactly(told.object, told.text);
        return 0;
      }
      case 'version':
        output.done({ version: version() }, version());
        return 0;
      case 'command':
        break;
      default:
        return typed satisfies never;
    }
    const environment = readEnvironment();
    // The app has a last resort of its own. A command has one thing to do, which has failed.
    if (typed.name !== 'serve') endWhenUnexpected(environment, abort, () => output);
    for (const warning of environment.warnings) output.warning(warningText(warning));
    // The parser made the values of the options that usage.ts declares for this command.
    const run = (await loaders[typed.name]()) as (...given: readonly unknown[]) => Promise<void>;
    await run(typed.values, typed.positionals, {
      ...{ environment, output, signal: abort.signal, version: version(), loadServe },
    });
    return abort.signal.aborted ? 130 : 0;
  } catch (error) {
    if (error instanceof UsageError) {
      if (output.json) output.error(new AppError('invalid_input', error.message));
      else process.stderr.write(`${error.message}\n\n${usageHint(commandIn(args))}`);
      return 2;
    }
    if (abort.signal.aborted) return 130;
    output.error(error);
    return 1;
  }
}
