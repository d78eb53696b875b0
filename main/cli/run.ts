/** `hearth run`: one answer of one model. */
import type { z } from 'zod';
import type { HeaderNote } from '../../preload/contract/model.ts';
import { samplingSchema, type Sampling } from '../../preload/contract/chat.ts';
import type { GenerateResult } from '../engine/engine.ts';
import { checkoutLayout } from '../app/layout.ts';
import type { ReplyEvent } from '../inference/inference.ts';
import { cacheFolderOf } from './cache-folder.ts';
import { numberOption, UsageError, type Invocation, type Values } from './invocation.ts';
import { noteForTerminal } from './load-notes.ts';
import { engineModelOf, findModelFile } from './model-files.ts';
import { greedySampling, streamReply } from './reply.ts';

function readSampling(values: Values<'run'>): Sampling {
  const sampling = samplingSchema.safeParse({
    ...greedySampling,
    temperature: numberOption(values, 'temperature') ?? greedySampling.temperature,
    seed: numberOption(values, 'seed') ?? null,
    maxTokens: numberOption(values, 'max-tokens') ?? null,
  });
  if (sampling.success) return sampling.data;
  const [issue] = sampling.error.issues;
  const name = { maxTokens: 'max-tokens' }[String(issue?.path[0])] ?? String(issue?.path[0]);
  throw new UsageError(`--${name} must be ${boundOf(issue)}.`);
}

/** What the value of an option must be. */
function boundOf(issue: z.core.$ZodIssue | undefined): string {
  switch (issue?.code) {
    case 'too_small':
      return `at least ${issue.minimum}`;
    case 'too_big':
      return `at most ${issue.maximum}`;
    default:
      return 'a whole number';
  }
}

function headerNoteForTerminal({ code, field }: HeaderNote): string {
  switch (code) {
    case 'bool_value':
      return `In the header of this file, ${field} is neither true nor false. It is taken as true.`;
    case 'invalid_utf8':
      return `In the header of this file, ${field} is not valid UTF-8 text.`;
    default:
      return code satisfies never;
  }
}

/** Streams the answer to standard output. @throws UsageError, AppError `model.*`, `engine.*`, `template.invalid`. */
export async function runModel(
  values: Values<'run'>,
  [reference, prompt]: readonly string[],
  { environment, output, signal }: Invocation,
): Promise<void> {
  const sampling = readSampling(values);
  if (values.raw && values.system !== undefined)
    throw new UsageError('--system does nothing with --raw, which passes on the prompt as it is.');
  const file = await findModelFile(reference ?? '', {
    cacheFolder: await cacheFolderOf(environment),
    layout: checkoutLayout(),
  });
  const model = await engineModelOf(file);
  for (const note of model.summary?.notes ?? []) output.warning(headerNoteForTerminal(note));
  const text = prompt ?? '';
  const system = values.system === undefined ? [] : [{ role: 'system' as const, content: values.system }];
  const input = values.raw ? { rawPrompt: text } : { messages: [...system, { role: 'user' as const, content: text }] };
  let result: GenerateResult | undefined;
  const onEvent = (event: ReplyEvent): void => {
    if (event.type === 'text' && event.content !== '') output.text(event.content);
    if (event.type === 'end') result = event.result;
  };
  await streamReply(model, { input, sampling }, signal, onEvent, (notes) => {
    // A raw prompt has no turns that a template could write.
    if (values.raw) return;
    for (const note of notes) {
      const text = noteForTerminal(note);
      if (text !== null) output.warning(text);
    }
  });
  if (result?.toolsRefused !== undefined)
    output.warning(`The template refuses the tools: ${result.toolsRefused} The model got them described in words.`);
  output.done({ type: 'end', modelId: model.modelId, ...result }, '');
}
