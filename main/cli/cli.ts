/**
 * The command line, over the same modules as the app. Exit codes: 0 done, 1 failed with the typed error on standard error,
 * 2 wrong usage, 130 interrupted, 141 nobody reads its output. Each command loads only the modules that it needs.
 */
import path from 'node:path';
import { AppError } from '../../preload/wire/errors.ts';
import { readEnvironment, warningText, type Environment } from '../app/environment.ts';
import { createInterrupt } from '../base/interrupt.ts';
import { createLog, stackOf } from '../base/log.ts';
import { parseInvocation, UsageError, type Invocation, type LoadServe, type Values } from './invocation.ts';
import { createOutput, endWithOutput, type Output } from './output.ts';

const usage = `Usage: hearth COMMAND [OPTIONS]

  pull OWNER/NAME[:TAG] | OWNER/NAME/FILE.gguf   download a model into the Hugging Face cache
  list                                           list the models on this computer
  run MODEL "PROMPT"                             print the model's reply
      --raw               pass on the prompt as it is, without the model's chat template
      --system TEXT       system prompt
      --temperature N     0 to 5; with 0, the default, the likeliest token is always taken
      --seed N            the same seed gives the same reply
      --max-tokens N      end the reply after N tokens
  serve                                          serve the app to a browser on this computer
      --port N            the port; without it a free one is chosen
  template MODEL | FILE.jinja                    print the prompt that a chat template makes of a conversation
      --messages FILE     the messages, as JSON in the form of OpenAI's API
      --tools FILE        the tools, as JSON in the same form
      --now TIME          the time that the template is given, such as 2026-01-31T12:00:00
      --bos TEXT          the beginning-of-text token; without it, the model's
      --eos TEXT          the end-of-text token; without it, the model's
      --parse FILE        print how the reply in FILE is read instead, as {reasoning, content, calls}
  schema FILE.json                               print the grammar (GBNF) that keeps replies to a JSON schema

  MODEL is OWNER/NAME[@REVISION][:TAG] or the path of a GGUF file. TAG is a quantization, such as Q4_K_M, or the name of a file.
  REVISION is a branch, a tag or a commit.
  --json with any command: print one JSON object, or one per line while a reply is written
  --help: print this text
`;

interface Command {
  readonly positionals: number;
  /** The options of the command, besides `json` and `help`. */
  readonly options: readonly string[];
  readonly load: () => Promise<
    (values: Values, positionals: readonly string[], invocation: Invocation) => Promise<void>
  >;
}

const commands: Readonly<Record<string, Command>> = {
  pull: { positionals: 1, options: [], load: async () => (await import('./pull.ts')).runPull },
  list: { positionals: 0, options: [], load: async () => (await import('./list.ts')).runList },
  run: {
    positionals: 2,
    options: ['raw', 'system', 'temperature', 'seed', 'max-tokens'],
    load: async () => (await import('./run.ts')).runModel,
  },
  template: {
    positionals: 1,
    options: ['messages', 'tools', 'now', 'bos', 'eos', 'parse'],
    load: async () => (await import('./template.ts')).runTemplate,
  },
  schema: { positionals: 1, options: [], load: async () => (await import('./schema.ts')).runSchema },
  serve: { positionals: 0, options: ['port'], load: async () => (await import('./serve.ts')).runServe },
};

/** `npm start -- --ask`. @throws as `ask` of ask.ts. */
export async function ask(question: string): Promise<void> {
  endWithOutput(() => createOutput(false, process.stdout, process.stderr));
  await (await import('./ask.ts')).ask(question);
}

/** Time for a command to end its children and to put away what it has fetched. */
const END_LIMIT_MS = 5000;

/** Ends the command at an error that nothing handles: logged, on standard error as any other, and with exit code 1. */
function endWhenUnexpected(environment: Environment, abort: AbortController, output: () => Output): void {
  process.on('uncaughtException', (error) => {
    createLog({ folder: path.join(environment.dataFolder, 'logs') }).error(`Unexpected: ${stackOf(error)}`);
    output().error(error);
    abort.abort();
    setTimeout(() => process.exit(1), END_LIMIT_MS).unref();
    process.once('exit', () => (process.exitCode = 1));
  });
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
    if (name !== 'serve') endWithOutput(() => output);
    if (values.help || name === 'help') {
      process.stdout.write(usage);
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
    if (rest.length !== command.positionals)
      throw new UsageError(
        `"${name}" takes ${command.positionals === 0 ? 'no argument' : `${command.positionals} argument${command.positionals > 1 ? 's' : ''}`}, not ${rest.length}.`,
      );
    const environment = readEnvironment();
    // The app has a last resort of its own. A command has one thing to do, which has failed.
    if (name !== 'serve') endWhenUnexpected(environment, abort, () => output);
    for (const warning of environment.warnings) output.warning(warningText(warning));
    const run = await command.load();
    await run(values, rest, { environment, output, signal: abort.signal, loadServe });
    return abort.signal.aborted ? 130 : 0;
  } catch (error) {
    if (error instanceof UsageError) {
      if (output.json) output.error(new AppError('invalid_input', error.message));
      else process.stderr.write(`${error.message}\n\n${usage}`);
      return 2;
    }
    if (abort.signal.aborted) return 130;
    output.error(error);
    return 1;
  }
}
