/** Sampling of a name as the parameters of a Modelfile, and back: https://github.com/ollama/ollama/blob/main/docs/modelfile.md. */
import type { ModelName } from '../../../preload/contract/server.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import { optionsSchema, readOptions, type Options } from './fields.ts';

type Value = string | number;

/** The parameters of a name, by Ollama's names; those that Ollama does not have are left out. */
export function parametersOf(sampling: ModelName['sampling']): (readonly [string, Value])[] {
  const { maxTokens, seed, stop, penaltyTokens } = sampling;
  const single: Readonly<Record<string, number | undefined>> = {
    ...{ temperature: sampling.temperature, top_k: sampling.topK, top_p: sampling.topP, min_p: sampling.minP },
    ...{ repeat_penalty: sampling.repeatPenalty, presence_penalty: sampling.presencePenalty },
    ...{ frequency_penalty: sampling.frequencyPenalty },
    num_predict: maxTokens === null ? -1 : maxTokens,
    seed: seed === null ? -1 : seed,
    repeat_last_n: penaltyTokens === null ? -1 : penaltyTokens,
  };
  const given = Object.entries(single).flatMap(([name, value]): (readonly [string, Value])[] =>
    value === undefined ? [] : [[name, value]],
  );
  return [...given, ...(stop ?? []).map((text) => ['stop', text] as const)];
}

/** A line for each, as in Ollama's answers: programs read the name, spaces, and a value without spaces or in quotes. */
export function parameterLines(parameters: readonly (readonly [string, Value])[]): string {
  return parameters.map(([name, value]) => `${name.padEnd(30)} ${JSON.stringify(value)}`).join('\n');
}

/** The options that a loaded model takes; the others are in `left`, by name. */
const ofReplies: ReadonlySet<string> = new Set<keyof Options>([
  ...(['num_predict', 'temperature', 'top_k', 'top_p', 'min_p', 'seed', 'stop'] as const),
  ...(['repeat_penalty', 'repeat_last_n', 'presence_penalty', 'frequency_penalty'] as const),
]);

/** @throws AppError `invalid_input` for a value that the parameter cannot have. */
export function readParameters(parameters: Readonly<Record<string, unknown>>): {
  readonly sampling: ModelName['sampling'];
  readonly left: readonly string[];
} {
  const parsed = optionsSchema.safeParse(parameters);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const field = `parameters.${issue?.path.map(String).join('.') ?? ''}`;
    throw new AppError('invalid_input', `"${field}" is not valid: ${issue?.message ?? 'wrong shape'}.`, { field });
  }
  const sampling = Object.entries(readOptions(parsed.data)).filter(([, value]) => value !== undefined);
  return {
    sampling: Object.fromEntries(sampling),
    left: Object.keys(parameters).filter((name) => !ofReplies.has(name)),
  };
}
