/** `hearth run`: one answer of one model. */
import type { ReplyResult, ReplyStep } from '../../preload/contract/inference.ts';
import { samplingOver, withPreset } from '../inference/inference.ts';
import { UsageError, type Invocation, type Values } from './invocation.ts';
import { createLoadProgress, headerNoteForTerminal } from './load-progress.ts';
import { openModel } from './models.ts';
import { promptOf } from './prompt.ts';
import { givenSampling, greedySampling } from './sampling.ts';

/**
 * Streams the answer to standard output. Reasoning is dim in a terminal, an object of its own with `--json`, and left out elsewhere, where
 * only the answer is wanted. @throws UsageError, AppError `model.*`, `engine.*`, `template.invalid`, `not_found`, `invalid_input`.
 */
export async function runModel(
  values: Values<'run'>,
  [reference = '', prompt]: readonly string[],
  invocation: Invocation,
): Promise<void> {
  const { output, signal } = invocation;
  if (values.raw && values.system !== undefined)
    throw new UsageError('--system does nothing with --raw, which passes on the prompt as it is.');
  const given = await givenSampling(values);
  const text = await promptOf({ prompt, files: values.file, output, signal });
  if (signal.aborted) return;
  const progress = createLoadProgress(output, !values.raw);
  const model = await openModel(reference, invocation, progress.onLoaded);
  try {
    for (const note of model.notes) output.warning(headerNoteForTerminal(note));
    const system = values.system === undefined ? [] : [{ role: 'system' as const, content: values.system }];
    const input = values.raw
      ? { rawPrompt: text }
      : { messages: [...system, { role: 'user' as const, content: text }] };
    let result: ReplyResult | undefined;
    const take = (step: ReplyStep): void => {
      if (step.type === 'text') {
        progress.end();
        if (step.reasoning !== '') output.reasoning(step.reasoning);
        if (step.content !== '') output.text(step.content);
      }
      if (step.type === 'end') result = step.result;
    };
    const { preset } = model;
    const request = {
      input: withPreset(preset, input),
      sampling: samplingOver(greedySampling, preset?.sampling, given),
      ...(typeof preset?.template === 'string' && { template: preset.template }),
    };
    for await (const step of model.generate(request, signal)) take(step);
    progress.end();
    if (result?.toolsRefused !== undefined)
      output.warning(`The template refuses the tools: ${result.toolsRefused} The model got them described in words.`);
    output.done({ type: 'end', modelId: model.modelId, ...(result ?? { endReason: 'stopped' }) }, '');
  } finally {
    progress.end();
    await model.close();
  }
}
