/** A thread that runs chat templates, within limits of time and memory: a template that loops costs that thread and not the process. */
import { Worker } from 'node:worker_threads';
import type { TemplateProblem } from '../../../preload/contract/load-notes.ts';
import { AppError, decodeError, type ErrorBody } from '../../../preload/wire/errors.ts';
import { unlessAborted } from '../../base/unless-aborted.ts';

/** The thread posts `ready` once, and then one of these for each question in order. */
export type ThreadAnswer<Answer> = 'ready' | { readonly answer: Answer } | { readonly error: ErrorBody };

export interface TemplateThread<Question, Answer> {
  /**
   * One question at a time, in their order.
   * @throws AppError of the thread; `template.invalid` beyond the time limit; `cancelled` when `signal` fires, at once; the
   *   thread of a question that is at work is ended.
   */
  ask(question: Question, signal?: AbortSignal): Promise<Answer>;
  /** Ends the thread. Its open question is `cancelled`. */
  close(): Promise<void>;
}

const LIMIT_MS = 3000;
/** Limit for the start of the thread, which on a busy machine takes seconds whatever the template. */
const START_MS = 20_000;
/** Heap limit of the thread: a template that fills memory ends its thread and not the child. */
const HEAP_MB = 256;

const stopped = (): AppError => new AppError('cancelled', 'Stopped before the template was rendered.');

/** A thread of `workerFile`, which gets `data`. It starts with the first question, and again after its end. */
export function createTemplateThread<Question, Answer>(
  data: unknown,
  workerFile: URL,
  limitMs = LIMIT_MS,
): TemplateThread<Question, Answer> {
  let worker: Worker | undefined;
  let last: Promise<unknown> = Promise.resolve();

  /** The thread's next message. A thread that posts none in time, or fails, is ended. */
  function nextMessage(from: Worker, ms: number, signal?: AbortSignal): Promise<ThreadAnswer<Answer>> {
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
      // Closed by this process; what fails by itself has an error before its exit.
      from.once('exit', () => end(stopped()));
      from.once('message', (answer: ThreadAnswer<Answer>) => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        from.removeAllListeners('error');
        from.removeAllListeners('exit');
        resolve(answer);
      });
    });
  }

  async function ask(question: Question, signal?: AbortSignal): Promise<Answer> {
    if (signal?.aborted) throw stopped();
    if (!worker) {
      const started = new Worker(workerFile, {
        name: 'template',
        workerData: data,
        resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
        env: {},
      });
      worker = started;
      started.unref();
      await nextMessage(started, START_MS, signal);
    }
    worker.postMessage(question);
    const answer = await nextMessage(worker, limitMs, signal);
    if (answer === 'ready') throw outOfOrder();
    if ('error' in answer) throw decodeError(answer.error);
    return answer.answer;
  }

  async function close(): Promise<void> {
    const ended = worker;
    worker = undefined;
    await ended?.terminate();
  }

  return {
    ask(question, signal) {
      // The time of one question must not count against the next.
      const answer = last.then(() => ask(question, signal));
      last = answer.catch(() => {});
      return unlessAborted(answer, signal, stopped().message);
    },
    close,
  };
}

/** The defect of a thread that answers another question than the one asked. */
export const outOfOrder = (): AppError => new AppError('internal', 'The template thread answered out of order.');
