/** `hearth chat`: a conversation with a model, in a terminal or over a pipe. It is a chat of the app, so nothing of it is lost. */
import type { Message, Sampling } from '../../../preload/contract/chat.ts';
import { AppError, encodeError, isAppError } from '../../../preload/wire/errors.ts';
import { builtInModel } from '../../app/built-in.ts';
import { withoutControls } from '../../base/foreign-text.ts';
import { samplingOver } from '../../inference/inference.ts';
import { findInApp, listAppModels } from '../app-models.ts';
import { openApp, type CommandApp } from '../app-of-folder.ts';
import { firstEvent } from '../first-event.ts';
import type { Invocation, Values } from '../invocation.ts';
import { idsElsewhere, knownServers } from '../models-elsewhere.ts';
import { hasSampling, readSampling } from '../sampling.ts';
import { isChatCommand, RETRY, runChatCommand, type CommandTools } from './commands.ts';
import { completeLine } from './completion.ts';
import { openConversation, type ChatSettings, type Conversation, type ReplyPieces } from './conversation.ts';
import { addToHistory, readHistory } from './history.ts';
import { readPipe, type ChatInput } from './input.ts';
import { createMarkdown, DIM, PLAIN } from './markdown.ts';
import { resumedText } from './resumed.ts';
import { readTerminal } from './terminal-input.ts';

/**
 * Talks until the end of the input. Where an app runs the chat is its; else this command opens the app's database itself, and another
 * command asks this one meanwhile. In a pipe every line is a message, and a reply that fails ends the command.
 * @throws UsageError, AppError `model.*`, `store.*`, and in a pipe what a reply failed with.
 */
export async function runChat(
  values: Values<'chat'>,
  [reference]: readonly string[],
  invocation: Invocation,
): Promise<void> {
  const { environment, output, signal } = invocation;
  const isTerminal = process.stdin.isTTY && process.stdout.isTTY && !output.json;
  const sampling = hasSampling(values) ? await readSampling(values) : null;
  let app: CommandApp | null = null;
  const open = async (): Promise<CommandApp> => (app = await openApp(invocation));
  const conversation = await openConversation(open, { modelId: null, systemPrompt: values.system ?? '', sampling });
  const client = (): CommandApp['client'] => {
    if (app === null) throw new AppError('internal', 'There is no app.');
    return app.client;
  };
  const defaultSampling = async (): Promise<Sampling> =>
    (await firstEvent(client(), 'settings.watch', signal)).sampling;
  const findModel = async (text: string): Promise<Partial<ChatSettings>> => {
    const found = await findInApp(text, client(), signal);
    if (found === null)
      throw new AppError(
        'model.missing',
        `${text} is not among the models that Hearth knows. "hearth run" takes any file.`,
      );
    const { preset } = found;
    const problem = found.place === 'here' ? found.model.problem : null;
    if (problem !== null) throw new AppError(problem.code, problem.message, problem.data);
    if (preset !== null && (preset.template !== null || preset.messages.length > 0))
      output.warning(
        `A template and messages that go with "${preset.name}" are left out of a chat. "hearth run" takes them.`,
      );
    const own = Object.keys(preset?.sampling ?? {}).length === 0 ? null : preset?.sampling;
    return {
      modelId: found.place === 'here' ? found.model.id : found.modelId,
      ...(typeof preset?.systemPrompt === 'string' && { systemPrompt: preset.systemPrompt }),
      ...(own && { sampling: samplingOver(await defaultSampling(), own) }),
    };
  };
  let input: ChatInput | null = null;
  try {
    const resumed = values.resume ? await conversation.resume() : null;
    if (values.resume && resumed === null) throw new AppError('not_found', 'There is no chat to go on with.');
    if (resumed && isTerminal) tell({ isTerminal }, resumedText(resumed.title, await conversation.messages()));
    if (reference !== undefined) await conversation.change(await findModel(reference));
    else if (!values.resume) await conversation.change({ modelId: await lastUsedModel(client(), signal) });
    if ((values.resume || reference !== undefined) && (values.system !== undefined || sampling !== null))
      await conversation.change({
        ...(values.system !== undefined && { systemPrompt: values.system }),
        ...(sampling !== null && { sampling }),
      });
    input = isTerminal
      ? readTerminal(process.stdin, process.stdout, {
          ...{ history: readHistory(environment.dataFolder), signal },
          complete: (line) => completeLine(line, () => modelNames(client(), signal)),
        })
      : readPipe(process.stdin, signal);
    const talk = { conversation, input, invocation, isTerminal };
    await converse(talk, {
      ...{ conversation, findModel, tell: (text) => tell(talk, text) },
      modelName: () => conversation.settings().modelId ?? builtInModel.id,
      defaultSampling,
    });
  } finally {
    if (input) addToHistory(environment.dataFolder, input.entries());
    input?.close();
    await conversation.close();
  }
}

