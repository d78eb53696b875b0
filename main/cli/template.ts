/** `hearth template`: what a chat template makes of a conversation, and what a reply of its model is read as. */
import { AppError } from '../../preload/wire/errors.ts';
import { localTimeOf, type LocalTime } from '../chat-format/jinja/format/strftime.ts';
import { readReply } from '../chat-format/reply/read-reply.ts';
import {
  definitionOf,
  readMessages,
  readTools,
  renderAsGiven,
  type AsGiven,
  type GivenTool,
} from '../chat-format/template/render-as-given.ts';
import type { SpecialText } from '../chat-format/template/chat-template.ts';
import { checkoutLayout } from '../app/layout.ts';
import { readChatTemplate } from '../library/library.ts';
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
  const { output } = invocation;
  if (values.messages === undefined && values.parse === undefined)
    throw new UsageError('"template" takes --messages FILE.json or --parse FILE.');
  const { source, special: own } = await sourceOf(reference, invocation);
  const special = { bos: values.bos ?? own.bos, eos: values.eos ?? own.eos };
  const tools = values.tools === undefined ? null : readTools(await readJsonFile(values.tools));
  const now = clockOf(values.now);
  const render = (messages: unknown): AsGiven =>
    renderAsGiven(source, { messages: readMessages(messages), tools, special, now });

  if (values.parse !== undefined) {
    const text = await readTextFile(values.parse);
    const prompt =
      values.messages === undefined ? simplestPrompt(render) : render(await readJsonFile(values.messages)).text;
    const reply = readReply(text, { prompt, source, tools: tools && tools.map(definitionOf) });
    output.done(reply, JSON.stringify(reply));
    return;
  }
  const rendered = render(await readJsonFile(values.messages ?? ''));
  for (const warning of warningsOf(rendered, tools)) output.warning(warning);
  output.exactly({ prompt: rendered.text }, rendered.text);
}

/** The prompt of one question, which shows how the template begins a reply. A template that refuses it begins none. */
function simplestPrompt(render: (messages: unknown) => AsGiven): string {
  try {
    return render([{ role: 'user', content: 'Hello' }]).text;
  } catch {
    return '';
  }
}

function warningsOf({ refused, leavesToolsOut }: AsGiven, tools: readonly GivenTool[] | null): string[] {
  if (refused !== null)
    return [`The template refuses this conversation: ${refused} This is what a chat gives the model in its place.`];
  return tools && leavesToolsOut ? ['The template leaves tools out. A chat puts them into words for it.'] : [];
}

async function sourceOf(
  reference: string,
  { environment }: Invocation,
): Promise<{ readonly source: string; readonly special: SpecialText }> {
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

/** The time that a template may ask for: as written, in whatever zone. Without the option the clock of this computer. */
function clockOf(text: string | undefined): () => LocalTime {
  if (text === undefined) return () => localTimeOf(new Date());
  const match = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(?:Z|[+-]\d{2}:?\d{2})?)?$/.exec(text);
  const date = new Date(`${match?.[1] ?? ''}T${match?.[2] ?? '00:00'}Z`);
  if (!match || Number.isNaN(date.getTime()))
    throw new UsageError(`--now takes a time such as 2026-01-31T12:00:00, not "${text}".`);
  const time: LocalTime = {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    microsecond: date.getUTCMilliseconds() * 1000,
  };
  return () => time;
}
