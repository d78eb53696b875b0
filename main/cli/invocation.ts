/** The invocation of a command: the typed options, and the tools that it works with. */
import { parseArgs } from 'node:util';
import type { Environment } from '../app/environment.ts';
import { nearestNames } from '../base/nearest-names.ts';
import { flag, type CommandUsage, type Option } from './option.ts';
import type { Output } from './output.ts';
import { commonOptions, isCommand, usage, type CommandName } from './usage.ts';

/** The arguments of every command besides the typed ones. */
export interface Invocation {
  readonly environment: Environment;
  readonly output: Output;
  readonly signal: AbortSignal;
  /** The version of the app. */
  readonly version: string;
  readonly loadServe: LoadServe;
}

/** Loads the entry that `hearth serve` starts: the app with its shell, which the other commands do not need. */
export type LoadServe = () => Promise<{
  serveCheckout(
    environment: Environment,
    port: number | null,
    /** False: the API server waits for `startApi`, also where the settings start it with the app. */
    startsApi?: boolean,
  ): Promise<{
    readonly url: string;
    /** Starts the API server, with a port and a key for this run alone. Throws invalid_input, unsupported. */
    startApi(given: { port?: number; key?: string }): Promise<{ readonly address: string | null }>;
    close(): Promise<void>;
  }>;
  /** The app without a shell, for a command that needs the database; other commands find it. Throws store.*, disk.*. */
  openForCommand(environment: Environment): Promise<{ close(): Promise<void> }>;
}>;

/** Wrong usage: an option or argument that the command does not take. The command line says where its usage stands and exits with code 2. */
export class UsageError extends Error {}

type ValueOf<One> = One extends { readonly kind: 'flag' }
  ? boolean
  : One extends { readonly kind: 'list' }
    ? readonly string[]
    : One extends { readonly choices: readonly (infer Choice)[] }
      ? Choice | undefined
      : string | undefined;

/** The values of a command's options, as usage.ts declares them: false, undefined or no entry where one is not given. */
export type Values<Name extends CommandName> = Name extends CommandName
  ? {
      readonly [Key in keyof (typeof usage)[Name]['options']]: ValueOf<(typeof usage)[Name]['options'][Key]>;
    }
  : never;

type ParsedValue = string | boolean | readonly string[] | undefined;

/** What was typed. The values of `command` are those of `Values<Name>`. */
export type Typed =
  | { readonly kind: 'help'; readonly topic: string | undefined }
  | { readonly kind: 'version' }
  | {
      readonly kind: 'command';
      readonly name: CommandName;
      readonly values: Readonly<Record<string, ParsedValue>>;
      readonly positionals: readonly string[];
    };

/** The command's name among the arguments: the first that is no option. */
export const commandIn = (args: readonly string[]): string | undefined => args.find((one) => !one.startsWith('-'));

/**
 * Parses the arguments. @throws UsageError for a command or an option that is not known, with the nearest one; for an option without
 * its value or with one that it cannot have; for an argument that is missing or too much.
 */
export function parseInvocation(args: readonly string[]): Typed {
  const at = args.findIndex((one) => !one.startsWith('-'));
  const before = at === -1 ? args.map((one) => (one === '-V' ? '-v' : one)) : args.slice(0, at);
  const name = args[at];
  const known = { ...commonOptions, ...(at === -1 ? { version: { ...flag(''), short: 'v' } } : {}) };
  const { values: common } = parseOptions(before, known, (rawName, hint) =>
    name === undefined
      ? `There is no option ${rawName}.${hint}`
      : `There is no option ${rawName} that stands before the command. The options of a command follow its name.`,
  );
  if (name === 'help') return { kind: 'help', topic: commandIn(args.slice(at + 1)) };
  if (name === 'version') {
    const rest = parseOptions(
      args.slice(at + 1),
      commonOptions,
      (raw, hint) => `"version" has no option ${raw}.${hint}`,
    );
    if (rest.positionals.length > 0) throw new UsageError('"version" takes no argument.');
    return { kind: 'version' };
  }
  if (name === undefined) {
    if (common['help']) return { kind: 'help', topic: undefined };
    if (common['version']) return { kind: 'version' };
    throw new UsageError('No command was given.');
  }
  if (!isCommand(name)) throw unknownCommand(name);
  const command: CommandUsage = usage[name];
  const { values, positionals } = parseOptions(
    args.slice(at + 1),
    { ...command.options, ...commonOptions },
    (rawName, hint) => `"${name}" has no option ${rawName}.${hint}`,
  );
  if (values['help'] || common['help']) return { kind: 'help', topic: name };
  checkCount(name, command, positionals, values);
  return { kind: 'command', name, values, positionals };
}

/** The refusal of a command that is not known, with the nearest one. */
export const unknownCommand = (name: string): UsageError =>
  new UsageError(
    `There is no command "${name}".${
      otherWords.has(name) ? ` Did you mean "${otherWords.get(name)}"?` : nearestHint(name, Object.keys(usage))
    }`,
  );

