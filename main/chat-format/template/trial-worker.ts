/** The thread that tries out a chat template. Templates are untrusted: one that loops ends this thread and nothing else. */
import { parentPort, workerData } from 'node:worker_threads';
import type { ToolProblem } from '../../../preload/contract/load-notes.ts';
import { encodeError } from '../../../preload/wire/errors.ts';
import { parseJsonText } from '../../base/json-text.ts';
import { localTimeOf } from '../jinja/format/strftime.ts';
import { createChatTemplate } from './chat-template.ts';
import type { AsGiven } from './render-as-given.ts';
import { specialTokensIn } from './special-tokens.ts';
import type { TemplateSource } from './template-host.ts';
import type { ThreadAnswer } from './template-thread.ts';
import { readTrialReply, renderTrial, type TemplateTrial, type TrialReading } from './template-trial.ts';

/** JSON texts as a person wrote them. */
export interface TrialInput {
  readonly messages: string;
  readonly tools: string | null;
  readonly now: string | null;
}
export interface TrialSource extends TemplateSource {
  /** Those of the vocabulary. */
  readonly specialTokens: readonly string[];
}
/** `special tokens` asks for those that the template's source has. */
export type TrialQuestion = 'check' | 'special tokens' | (TrialInput & { readonly reply: string | null });
export type TrialAnswer =
  | { readonly toolProblem: ToolProblem | null }
  | { readonly specialTokens: readonly string[] }
  | { readonly rendering: AsGiven & { readonly specialTokens: readonly string[] } }
  | { readonly reply: TrialReading };

const template = workerData as TrialSource;
const say = (answer: ThreadAnswer<TrialAnswer>): void => parentPort?.postMessage(answer);

function answerTo(question: TrialQuestion): TrialAnswer {
  if (question === 'check') {
    // As a load does.
    const chat = createChatTemplate(template.source, template.special, () => localTimeOf(new Date()));
    chat.render([{ role: 'user', content: 'Hello' }]);
    return { toolProblem: chat.toolProblem() };
  }
  if (question === 'special tokens') return { specialTokens: specialTokensIn(template.source, template.specialTokens) };
  const trial: TemplateTrial = {
    messages: parseJsonText(question.messages, 'messages'),
    tools: question.tools === null ? null : parseJsonText(question.tools, 'tools'),
    now: question.now,
  };
  if (question.reply !== null) return { reply: readTrialReply(template, trial, question.reply) };
  const rendering = renderTrial(template, trial);
  return { rendering: { ...rendering, specialTokens: specialTokensIn(rendering.text, template.specialTokens) } };
}

parentPort?.on('message', (question: TrialQuestion) => {
  try {
    say({ answer: answerTo(question) });
  } catch (error) {
    say({ error: encodeError(error) });
  }
});
say('ready');
