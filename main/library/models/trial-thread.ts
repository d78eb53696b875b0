/** The thread in which a chat template is tried out, within the limits of those that a model uses. */
import { threadFile } from '../../base/thread-file.ts';
import type { TemplateSource } from '../../chat-format/template/template-host.ts';
import { createTemplateThread, type TemplateThread } from '../../chat-format/template/template-thread.ts';
import type { TrialAnswer, TrialQuestion, TrialSource } from '../../chat-format/template/trial-worker.ts';

export type TrialThread = TemplateThread<TrialQuestion, TrialAnswer>;

/** It starts with the first question. `specialTokens` are those of the vocabulary, to be found in what the template writes. */
export function createTrialThread(
  { source, special }: TemplateSource,
  specialTokens: readonly string[] = [],
): TrialThread {
  const worker = threadFile('../../chat-format/template/trial-worker.ts', import.meta.url);
  const data: TrialSource = { source, special, specialTokens };
  return createTemplateThread<TrialQuestion, TrialAnswer>(data, worker);
}