/** What `/model` may be given: names that the user gave, then the models, the built-in one by its short name, and those elsewhere. */
async function modelNames(client: CommandApp['client'], signal: AbortSignal): Promise<readonly string[]> {
  const { names } = await firstEvent(client, 'server.watch', signal);
  const usable = (await listAppModels(client, signal)).filter(
    ({ kind, problem }) => kind === 'model' && problem === null,
  );
  return [
    ...names.map(({ name }) => name),
    ...usable.map(({ id }) => (id === builtInModel.id ? builtInModel.shortName : id)),
    ...idsElsewhere(await knownServers(client, signal)),
  ];
}

interface Talk {
  readonly conversation: Conversation;
  readonly input: ChatInput;
  readonly invocation: Invocation;
  readonly isTerminal: boolean;
}

/** The model that wrote last, as the window offers it to a new chat; the built-in one where none did. */
async function lastUsedModel(client: CommandApp['client'], signal: AbortSignal): Promise<string> {
  const usable = (await listAppModels(client, signal)).filter(
    ({ kind, problem }) => kind === 'model' && problem === null,
  );
  const [last] = usable
    .filter(({ lastRepliedAt }) => lastRepliedAt !== null)
    .sort((a, b) => (b.lastRepliedAt ?? 0) - (a.lastRepliedAt ?? 0));
  return last?.id ?? builtInModel.id;
}

/** What the chat says itself goes to standard error where a program reads the answers. */
function tell({ isTerminal }: Pick<Talk, 'isTerminal'>, text: string): void {
  const stream = isTerminal ? process.stdout : process.stderr;
  stream.write(`${withoutControls(text)}\n`);
}

async function converse(talk: Talk, tools: CommandTools): Promise<void> {
  const { conversation, input, invocation, isTerminal } = talk;
  if (isTerminal) tell(talk, `${tools.modelName()}. /help lists the commands, Ctrl+D ends.`);
  let wasInterrupted = false;
  for (;;) {
    const typed = await input.next();
    if (invocation.signal.aborted || typed.kind === 'end') return;
    if (typed.kind === 'interrupt') {
      if (wasInterrupted) return;
      wasInterrupted = true;
      tell(talk, 'Ctrl+C again or Ctrl+D ends the chat.');
      continue;
    }
    wasInterrupted = false;
    try {
      let write = (pieces: ReplyPieces): Promise<Message> => conversation.send(typed.text, pieces);
      if (isChatCommand(typed.text)) {
        const after = await runChatCommand(typed.text, tools);
        if (after === 'end') return;
        if (after === 'go_on') continue;
        write = conversation.retry;
      }
      await showReply(talk, write);
    } catch (error) {
      if (invocation.signal.aborted) return;
      // A program cannot answer an error; a person may try again.
      if (!isTerminal || !isAppError(error)) throw error;
      const { code, message } = encodeError(error);
      tell(talk, `${code}: ${message}`);
    }
    if (invocation.signal.aborted) return;
  }
}

/** Writes a reply while it comes. @throws AppError with which it failed. */
async function showReply(
  { conversation, input, invocation, isTerminal }: Talk,
  write: (pieces: ReplyPieces) => Promise<Message>,
): Promise<void> {
  const { output, signal } = invocation;
  const stop = (): void => void conversation.stop();
  const goOn = input.whileReplying(stop);
  signal.addEventListener('abort', stop);
  const hasColors = isTerminal && (process.env['NO_COLOR'] ?? '') === '' && process.env['TERM'] !== 'dumb';
  const markdown = createMarkdown((text) => process.stdout.write(text));
  const show = (text: string): void => {
    if (!hasColors) return output.text(text);
    output.status(null);
    markdown.push(withoutControls(text));
  };
  let hasReasoning = false;
  try {
    if (isTerminal) output.status('…');
    let hasBegun = false;
    const reply = await write({
      onLoading(name, progress) {
        if (isTerminal && !hasBegun) output.status(`Loading ${name} ${Math.floor(progress * 100)} %`);
      },
      onText(text) {
        hasBegun = true;
        if (hasReasoning) process.stdout.write('\n\n');
        hasReasoning = false;
        show(text);
      },
      onReasoning(text) {
        hasBegun = true;
        if (!hasColors) return output.json ? output.reasoning(text) : undefined;
        output.status(null);
        hasReasoning = true;
        process.stdout.write(`${DIM}${withoutControls(text)}${PLAIN}`);
      },
      onAnew() {
        if (!output.json) show('\n\n');
      },
    });
    output.status(null);
    markdown.end();
    if (output.json) {
      const { id, chatId, modelId, status, timing, error } = reply;
      output.done({ type: 'end', chatId, messageId: id, modelId, status, ...timing, ...(error && { error }) }, '');
    } else process.stdout.write('\n');
    if (reply.status === 'failed' && reply.error)
      throw new AppError(reply.error.code, reply.error.message, reply.error.data);
    if (isTerminal && reply.status === 'interrupted')
      process.stdout.write(`The reply was cut off. ${RETRY} writes it again.\n`);
  } finally {
    signal.removeEventListener('abort', stop);
    output.status(null);
    goOn();
  }
}
