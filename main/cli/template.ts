/** `hearth template`: what a chat template makes of a conversation, and what a reply of its model is read as. */
import { AppError, isAppError } from '../../preload/wire/errors.ts';
import { readExactJson } from '../../preload/wire/json.ts';
import type { AsGiven } from '../chat-format/template/render-as-given.ts';
import type { TemplateSource } from '../chat-format/template/template-host.ts';
import { clockOf } from '../chat-format/template/template-trial.ts';
import type { TrialAnswer, TrialInput, TrialQuestion } from '../chat-format/template/trial-worker.ts';
import { checkoutLayout } from '../app/layout.ts';
import { createTrialThread, readChatTemplate } from '../library/library.ts';
import { cacheFolderOf } from './cache-folder.ts';
import { readJsonFile, readTextFile } from './input-files.ts';
import { UsageError, type Invocation, type Values } from './invocation.ts';
import { findModelFile } from './model-files.ts';

/**
 * Prints the rendering and nothing else, or with `--parse` one JSON object `{reasoning, content, calls}`. Warnings go to standard error.
 * @throws UsageError, AppError `not_found`, `invalid_input`, `template.invalid`, `model.*`.
 */
export async function runTemplate(
  values: Values,
  [reference = '']: readonly string[],
  invocation: Invocation,
): Promise<void> {
  const { output, signal } = invocation;
  if (values.messages === undefined && values.parse === undefined)
    throw new UsageError('"template" needs --messages FILE or --parse FILE.');
  const { source, special: own } = await sourceOf(reference, invocation);
  const template = { source, special: { bos: values.bos ?? own.bos, eos: values.eos ?? own.eos } };
  const trial: TrialInput = {
    tools: values.tools === undefined ? null : JSON.stringify(await readJsonFile(values.tools)),
    now: checkedTime(values.now),
    messages: JSON.stringify(values.messages === undefined ? null : await readJsonFile(values.messages)),
  };
  if (values.parse !== undefined) {
    const answer = await answerOf(template, { ...trial, reply: await readTextFile(values.parse) }, signal);
    if ('reply' in answer) {
      const calls = answer.reply.calls.map(({ name, arguments: text }) => ({ name, arguments: readExactJson(text) }));
      const reading = { ...answer.reply, calls };
      output.done(reading, JSON.stringify(reading));
    }
    return;
  }
  const answer = await answerOf(template, { ...trial, reply: null }, signal);
  if (!('rendering' in answer)) return;
  for (const warning of warningsOf(answer.rendering, trial.tools !== null)) output.warning(warning);
  output.exactly({ prompt: answer.rendering.text }, answer.rendering.text);
}

/** Asks a thread with the limits of the app's: a template may never end, and an interrupt ends it at once. */
async function answerOf(template: TemplateSource, question: TrialQuestion, signal: AbortSignal): Promise<TrialAnswer> {
  const thread = createTrialThread(template);
  try {
    return await thread.ask(question, signal);
  } finally {
    await thread.close();
  }
}

/** @throws UsageError. */
function checkedTime(text: string | undefined): string | null {
  if (text === undefined) return null;
  try {
    clockOf(text);
  } catch (error) {
    if (!isAppError(error, 'invalid_input')) throw error;
    throw new UsageError(`--now takes a time such as 2026-01-31T12:00:00, not "${text}".`);
  }
  return text;
}

function warningsOf({ refused, leavesToolsOut }: AsGiven, hasTools: boolean): string[] {
  if (refused !== null)
    return [`The template refuses this conversation: ${refused} Printed is what the model is given in a chat instead.`];
  return hasTools && leavesToolsOut
    ? ['The template leaves the tools out. In a chat they are described to the model in words.']
    : [];
}

async function sourceOf(reference: string, { environment }: Invocation): Promise<TemplateSource> {
  if (/\.(?:jinja2?|j2|txt)$/i.test(reference))
    return { source: await readTextFile(reference), special: { bos: '', eos: '' } };
  const file = await findModelFile(reference, {
    cacheFolder: await cacheFolderOf(environment),
    layout: checkoutLayout(),
  });
  const { source, bos, eos } = await readChatTemplate(file.openPath);
  if (source === null) throw new AppError('not_found', `${reference} has no chat template.`);
  return { source, special: { bos, eos } };
}
