/** The sampling of commands, from their options. */
import type { z } from 'zod';
import { samplingSchema, type Sampling } from '../../preload/contract/chat.ts';
import { readTextFile } from './input-files.ts';
import { numberOption, UsageError } from './invocation.ts';

/** The default sampling of the command line. It is greedy, so the same question gets the same answer. */
export const greedySampling: Sampling = {
  temperature: 0,
  topK: 40,
  topP: 0.95,
  minP: 0.05,
  repeatPenalty: 1,
  maxTokens: null,
  seed: null,
};

/** The values of the options of usage.ts that say how a reply is sampled. */
type SamplingValues = Readonly<
  Partial<Record<(typeof samplingOptions)[keyof typeof samplingOptions] | 'schema' | 'grammar', string | undefined>>
> & { readonly stop?: readonly string[] };

/** The options that are numbers, by the names of the sampling's fields. */
const samplingOptions = {
  temperature: 'temperature',
  topP: 'top-p',
  topK: 'top-k',
  minP: 'min-p',
  seed: 'seed',
  maxTokens: 'max-tokens',
} as const satisfies Partial<Record<keyof Sampling, string>>;

/** Whether any option says how to sample. */
export const hasSampling = (values: SamplingValues): boolean =>
  Object.values(samplingOptions).some((name) => values[name] !== undefined);

/** The sampling that the options ask for; without them the greedy one. @throws UsageError, AppError `not_found` for a file. */
export const readSampling = async (values: SamplingValues): Promise<Sampling> => ({
  ...greedySampling,
  ...(await givenSampling(values)),
});

/** What the options say of sampling, and nothing else. Throws as `readSampling`. */
export async function givenSampling(values: SamplingValues): Promise<Partial<Sampling>> {
  const numbers = Object.entries(samplingOptions).flatMap(([field, name]) => {
    const value = numberOption(values, name);
    return value === undefined ? [] : [[field, value] as const];
  });
  const given: Partial<Sampling> = {
    ...Object.fromEntries(numbers),
    ...(values.stop !== undefined && values.stop.length > 0 && { stop: values.stop.map(withEscapes) }),
    ...(await grammarOf(values)),
  };
  checkSampling({ ...greedySampling, ...given });
  return given;
}

/** `\n` and `\t` in a stop text are what they mean elsewhere: a shell has no short form for them. */
const withEscapes = (text: string): string =>
  text.replaceAll(/\\([nt\\])/g, (_, letter: string) => (letter === 'n' ? '\n' : letter === 't' ? '\t' : '\\'));

async function grammarOf({ schema, grammar }: SamplingValues): Promise<Pick<Sampling, 'grammar'>> {
  if (schema !== undefined && grammar !== undefined)
    throw new UsageError('--schema and --grammar cannot both say what the reply looks like.');
  if (schema !== undefined) return { grammar: { kind: 'json_schema', text: await readTextFile(schema) } };
  return grammar === undefined ? {} : { grammar: { kind: 'gbnf', text: await readTextFile(grammar) } };
}

/** @throws UsageError that names the option. */
function checkSampling(given: Sampling): void {
  const sampling = samplingSchema.safeParse(given);
  if (sampling.success) return;
  const [issue] = sampling.error.issues;
  const field = String(issue?.path[0]);
  if (field === 'grammar') throw new UsageError('The file of --schema or --grammar is empty or too long.');
  if (field === 'stop') throw new UsageError('--stop takes up to 16 texts of 1 to 500 characters.');
  const name = Object.hasOwn(samplingOptions, field) ? samplingOptions[field as keyof typeof samplingOptions] : field;
  throw new UsageError(`--${name} must be ${boundOf(issue)}.`);
}

/** What the value of an option must be. */
export function boundOf(issue: z.core.$ZodIssue | undefined): string {
  switch (issue?.code) {
    case 'too_small':
      return `at least ${issue.minimum}`;
    case 'too_big':
      return `at most ${issue.maximum}`;
    default:
      return 'a whole number';
  }
}
