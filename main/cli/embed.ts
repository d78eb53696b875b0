/** `hearth embed`: texts as vectors. */
import { refuseEmptyTexts } from '../inference/inference.ts';
import { numberOption, UsageError, type Invocation, type Values } from './invocation.ts';
import { createLoadProgress, headerNoteForTerminal } from './load-progress.ts';
import { openModel } from './models.ts';
import { inGroups, textsOf } from './texts.ts';

/** Texts of one request: a model of 8,192 dimensions answers them with some ten megabytes of JSON. */
const GROUP = 64;

/** Prints one vector a line, as a JSON list, in the order of the texts. @throws UsageError, AppError `model.*`, `engine.*`, `unsupported`, `invalid_input`. */
export async function runEmbed(
  values: Values<'embed'>,
  [reference = '', ...given]: readonly string[],
  invocation: Invocation,
): Promise<void> {
  const { output, signal } = invocation;
  const dimensions = numberOption(values, 'dimensions');
  if (dimensions !== undefined && !(Number.isInteger(dimensions) && dimensions >= 1 && dimensions <= 100_000))
    throw new UsageError('--dimensions takes a whole number from 1 to 100000.');
  const texts = await textsOf(given, values.file, 'text');
  // Here, because a group of them would be told by its place in the group.
  refuseEmptyTexts(texts);
  const progress = createLoadProgress(output, false);
  const model = await openModel(reference, invocation, progress.onLoaded);
  try {
    for (const note of model.notes) output.warning(headerNoteForTerminal(note));
    const vectors: (readonly number[])[] = [];
    let tokens = 0;
    for (const group of inGroups(texts, GROUP)) {
      const answer = await model.embed({ texts: group, ...(dimensions !== undefined && { dimensions }) }, signal);
      vectors.push(...answer.vectors);
      tokens += answer.tokens;
    }
    progress.end();
    output.done(
      { modelId: model.modelId, tokens, vectors },
      vectors.map((vector) => JSON.stringify(vector)).join('\n'),
    );
  } finally {
    progress.end();
    await model.close();
  }
}
