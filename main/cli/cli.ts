/**
 * The command line, over the same modules as the app. Exit codes: 0 done, 1 failed with the typed error on standard error,
 * 2 wrong usage, 130 interrupted.
 */
import { parseArgs } from 'node:util';
import type { GenerateResult } from '../engine/engine.ts';
import { AppError } from '../../preload/wire/errors.ts';
import { samplingSchema, type Sampling } from '../../preload/contract/chat.ts';
import { formatBytes } from '../base/format.ts';
import { quantizationFromFileName } from '../model-file/quantization.ts';
import { readEnvironment, type Environment } from '../app/environment.ts';
import { createSecrets } from '../store/secrets.ts';
import { HUB_TOKEN_SECRET, readTokenFile } from '../settings/settings.ts';
import { peekSetting } from '../store/store.ts';
import { engineModelOf, findModelFile, listModelFiles } from './model-files.ts';
import { createOutput, type Output } from './output.ts';
import { pull } from './pull.ts';
import { commandLayout, greedySampling, streamReply } from './reply.ts';

export { ask } from './ask.ts';

const usage = `Usage: hearth COMMAND [OPTIONS]

  pull OWNER/NAME/FILE.gguf | OWNER/NAME:QUANT   fetch a model into the cache
  list                                           models on this computer
  run OWNER/NAME[:QUANT] | FILE.gguf "PROMPT"    one answer
      --raw               the prompt as it is, without the chat template
      --system TEXT       system prompt
      --temperature N     0 to 5 (0: always the likeliest; the default)
      --seed N            the same seed gives the same text
      --max-tokens N      end after so many tokens
  serve [--port N]                               the app for a browser on this machine

  --json on each: one object, or one a line where it streams
`;

class UsageError extends Error {}

interface Invocation {
  readonly environment: Environment;
  readonly output: Output;
  readonly signal: AbortSignal;
  readonly loadServe: LoadServe;
}

/** Loads the entry that `hearth serve` starts: the app with its shell, which the other commands do not need. */
export type LoadServe = () => Promise<{
  serveApp(environment: Environment, port: number | null): Promise<{ readonly url: string; close(): Promise<void> }>;
}>;

const options = {
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
  raw: { type: 'boolean', default: false },
  system: { type: 'string' },
  temperature: { type: 'string' },
  seed: { type: 'string' },
  'max-tokens': { type: 'string' },
  port: { type: 'string' },
} as const;
type Values = ReturnType<typeof parse>['values'];

/** Which options belong to which command, `json` and `help` aside. */
const optionsOf: Readonly<Record<string, readonly string[]>> = {
  pull: [],
  list: [],
  run: ['raw', 'system', 'temperature', 'seed', 'max-tokens'],
  serve: ['port'],
};

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function number(values: Values, name: 'temperature' | 'seed' | 'max-tokens' | 'port'): number | undefined {
  const text = values[name];
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new UsageError(`--${name} takes a number, not "${text}".`);
  return value;
}

function readSampling(values: Values): Sampling {
  const sampling = samplingSchema.safeParse({
    ...greedySampling,
    temperature: number(values, 'temperature') ?? greedySampling.temperature,
    seed: number(values, 'seed') ?? null,
    maxTokens: number(values, 'max-tokens') ?? null,
  });
  if (sampling.success) return sampling.data;
  const issue = sampling.error.issues[0];
  const name = { maxTokens: 'max-tokens' }[String(issue?.path[0])] ?? String(issue?.path[0]);
  throw new UsageError(`--${name}: ${issue?.message ?? 'not valid'}.`);
}

/** The cache that the app uses: the environment's, else the one chosen in the settings, else the Hugging Face tools' own. */
function cacheFolderOf(environment: Environment): string {
  const chosen = peekSetting(environment.dataFolder, 'cacheFolder');
  return environment.cacheFolder?.path ?? (typeof chosen === 'string' ? chosen : environment.defaultCacheFolder);
}

async function runPull(
  _values: Values,
  [reference]: readonly string[],
  { environment, output, signal }: Invocation,
): Promise<void> {
  const token =
    createSecrets(environment.dataFolder, null).read(HUB_TOKEN_SECRET) ??
    environment.hubToken ??
    readTokenFile(environment.hubTokenFile);
  const cacheFolder = cacheFolderOf(environment);
  await pull(reference ?? '', { environment, layout: commandLayout(), cacheFolder, token, signal, output });
}