/** Words of other programs for the commands, which no spelling brings near. */
const otherWords: ReadonlyMap<string, CommandName> = new Map([
  ['ls', 'list'],
  ['download', 'pull'],
  ['show', 'info'],
  ['remove', 'rm'],
  ['delete', 'rm'],
]);

/** @throws UsageError as `parseInvocation`; `unknown` words that of an option that is not among `options`. */
function parseOptions(
  args: readonly string[],
  options: Readonly<Record<string, Option>>,
  unknown: (rawName: string, hint: string) => string,
): { readonly values: Record<string, ParsedValue>; readonly positionals: string[] } {
  const config = Object.fromEntries(
    Object.entries(options).map(([key, { kind, short }]) => [
      key,
      { type: kind === 'flag' ? ('boolean' as const) : ('string' as const), ...(short !== undefined && { short }) },
    ]),
  );
  const shorts = Object.values(options).flatMap(({ short }) => (short === undefined ? [] : [`-${short}`]));
  // A value may begin with a hyphen, but it is none of the options.
  const isOption = (text: string): boolean =>
    shorts.includes(text) || Object.hasOwn(options, /^--([^=]*)/.exec(text)?.[1] ?? '');
  const { tokens } = parseArgs({
    args: [...args],
    options: config,
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const values: Record<string, ParsedValue> = Object.fromEntries(
    Object.entries(options).map(([key, { kind }]) => [key, kind === 'flag' ? false : kind === 'list' ? [] : undefined]),
  );
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue;
    if (token.kind === 'positional') {
      positionals.push(token.value);
      continue;
    }
    const { name, rawName, value } = token;
    const option = Object.hasOwn(options, name) ? options[name] : undefined;
    if (option === undefined) throw new UsageError(unknown(rawName, nearestHint(rawName, spellings(options))));
    if (option.kind === 'flag') {
      if (value !== undefined) throw new UsageError(`${rawName} takes no value.`);
      values[name] = true;
      continue;
    }
    if (value === undefined || (!token.inlineValue && isOption(value)))
      throw new UsageError(`${rawName} needs a value.`);
    if (option.kind === 'value' && option.choices !== undefined && !option.choices.includes(value))
      throw new UsageError(
        `${rawName} takes ${option.choices.join(', ')}, not "${value}".${nearestHint(value, option.choices)}`,
      );
    values[name] = option.kind === 'list' ? [...((values[name] ?? []) as readonly string[]), value] : value;
  }
  return { values, positionals };
}

const spellings = (options: object): string[] => Object.keys(options).map((key) => `--${key}`);

/** ` Did you mean "list"?`, or nothing where no name is near. */
function nearestHint(text: string, names: readonly string[]): string {
  const near = nearestNames(text, names, 1)[0];
  return near === undefined ? '' : ` Did you mean ${near.startsWith('--') ? near : `"${near}"`}?`;
}

/** @throws UsageError that says which argument is missing, or that there are too many. */
function checkCount(
  name: CommandName,
  { arguments: wanted, insteadOfLast }: CommandUsage,
  given: readonly string[],
  values: Readonly<Record<string, unknown>>,
): void {
  const taken = insteadOfLast !== undefined && values[insteadOfLast] !== undefined ? wanted.slice(0, -1) : wanted;
  const missing = taken[given.length];
  for (const [at, text] of given.entries()) {
    const choices = taken[at]?.completes;
    if ((choices === 'model' || choices === 'used_model') && text.trim() === '')
      throw new UsageError(`The ${taken[at]?.name} is empty. "hearth list" shows the models that are here.`);
    if (choices === undefined || typeof choices === 'string' || choices.includes(text)) continue;
    const near = nearestHint(text, choices);
    throw new UsageError(`"${name}" takes ${choices.join(', ')} as its ${taken[at]?.name}, not "${text}".${near}`);
  }
  if (missing !== undefined && !missing.isOptional) throw new UsageError(`The ${missing.name} is missing.`);
  if (given.length <= taken.length || taken.at(-1)?.isOpen) return;
  const most = taken.some(({ isOptional }) => isOptional) ? 'at most ' : '';
  const count = taken.length === 0 ? 'no argument' : taken.length === 1 ? 'one argument' : `${taken.length} arguments`;
  const quotes = name === 'run' ? ' A prompt of several words stands in quotes.' : '';
  throw new UsageError(`"${name}" takes ${most}${count}, not ${given.length}.${quotes}`);
}

/** The number of the option `--name`; undefined without the option. @throws UsageError for a value that is not a number. */
export function numberOption<Name extends string>(
  values: Readonly<Partial<Record<Name, unknown>>>,
  name: Name,
): number | undefined {
  const text = values[name];
  if (typeof text !== 'string') return undefined;
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new UsageError(`--${name} takes a number, not "${text}".`);
  return value;
}
