/** Has a model summarize the beginning of a conversation, in parts where it does not fit whole. */
import type { Message, Sampling } from '../../../preload/contract/chat.ts';
import { textOf } from '../../../preload/contract/message-parts.ts';
import { MAX_SUMMARY_LENGTH } from '../../../preload/contract/chat-limits.ts';
import { AppError, isAppError } from '../../../preload/wire/errors.ts';
import type { Inference } from '../../inference/inference.ts';

export interface SummarizeOptions {
  readonly inference: Pick<Inference, 'generate' | 'count'>;
  readonly modelId: string;
  /** The chat's sampling: the summary is written with less chance and without its form. */
  readonly sampling: Sampling;
  /** The messages to summarize, oldest first. */
  readonly messages: readonly Message[];
  /** The summary of what stands before them; null without one. */
  readonly before: string | null;
  /** Of the model, in tokens. */
  readonly contextSize: number;
  readonly onProgress: (progress: { text: string; readChars: number; totalChars: number }) => void;
}

/** Characters of a first part for each token of the space there is: more than most texts have, as it is counted afterwards. */
const CHARS_PER_TOKEN = 5;
const COUNT_ATTEMPTS = 8;
/** A part below this says nothing that a summary could be made of. */
const LEAST_PART_CHARS = 40;

/** Tokens that a summary may have: an eighth of the context, as the reply's reserve, within bounds. */
export function summaryTokens(contextSize: number): number {
  return Math.max(48, Math.min(800, Math.floor(contextSize / 8)));
}

/**
 * The summary. A part that was summarized is gone on from with the next one, so that each request fits into the context whole. The model
 * serves windows first. Throws cancelled, model.*, engine.*, unsupported (the model wrote nothing, or its context is too small).
 */
export async function summarize(
  options: SummarizeOptions,
  signal: AbortSignal,
): Promise<{ readonly text: string; readonly modelName: string | null }> {
  const transcript = transcriptOf(options.messages);
  const totalChars = transcript.length;
  let text = options.before ?? '';
  let modelName: string | null = null;
  let readChars = 0;
  while (readChars < totalChars) {
    const part = await nextPart(options, transcript.slice(readChars), text, signal);
    const before = text;
    let written = '';
    for await (const event of options.inference.generate(requestOf(options, before, part), signal)) {
      if (event.type === 'found') modelName = event.name;
      if (event.type !== 'text') continue;
      if (event.contentWasReasoning) written = '';
      written += event.content;
      options.onProgress({ text: written, readChars, totalChars });
    }
    if (signal.aborted) throw new AppError('cancelled', 'The summary was stopped.');
    text = written.trim().slice(0, MAX_SUMMARY_LENGTH);
    if (text === '')
      throw new AppError('unsupported', 'The model wrote no summary. Another model may write one.', {
        reason: 'no_summary',
      });
    readChars += part.length;
    options.onProgress({ text, readChars, totalChars });
  }
  return { text, modelName };
}

/** A conversation as text to read. */
function transcriptOf(messages: readonly Message[]): string {
  return messages
    .flatMap((message) => {
      const text = textOf(message).trim();
      return text === '' ? [] : [`${message.role === 'user' ? 'User' : 'Assistant'}: ${text}`];
    })
    .join('\n\n');
}

function promptOf(options: SummarizeOptions, before: string, part: string): string {
  const words = Math.floor(summaryTokens(options.contextSize) * 0.6);
  const beginning = before === '' ? '' : `Summary of the conversation before:\n${before}\n\n`;
  return (
    `Summarize this conversation in at most ${words} words, in its language. Keep names, numbers, facts, decisions and open questions. ` +
    `Write only the summary.\n\n${beginning}Conversation:\n${part}\n\nSummary${before === '' ? '' : ' of all of it'}:`
  );
}

/** In one message of the user, because some models know no system text. */
function requestOf(options: SummarizeOptions, before: string, part: string) {
  const { grammar: _form, logprobs: _tokens, stop: _stop, minTokens: _least, ...sampling } = options.sampling;
  return {
    modelId: options.modelId,
    priority: 'api',
    client: 'summary',
    policy: 'stop',
    input: { messages: [{ role: 'user', content: promptOf(options, before, part) }] },
    sampling: {
      ...sampling,
      temperature: Math.min(sampling.temperature, 0.3),
      maxTokens: summaryTokens(options.contextSize),
    },
  } as const;
}

/** The beginning of `rest` that fits into the context with its instruction, the summary before it, and space for the new summary. */
async function nextPart(options: SummarizeOptions, rest: string, before: string, signal: AbortSignal): Promise<string> {
  const limit = options.contextSize - summaryTokens(options.contextSize) - 8;
  let part = cutAt(rest, limit * CHARS_PER_TOKEN);
  for (let attempt = 0; attempt < COUNT_ATTEMPTS && part.length >= Math.min(LEAST_PART_CHARS, rest.length); attempt++) {
    const tokens = await countOf(options, before, part, signal);
    if (tokens <= limit) return part;
    part = cutAt(rest, Math.floor(part.length * Math.min(0.9, (limit / tokens) * 0.95)));
  }
  throw new AppError('unsupported', 'The context of this model is too small for a summary.', {
    reason: 'no_room_for_summary',
  });
}

async function countOf(options: SummarizeOptions, before: string, part: string, signal: AbortSignal): Promise<number> {
  const { input, policy } = requestOf(options, before, part);
  try {
    return await options.inference.count(options.modelId, { input, policy }, { signal, priority: 'api' });
  } catch (error) {
    if (!isAppError(error, 'engine.context_full')) throw error;
    const needed = error.data['neededTokens'];
    return typeof needed === 'number' ? needed : options.contextSize * 2;
  }
}

/** The first `chars` of a text, cut between lines or words where that loses less than half. */
function cutAt(text: string, chars: number): string {
  if (text.length <= chars) return text;
  const window = text.slice(0, chars);
  const cut = [window.lastIndexOf('\n'), window.lastIndexOf(' ')].find((at) => at > chars / 2);
  if (cut !== undefined) return window.slice(0, cut + 1);
  return /[\uD800-\uDBFF]$/.test(window) ? window.slice(0, -1) : window;
}
