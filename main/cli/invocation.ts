/** The invocation of a command: the typed options, and the tools that it works with. */
import { parseArgs } from 'node:util';
import type { Environment } from '../app/environment.ts';
import type { Output } from './output.ts';

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
  ): Promise<{ readonly url: string; close(): Promise<void> }>;
}>;

/** Wrong usage: an option or argument that the command does not take. The command line says where its usage stands and exits with code 2. */
export class UsageError extends Error {}

const options = {
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
  version: { type: 'boolean', default: false },
  raw: { type: 'boolean', default: false },
  system: { type: 'string' },
  temperature: { type: 'string' },
  seed: { type: 'string' },
  'max-tokens': { type: 'string' },
  port: { type: 'string' },
  messages: { type: 'string' },
  tools: { type: 'string' },
  parse: { type: 'string' },
  now: { type: 'string' },
  bos: { type: 'string' },
  eos: { type: 'string' },
  source: { type: 'string' },
  to: { type: 'string' },
  output: { type: 'string', short: 'o' },
  check: { type: 'boolean', default: false },
  all: { type: 'boolean', default: false },
  'keep-source': { type: 'boolean', default: false },
  imatrix: { type: 'string' },
  text: { type: 'string' },
  pure: { type: 'boolean', default: false },
  'output-tensor-type': { type: 'string' },
  'embedding-type': { type: 'string' },
  'tensor-types': { type: 'string' },
  'prune-layers': { type: 'string' },
  'allow-requantize': { type: 'boolean', default: false },
  decode: { type: 'boolean', default: false },
  'no-special': { type: 'boolean', default: false },
  'max-size': { type: 'string' },
  'max-tensors': { type: 'string' },
  merge: { type: 'boolean', default: false },
} as const;
export type Values = ReturnType<typeof parseInvocation>['values'];

const kindOf = (name: string): 'boolean' | 'string' | null =>
  Object.hasOwn(options, name) ? options[name as keyof typeof options].type : null;

/** Whether an argument is one of the options, as `--raw` or `--seed=1`, and no value that begins with a hyphen. */
const isOption = (text: string): boolean =>
  text === '-h' || text === '-o' || kindOf(/^--([^=]*)/.exec(text)?.[1] ?? '') !== null;

/** Parses the typed arguments. @throws UsageError for an option that no command has, and for one without its value. */
export function parseInvocation(args: readonly string[]) {
  const { tokens } = parseArgs({ args: [...args], options, allowPositionals: true, strict: false, tokens: true });
  const plain = tokens.flatMap((token) => {
    if (token.kind === 'positional') return [token.value];
    if (token.kind === 'option-terminator') return ['--'];
    const { name, rawName, value } = token;
    const kind = kindOf(name);
    if (kind === null) throw new UsageError(`There is no option ${rawName}.`);
    if (kind === 'boolean') {
      if (value !== undefined) throw new UsageError(`${rawName} takes no value.`);
      return [rawName];
    }
    if (value === undefined || (!token.inlineValue && isOption(value)))
      throw new UsageError(`${rawName} needs a value.`);
    return [`--${name}=${value}`];
  });
  return parseArgs({ args: plain, options, allowPositionals: true });
}

/** The number of the option `--name`; undefined without the option. @throws UsageError for a value that is not a number. */
export function numberOption(values: Readonly<Record<string, unknown>>, name: string): number | undefined {
  const text = values[name];
  if (typeof text !== 'string') return undefined;
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new UsageError(`--${name} takes a number, not "${text}".`);
  return value;
}
