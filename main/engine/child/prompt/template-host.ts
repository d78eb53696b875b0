/** Renders chat templates within a time limit, in a thread: a template that loops costs that thread and not the child. */
import { Worker } from 'node:worker_threads';
import type { TemplateProblem } from '../../../../preload/contract/load-notes.ts';
import { AppError, decodeError, type ErrorBody } from '../../../../preload/wire/errors.ts';
import type { SpecialText } from './chat-template.ts';
import type { TemplateMessage } from './flatten.ts';
import type { ToolDefinition } from '../../protocol.ts';

export interface TemplateSource {
  readonly source: string;
  readonly special: SpecialText;
}
export interface TemplateQuestion {
  readonly messages: readonly TemplateMessage[];
  readonly tools: readonly ToolDefinition[];
}
/** The thread posts `ready` once, and then one answer for each question in order. */
export type TemplateAnswer = 'ready' | { readonly text: string } | { readonly error: ErrorBody };

export interface TemplateHost {
  /** @throws AppError `template.invalid`, also beyond the time limit. */
  render(messages: readonly TemplateMessage[], tools?: readonly ToolDefinition[]): Promise<string>;
  readonly source: string;
  close(): Promise<void>;
}

const LIMIT_MS = 3000;
/** Limit for the start of the thread, which on a busy machine takes seconds whatever the template. */
const START_MS = 20_000;
/** Heap limit of the thread: a template that fills memory ends its thread and not the child. */
const HEAP_MB = 256;

/** A host whose thread runs `workerFile` (template-worker). The thread starts with the first question. */
export function createTemplateHost(template: TemplateSource, workerFile: URL, limitMs = LIMIT_MS): TemplateHost {
  let worker: Worker | undefined;
  let last: Promise<unknown> = Promise.resolve();

  /** The thread's next message. A thread that posts none in time, or fails, is ended. */
  function nextMessage(from: Worker, ms: number): Promise<TemplateAnswer> {
    return new Promise((resolve, reject) => {
      const fail = (message: string, problem: TemplateProblem): void => {
        clearTimeout(timer);
        from.removeAllListeners();
        from.on('error', () => {}); // from its termination
        if (worker === from) worker = undefined;
        void from.terminate();
        reject(new AppError('template.invalid', message, { fallback: 'plain', ...problem }));
      };
      const timer = setTimeout(
        () => fail(`The model's chat template did not finish within ${ms / 1000} s.`, { why: 'too_slow', limitMs: ms }),
        ms,
      );
      from.once('error', (error: Error) =>
        fail(`The model's chat template failed: ${error.message}`, { why: 'ended', detail: error.message }),
      );
      from.once('message', (answer: TemplateAnswer) => {
        clearTimeout(timer);
        from.removeAllListeners('error');
        resolve(answer);
      });
    });
  }

  async function ask(question: TemplateQuestion): Promise<string> {
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
    const answer = await nextMessage(worker, limitMs);
    if (answer !== 'ready' && 'text' in answer) return answer.text;
    throw answer === 'ready'
      ? new AppError('internal', 'The template thread answered out of order.')
      : decodeError(answer.error);
  }

  return {
    // One question at a time: the time of one must not count against the next.
    render(messages, tools = []) {
      const answer = last.then(() => ask({ messages, tools }));
      last = answer.catch(() => {});
      return answer;
    },
    source: template.source,
    async close() {
      const ended = worker;
      worker = undefined;
      await ended?.terminate();
    },
  };
}
