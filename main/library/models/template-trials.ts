/**
 * The chat templates of models on this computer, tried out in a thread of their own: one at a time, whoever asks of how many models. It
 * stays open for the model that was last asked of.
 */
import { stat } from 'node:fs/promises';
import type { LoadNote, TemplateProblem } from '../../../preload/contract/load-notes.ts';
import type { ReplyReading, TemplateInfo, TemplateRendering } from '../../../preload/contract/template.ts';
import { AppError, isAppError } from '../../../preload/wire/errors.ts';
import { unlessAborted } from '../../base/unless-aborted.ts';
import { plainForm } from '../../chat-format/template/chat-template.ts';
import { outOfOrder } from '../../chat-format/template/template-thread.ts';
import type { TrialAnswer, TrialInput, TrialQuestion } from '../../chat-format/template/trial-worker.ts';
import { readChatTemplate, type FileTemplate } from './chat-template.ts';
import { createTrialThread, type TrialThread } from './trial-thread.ts';

export interface TemplateTrialsOptions {
  /** Throws model.missing, model.corrupt, model.unsupported. */
  readonly pathOf: (modelId: string) => Promise<string>;
  /** Null while the model is not loaded. */
  readonly countTokens: (modelId: string, text: string, signal: AbortSignal) => Promise<number | null>;
}

export interface TemplateTrials {
  info(modelId: string, signal: AbortSignal): Promise<TemplateInfo>;
  /** Throws invalid_input, template.invalid, not_found, cancelled, model.*. */
  render(modelId: string, input: TrialInput, signal: AbortSignal): Promise<TemplateRendering>;
  /** Throws the same. */
  readReply(modelId: string, input: TrialInput, reply: string, signal: AbortSignal): Promise<ReplyReading>;
  close(): Promise<void>;
}

/** In characters. A longer text is not counted. */
const MAX_COUNTED = 200_000;
/** A thread that nobody asks for so long ends. */
const IDLE_MS = 60_000;
const STOPPED = 'Stopped before the template was tried.';

interface OpenTrial {
  readonly key: string;
  readonly file: FileTemplate;
  /** Null for a file without a template. */
  readonly thread: TrialThread | null;
}

export function createTemplateTrials({ pathOf, countTokens }: TemplateTrialsOptions): TemplateTrials {
  let current: OpenTrial | null = null;
  let idle: NodeJS.Timeout | undefined;
  let last: Promise<unknown> = Promise.resolve();

  async function close(): Promise<void> {
    clearTimeout(idle);
    const closing = current;
    current = null;
    await closing?.thread?.close();
  }

  async function open(modelId: string): Promise<OpenTrial> {
    const path = await pathOf(modelId);
    const { size, mtimeMs, ino } = await stat(path);
    const key = JSON.stringify([path, size, mtimeMs, ino]);
    if (current?.key === key) return current;
    await close();
    const file = await readChatTemplate(path);
    const { source, bos, eos, specialTokens } = file;
    current = {
      ...{ key, file },
      thread: source === null ? null : createTrialThread({ source, special: { bos, eos } }, specialTokens),
    };
    return current;
  }

  /** Does all of `work` before the next caller's, so that there is one thread. */
  function inTurn<T>(modelId: string, signal: AbortSignal, work: (trial: OpenTrial) => Promise<T>): Promise<T> {
    const mine = last.then(async () => {
      if (signal.aborted) throw new AppError('cancelled', STOPPED);
      clearTimeout(idle);
      try {
        return await work(await open(modelId));
      } finally {
        idle = setTimeout(() => void close(), IDLE_MS).unref();
      }
    });
    last = mine.catch(() => {});
    return unlessAborted(mine, signal, STOPPED);
  }

  const ask = (modelId: string, question: TrialQuestion, signal: AbortSignal): Promise<TrialAnswer> =>
    inTurn(modelId, signal, async ({ thread }) => {
      if (!thread) throw new AppError('not_found', 'This model has no chat template.', { reason: 'no_chat_template' });
      return await thread.ask(question, signal);
    });

  async function notesOf({ file, thread }: OpenTrial, signal: AbortSignal): Promise<LoadNote[]> {
    if (!thread) return [{ code: 'no_chat_template' }];
    try {
      const answer = await thread.ask('check', signal);
      return 'toolProblem' in answer && answer.toolProblem ? [{ code: 'tools_as_text', ...answer.toolProblem }] : [];
    } catch (error) {
      if (!isAppError(error, 'template.invalid')) throw error;
      const hasChatMl = ['<|im_start|>', '<|im_end|>'].every((mark) => file.specialTokens.includes(mark));
      return [{ code: 'template_unused', form: plainForm(hasChatMl).name, ...problemOf(error) }];
    }
  }

  /** Those of the vocabulary that the template's source has; none where its thread fails, which the notes then say. */
  async function writtenTokens({ thread }: OpenTrial, signal: AbortSignal): Promise<readonly string[]> {
    try {
      const answer = await thread?.ask('special tokens', signal);
      return answer && 'specialTokens' in answer ? answer.specialTokens : [];
    } catch (error) {
      if (!isAppError(error, 'template.invalid')) throw error;
      return [];
    }
  }

  return {
    info: (modelId, signal) =>
      inTurn(modelId, signal, async (trial) => {
        const { source, bos, eos } = trial.file;
        const notes = await notesOf(trial, signal);
        const written = await writtenTokens(trial, signal);
        return {
          ...{ source, bos, eos, notes },
          specialTokens: written.filter((text) => text !== bos && text !== eos),
        };
      }),
    async render(modelId, input, signal) {
      const answer = await ask(modelId, { ...input, reply: null }, signal);
      if (!('rendering' in answer)) throw outOfOrder();
      const { text } = answer.rendering;
      return {
        ...answer.rendering,
        tokenCount: text.length <= MAX_COUNTED ? await countTokens(modelId, text, signal) : null,
      };
    },
    async readReply(modelId, input, reply, signal) {
      const answer = await ask(modelId, { ...input, reply }, signal);
      if (!('reply' in answer)) throw outOfOrder();
      return answer.reply;
    },
    close,
  };
}

function problemOf({ data, message }: AppError): TemplateProblem {
  const { why, limitMs, detail } = data;
  if (why === 'too_slow' && typeof limitMs === 'number') return { why, limitMs };
  return { why: why === 'ended' ? why : 'invalid', detail: typeof detail === 'string' ? detail : message };
}
