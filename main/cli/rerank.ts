/** `hearth rerank`: documents by how well they answer a query. */
import { MAX_TEXTS } from '../../preload/contract/inference.ts';
import type { Invocation, Values } from './invocation.ts';
import { createLoadProgress, headerNoteForTerminal } from './load-progress.ts';
import { openModel } from './models.ts';
import { inGroups, textsOf } from './texts.ts';

/** A document's place in the list is counted from 1, as people do; `index` of the JSON from 0. */
const SHOWN_LENGTH = 100;

/** Prints the documents from the best to the worst with their scores. @throws UsageError, AppError `model.*`, `engine.*`, `unsupported`. */
export async function runRerank(
  values: Values<'rerank'>,
  [reference = '', query = '', ...given]: readonly string[],
  invocation: Invocation,
): Promise<void> {
  const { output, signal } = invocation;
  const documents = await textsOf(given, values.file, 'document');
  const progress = createLoadProgress(output, false);
  const model = await openModel(reference, invocation, progress.onLoaded);
  try {
    for (const note of model.notes) output.warning(headerNoteForTerminal(note));
    const scores: number[] = [];
    for (const group of inGroups(documents, MAX_TEXTS))
      scores.push(...(await model.rerank({ query, documents: group }, signal)).scores);
    progress.end();
    const results = documents
      .map((document, index) => ({ index, score: scores[index] ?? 0, document }))
      .sort((a, b) => b.score - a.score || a.index - b.index);
    const lines = results.map(({ index, score, document }) =>
      [score.toFixed(4), String(index + 1).padStart(4), beginningOf(document)].join('  '),
    );
    output.done({ modelId: model.modelId, results }, lines.join('\n'));
  } finally {
    progress.end();
    await model.close();
  }
}

/** A document in one line. */
function beginningOf(document: string): string {
  const line = document.replaceAll(/\s+/g, ' ').trim();
  return line.length > SHOWN_LENGTH ? `${line.slice(0, SHOWN_LENGTH - 1)}…` : line;
}