async function runList(
  _values: Values,
  _positionals: readonly string[],
  { environment, output }: Invocation,
): Promise<void> {
  const files = await listModelFiles({ cacheFolder: cacheFolderOf(environment), layout: commandLayout() });
  const models = files.map((file) => ({
    modelId: `${file.repoId}/${file.path}`,
    repoId: file.repoId,
    file: file.path,
    quantization: quantizationFromFileName(file.path),
    sizeBytes: file.sizeBytes,
    complete: file.missingParts === 0,
  }));
  const width = Math.max(...models.map((model) => model.modelId.length));
  const lines = models.map(
    (model) =>
      `${model.modelId.padEnd(width)}  ${formatBytes(model.sizeBytes).padStart(8)}${model.complete ? '' : '  (files are missing)'}`,
  );
  output.done({ models }, lines.join('\n'));
}

async function runModel(
  values: Values,
  [reference, prompt]: readonly string[],
  { environment, output, signal }: Invocation,
): Promise<void> {
  const sampling = readSampling(values);
  const file = await findModelFile(reference ?? '', {
    cacheFolder: cacheFolderOf(environment),
    layout: commandLayout(),
  });
  const model = await engineModelOf(file);
  const text = prompt ?? '';
  const system = values.system === undefined ? [] : [{ role: 'system' as const, content: values.system }];
  const input = values.raw ? { rawPrompt: text } : { messages: [...system, { role: 'user' as const, content: text }] };
  let result: GenerateResult | undefined;
  await streamReply(model, { input, sampling }, signal, (event) => {
    if (event.type === 'text' && event.content !== '') output.text(event.content);
    if (event.type === 'end') result = event.result;
  });
  output.done({ type: 'end', modelId: model.modelId, ...result }, '');
}

async function runServe(
  values: Values,
  _positionals: readonly string[],
  { environment, output, signal, loadServe }: Invocation,
): Promise<void> {
  const port = number(values, 'port') ?? null;
  if (port !== null && !(Number.isInteger(port) && port >= 0 && port < 65_536))
    throw new UsageError('--port takes a number from 0 to 65535.');
  // Loaded here: the other commands need neither the page's tools nor the database.
  const [{ buildRendererIfNeeded }, { serveApp }] = await Promise.all([import('../../build.ts'), loadServe()]);
  await buildRendererIfNeeded();
  for (const warning of environment.warnings) process.stderr.write(`Warning: ${warning}\n`);
  const served = await serveApp(environment, port);
  output.done({ url: served.url }, `Hearth is ready: ${served.url}`);
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
  await served.close();
}

const commands: Readonly<Record<string, { positionals: number; run: typeof runPull }>> = {
  pull: { positionals: 1, run: runPull },
  list: { positionals: 0, run: runList },
  run: { positionals: 2, run: runModel },
  serve: { positionals: 0, run: runServe },
};

/** Runs one command and answers the exit code. */
export async function main(args: readonly string[], loadServe: LoadServe): Promise<number> {
  const abort = new AbortController();
  const interrupt = (): void => {
    if (abort.signal.aborted) process.exit(130); // a second Ctrl+C: do not wait
    abort.abort();
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  let output = createOutput(args.includes('--json'), process.stdout, process.stderr);
  try {
    const { values, positionals } = parse(args);
    output = createOutput(values.json, process.stdout, process.stderr);
    const [name, ...rest] = positionals;
    if (values.help || name === 'help') {
      process.stdout.write(usage);
      return 0;
    }
    const command = name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (!command || name === undefined)
      throw new UsageError(name === undefined ? 'A command is missing.' : `There is no command "${name}".`);
    const foreign = Object.entries(values).find(
      ([option, value]) =>
        value !== false && value !== undefined && option !== 'json' && !optionsOf[name]?.includes(option),
    );
    if (foreign) throw new UsageError(`"${name}" has no option --${foreign[0]}.`);
    if (rest.length !== command.positionals)
      throw new UsageError(
        `"${name}" takes ${command.positionals === 0 ? 'no argument' : `${command.positionals} argument${command.positionals > 1 ? 's' : ''}`}, not ${rest.length}.`,
      );
    await command.run(values, rest, { environment: readEnvironment(), output, signal: abort.signal, loadServe });
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
