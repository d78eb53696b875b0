/** The commands of a chat: lines that begin with a slash. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { samplingOverridesSchema, type Sampling, type SamplingOverrides } from '../../../preload/contract/chat.ts';
import { ofSettings, over } from '../../../preload/contract/in-force.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import { parseBoundedJson } from '../../base/bounded-json.ts';
import { nearestNames } from '../../base/nearest-names.ts';
import { boundOf } from '../sampling.ts';
import type { ChatSettings, Conversation, PlainMessage } from './conversation.ts';

/** What the chat does after a command. */
export type AfterCommand = 'go_on' | 'reply_again' | 'end';

export interface CommandTools {
  readonly conversation: Conversation;
  /** Tells the user something. */
  readonly tell: (text: string) => void;
  /** The model that a reference names, with what goes with that name. Throws model.missing, invalid_input. */
  readonly findModel: (reference: string) => Promise<Partial<ChatSettings>>;
  /** The name of the model that answers. */
  readonly modelName: () => string;
  /** The sampling of a chat without its own. */
  readonly defaultSampling: () => Promise<Sampling>;
}

export const RETRY = '/retry';

const commandTable: readonly (readonly [string, string])[] = [
  ['/model [MODEL]', 'the model that answers; without one its name'],
  ['/system [TEXT]', 'the system prompt; without one what it is'],
  ['/set NAME VALUE', 'temperature, top-p, top-k, min-p, repeat-penalty, seed or max-tokens; without them what is set'],
  [RETRY, 'write the last reply again'],
  ['/undo', 'take the last message back; the next one takes its place'],
  ['/save FILE', 'write the conversation into a file, as JSON, or as text where FILE ends in .md'],
  ['/load FILE', 'go on with a conversation that was saved as JSON'],
  ['/clear', 'begin a new chat; this one stays in Hearth'],
  ['/exit', 'end, as Ctrl+D does'],
];
const help = `${commandTable.map(([name, text]) => `${name.padEnd(20)} ${text}`).join('\n')}
A line that ends in \\ goes on in the next one. """ begins a message of several lines and ends it. Pasted lines stay one message.
The Tab key completes commands, models and files. Ctrl+C stops a reply; twice at an empty line it ends the chat.`;

/** The names of /set and the fields that they mean. */
const settable = {
  temperature: 'temperature',
  'top-p': 'topP',
  'top-k': 'topK',
  'min-p': 'minP',
  'repeat-penalty': 'repeatPenalty',
  seed: 'seed',
  'max-tokens': 'maxTokens',
} as const satisfies Readonly<Record<string, keyof Sampling>>;

export const settableNames: readonly string[] = Object.keys(settable);

export const chatCommands = [
  'help',
  'model',
  'system',
  'set',
  'retry',
  'undo',
  'save',
  'load',
  'clear',
  'exit',
] as const;
export type ChatCommand = (typeof chatCommands)[number];

/** Whether a message is a command: one line with a word behind its slash. A path and a pasted text are none. */
export const isChatCommand = (text: string): boolean => /^\/[a-zA-Z]+(?:[^\S\n]+[^\n]*)?$/.test(text.trim());

/** Runs one line that begins with a slash. @throws AppError, which the chat tells and survives. */
export async function runChatCommand(line: string, tools: CommandTools): Promise<AfterCommand> {
  const { conversation, tell } = tools;
  const [, typed = '', rest = ''] = /^\/(\S*)\s*([\s\S]*)$/.exec(line.trim()) ?? [];
  const name = chatCommands.find((one) => one === typed.toLowerCase());
  const argument = rest.trim();
  switch (name) {
    case undefined: {
      const near = nearestNames(typed, chatCommands, 1)[0];
      const hint = near === undefined ? ' /help lists the commands.' : ` Did you mean /${near}?`;
      throw new AppError('invalid_input', `There is no command /${typed}.${hint}`);
    }
    case 'help':
      tell(help);
      return 'go_on';
    case 'model':
      if (argument !== '') await conversation.change(await tools.findModel(argument));
      tell(`The model is ${tools.modelName()}.`);
      return 'go_on';
    case 'system':
      if (argument !== '') await conversation.change({ systemPrompt: argument });
      tell(toldSystem(conversation.settings().systemPrompt));
      return 'go_on';
    case 'set':
      if (argument !== '') await conversation.change({ sampling: await changedSampling(argument, tools) });
      tell(toldSampling(await presentSampling(tools)));
      return 'go_on';
    case 'retry':
      return 'reply_again';
    case 'undo': {
      const text = conversation.undo();
      tell(text === null ? 'There is no message to take back.' : `Taken back: ${text}`);
      return 'go_on';
    }
    case 'save':
      await save(fileOf(argument, '/save'), tools);
      tell(`Saved in ${argument}.`);
      return 'go_on';
    case 'load': {
      const messages = await load(fileOf(argument, '/load'), conversation);
      tell(`Loaded ${messages.length} messages from ${argument}.`);
      return 'go_on';
    }
    case 'clear':
      conversation.clear();
      tell('The next message begins a new chat. The one before stays in Hearth.');
      return 'go_on';
    case 'exit':
      return 'end';
    default:
      return name satisfies never;
  }
}

