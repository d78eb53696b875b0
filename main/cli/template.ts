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
  values: Values<'template'>,
  [reference = '']: readonly string[],
  invocation: Invocation,
): Promise<void> {
  const { output, signal } = invocation;
  if (values.messages === undefined && values.parse === undefined)
    throw new UsageError('"template" needs --messages FILE or --parse FILE.');
  const { source, special: own } = await sourceOf(reference, invocation);
  const template = { source, special: { bos: values.bos ?? own.bos, eos: values.eos ?? own.eos } };
  const given = values.messages === undefined ? null : await readJsonFile(values.messages);
  const request = requestOf(given);
  const tools = values.tools === undefined ? (request?.tools ?? null) : await readJsonFile(values.tools);
  const trial: TrialInput = {
    tools: tools === null ? null : JSON.stringify(tools),
    now: checkedTime(values.now),
    messages: JSON.stringify(request === null ? given : request.messages),
  };
  const ask = async (reply: string | null): Promise<TrialAnswer> => {
    try {
      return await answerOf(template, { ...trial, reply }, signal);
    } catch (error) {
      throw withFile(error, values);
    }
  };
  if (values.parse !== undefined) {
    const answer = await ask(await readTextFile(values.parse));
    if ('reply' in answer) {
      const calls = answer.reply.calls.map(({ name, arguments: text }) => ({ name, arguments: readExactJson(text) }));
      const reading = { ...answer.reply, calls };
      output.done(reading, JSON.stringify(reading));
    }
    return;
  }
  const answer = await ask(null);
  if (!('rendering' in answer)) return;
  for (const warning of warningsOf(answer.rendering, trial.tools !== null)) output.warning(warning);
  if (answer.rendering.text === '') output.warning('The template makes an empty prompt of these messages.');
  output.exactly({ prompt: answer.rendering.text }, answer.rendering.text);
}

/** The parts of a request of OpenAI's API; null for another value, such as the list of messages alone. */
function requestOf(given: unknown): { readonly messages: unknown; readonly tools?: unknown } | null {
  return typeof given === 'object' && given !== null && 'messages' in given ? given : null;
}

/** An error of what is in a file, with the name of the file. */
function withFile(error: unknown, { messages, tools }: Values<'template'>): unknown {
  if (!isAppError(error, 'invalid_input')) return error;
  const file = (String(error.data['field']).startsWith('tools') ? tools : null) ?? messages ?? '';
  return new AppError(error.code, `${file}: ${error.message}`, error.data, { cause: error });
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
  if (reference === '-' || /\.(?:jinja2?|j2|txt)$/i.test(reference))
    return { source: await readTextFile(reference), special: { bos: '', eos: '' } };
  const file = await findModelFile(reference, {
    cacheFolder: await cacheFolderOf(environment),
    layout: checkoutLayout(),
    environment,
  });
  const { source, bos, eos } = await readChatTemplate(file.openPath);
  if (source === null) throw new AppError('not_found', `${reference} has no chat template.`);
  return { source, special: { bos, eos } };
}
