/** Renders chat templates within a time limit, in a thread: a template that loops costs that thread and not the child. */
import { Worker } from 'node:worker_threads';
import type { TemplateProblem, ToolProblem } from '../../../preload/contract/load-notes.ts';
import { AppError, decodeError, type ErrorBody } from '../../../preload/wire/errors.ts';
import type { SpecialText } from './chat-template.ts';
import type { TemplateMessage } from './flatten.ts';
import type { ToolDefinition } from '../messages.ts';

export interface TemplateSource {
  readonly source: string;
  readonly special: SpecialText;
}
export type TemplateQuestion =
  { readonly messages: readonly TemplateMessage[]; readonly tools: readonly ToolDefinition[] } | 'tool problem';
/** The thread posts `ready` once, and then one answer for each question in order. */
export type TemplateAnswer =
  'ready' | { readonly text: string } | { readonly toolProblem: ToolProblem | null } | { readonly error: ErrorBody };

export interface TemplateHost {
  /** @throws AppError `template.invalid`, also beyond the time limit; `cancelled` when `signal` fires, at once and with the thread ended. */
  render(
    messages: readonly TemplateMessage[],
    tools?: readonly ToolDefinition[],
    signal?: AbortSignal,
  ): Promise<string>;
  /** As of a `ChatTemplate`. @throws AppError `template.invalid`, also beyond the time limit. */
  toolProblem(): Promise<ToolProblem | null>;
  readonly source: string;
  close(): Promise<void>;
}

const LIMIT_MS = 3000;
/** Limit for the start of the thread, which on a busy machine takes seconds whatever the template. */
const START_MS = 20_000;
/** Heap limit of the thread: a template that fills memory ends its thread and not the child. */
const HEAP_MB = 256;

const stopped = (): AppError => new AppError('cancelled', 'Stopped before the template was rendered.');

/** A host whose thread runs `workerFile` (template-worker). The thread starts with the first question. */
export function createTemplateHost(template: TemplateSource, workerFile: URL, limitMs = LIMIT_MS): TemplateHost {
  let worker: Worker | undefined;
  let last: Promise<unknown> = Promise.resolve();

  /** The thread's next message. A thread that posts none in time, or fails, is ended. */
  function nextMessage(from: Worker, ms: number, signal?: AbortSignal): Promise<TemplateAnswer> {
    return new Promise((resolve, reject) => {
      const end = (error: AppError): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        from.removeAllListeners();
        from.on('error', () => {}); // from its termination
        if (worker === from) worker = undefined;
        void from.terminate();
        reject(error);
      };
      const fail = (message: string, problem: TemplateProblem): void =>
        end(new AppError('template.invalid', message, { fallback: 'plain', ...problem }));
      const onAbort = (): void => end(stopped());
      signal?.addEventListener('abort', onAbort);
      const timer = setTimeout(
        () => fail(`The model's chat template did not finish within ${ms / 1000} s.`, { why: 'too_slow', limitMs: ms }),
        ms,
      );
      from.once('error', (error: Error) =>
        fail(`The model's chat template failed: ${error.message}`, { why: 'ended', detail: error.message }),
      );
      from.once('message', (answer: TemplateAnswer) => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        from.removeAllListeners('error');
        resolve(answer);
      });
    });
  }

  async function ask(
    question: TemplateQuestion,
    signal?: AbortSignal,
  ): Promise<Exclude<TemplateAnswer, 'ready' | { error: ErrorBody }>> {
    if (signal?.aborted) throw stopped();
    if (!worker) {
      const started = new Worker(workerFile, {
        workerData: template,
        resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
        env: {},
      });
      worker = started;
      started.unref();
      await nextMessage(started, START_MS);
    }
    worker.postMessage(question);
    const answer = await nextMessage(worker, limitMs, signal);
    if (answer === 'ready') throw outOfOrder();
    if ('error' in answer) throw decodeError(answer.error);
    return answer;
  }

  /** One question at a time: the time of one must not count against the next. */
  function inOrder(question: TemplateQuestion, signal?: AbortSignal): ReturnType<typeof ask> {
    const answer = last.then(() => ask(question, signal));
    last = answer.catch(() => {});
    return answer;
  }
  let toolProblem: Promise<ToolProblem | null> | undefined;

  return {
    async render(messages, tools = [], signal) {
      const answer = await inOrder({ messages, tools }, signal);
      if ('text' in answer) return answer.text;
      throw outOfOrder();
    },
    toolProblem() {
      toolProblem ??= inOrder('tool problem').then((answer) => {
        if ('toolProblem' in answer) return answer.toolProblem;
        throw outOfOrder();
      });
      return toolProblem;
    },
    source: template.source,
    async close() {
      const ended = worker;
      worker = undefined;
      await ended?.terminate();
    },
  };
}

const outOfOrder = (): AppError => new AppError('internal', 'The template thread answered out of order.');