const toldSystem = (text: string): string =>
  text === '' ? 'There is no system prompt.' : `The system prompt is: ${text}`;

const toldSampling = (sampling: Sampling): string =>
  Object.entries(settable)
    .map(([name, field]) => `${name} ${sampling[field] ?? 'not set'}`)
    .join('\n');

function fileOf(argument: string, command: string): string {
  if (argument === '') throw new AppError('invalid_input', `${command} needs the name of a file.`);
  return path.resolve(argument);
}

/** The chat's own values over the defaults. */
async function presentSampling({ conversation, defaultSampling }: CommandTools): Promise<Sampling> {
  const own = { origin: 'chat', systemPrompt: '', sampling: conversation.settings().sampling } as const;
  return over(ofSettings(await defaultSampling()), own).sampling;
}

async function changedSampling(argument: string, { conversation }: CommandTools): Promise<SamplingOverrides> {
  const [name = '', value = '', ...more] = argument.split(/[\s=]+/);
  if (!Object.hasOwn(settable, name)) {
    const near = nearestNames(name, settableNames, 1)[0];
    const hint = near === undefined ? `Known: ${settableNames.join(', ')}.` : `Did you mean ${near}?`;
    throw new AppError('invalid_input', `"${name}" cannot be set. ${hint}`);
  }
  if (value === '' || more.length > 0 || !Number.isFinite(Number(value)))
    throw new AppError('invalid_input', `${name} takes a number, such as /set temperature 0.7.`);
  const sampling = samplingOverridesSchema.safeParse({
    ...conversation.settings().sampling,
    [settable[name as keyof typeof settable]]: Number(value),
  });
  if (sampling.success) return sampling.data;
  throw new AppError('invalid_input', `${name} must be ${boundOf(sampling.error.issues[0])}.`);
}

/** A saved conversation. Other programs may have written it, in the form of OpenAI's API. */
const savedSchema = z.looseObject({
  messages: z.array(z.looseObject({ role: z.string(), content: z.string() })).max(5000),
});
const MAX_SAVED_BYTES = 64 * 1024 * 1024;

/** @throws AppError `invalid_input` where there is such a file, `disk.*`. */
async function save(file: string, { conversation, modelName }: CommandTools): Promise<void> {
  const messages = await conversation.messages();
  const { systemPrompt, sampling } = conversation.settings();
  const system = systemPrompt === '' ? [] : [{ role: 'system', content: systemPrompt }];
  const text = /\.(?:md|txt)$/i.test(file)
    ? `${messages.map(({ role, text }) => `**${role === 'user' ? 'You' : modelName()}:**\n\n${text}`).join('\n\n')}\n`
    : `${JSON.stringify(
        {
          model: modelName(),
          ...(sampling && { sampling }),
          messages: [...system, ...messages.map(({ role, text }) => ({ role, content: text }))],
        },
        null,
        2,
      )}\n`;
  try {
    await writeFile(file, text, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST')
      throw new AppError('invalid_input', `There is a file ${file} already. Name another one.`, {
        reason: 'output_exists',
      });
    throw error;
  }
}

/** @throws AppError `not_found`, `invalid_input` for a file that is no saved conversation. */
async function load(file: string, conversation: Conversation): Promise<readonly PlainMessage[]> {
  const bytes = await readFile(file).catch(() => {
    throw new AppError('not_found', `${file} cannot be read.`);
  });
  const value = bytes.length > MAX_SAVED_BYTES ? undefined : parseBoundedJson(bytes.toString('utf8'));
  const saved = savedSchema.safeParse(value);
  const messages = saved.success
    ? saved.data.messages.flatMap(({ role, content }): PlainMessage[] =>
        content !== '' && (role === 'user' || role === 'assistant') ? [{ role, text: content }] : [],
      )
    : [];
  if (!saved.success || messages.length === 0)
    throw new AppError('invalid_input', `${file} is no conversation that /save has written as JSON.`);
  const system = saved.data.messages.find(({ role }) => role === 'system')?.content;
  // The chat before stays as it is.
  conversation.clear();
  if (system !== undefined) await conversation.change({ systemPrompt: system });
  await conversation.load(messages);
  return messages;
}
