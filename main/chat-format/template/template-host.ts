/** Renders chat templates within a time limit, in a thread: a template that loops costs that thread and not the child. */
import type { ToolProblem } from '../../../preload/contract/load-notes.ts';
import type { TemplateText } from './chat-template.ts';
import type { SpecialText } from './template-variables.ts';
import type { TemplateMessage } from './flatten.ts';
import { createRecentMap } from './recent-map.ts';
import type { TemplateOptions } from './template-options.ts';
import { createTemplateThread, outOfOrder } from './template-thread.ts';
import type { ToolDefinition } from '../messages.ts';

export interface TemplateSource {
  readonly source: string;
  readonly special: SpecialText;
}
export interface TemplateQuestion {
  readonly source: string;
  readonly ask:
    | {
        readonly messages: readonly TemplateMessage[];
        readonly tools: readonly ToolDefinition[];
        readonly options: TemplateOptions;
      }
    | 'tool problem';
}
export type TemplateAnswer = TemplateText | { readonly toolProblem: ToolProblem | null };

/** A template that is rendered in a thread. */
export interface ThreadTemplate {
  /** @throws AppError `template.invalid`, also beyond the time limit; `cancelled` when `signal` fires, at once and with the thread ended. */
  render(
    messages: readonly TemplateMessage[],
    tools?: readonly ToolDefinition[],
    order?: { readonly options?: TemplateOptions; readonly signal?: AbortSignal },
  ): Promise<TemplateText>;
  /** As of a `ChatTemplate`. @throws AppError `template.invalid`, also beyond the time limit. */
  toolProblem(): Promise<ToolProblem | null>;
  readonly source: string;
}

/** A thread for one template. */
export interface TemplateHost extends ThreadTemplate {
  close(): Promise<void>;
}

/** A thread for templates that come with requests. */
export interface TemplateHosts {
  /** The template of this source. The thread keeps the latest ones compiled. */
  of(source: string): ThreadTemplate;
  close(): Promise<void>;
}

/** Templates that are kept compiled. Programs use one or two. */
export const KEPT_TEMPLATES = 16;

/** Hosts whose thread runs `workerFile` (template-worker). The thread starts with the first question. */
export function createTemplateHosts(special: SpecialText, workerFile: URL, limitMs?: number): TemplateHosts {
  const thread = createTemplateThread<TemplateQuestion, TemplateAnswer>({ special }, workerFile, limitMs);
  const kept = createRecentMap<string, ThreadTemplate>(KEPT_TEMPLATES);

  function templateOf(source: string): ThreadTemplate {
    let toolProblem: Promise<ToolProblem | null> | undefined;
    return {
      source,
      async render(messages, tools = [], { options = {}, signal } = {}) {
        const answer = await thread.ask({ source, ask: { messages, tools, options } }, signal);
        if ('text' in answer) return answer;
        throw outOfOrder();
      },
      toolProblem() {
        toolProblem ??= thread.ask({ source, ask: 'tool problem' }).then((answer) => {
          if ('toolProblem' in answer) return answer.toolProblem;
          throw outOfOrder();
        });
        return toolProblem;
      },
    };
  }

  return { of: (source) => kept.get(source, () => templateOf(source)), close: thread.close };
}

/** A host of one template. */
export function createTemplateHost(
  { source, special }: TemplateSource,
  workerFile: URL,
  limitMs?: number,
): TemplateHost {
  const hosts = createTemplateHosts(special, workerFile, limitMs);
  return { ...hosts.of(source), close: hosts.close };
}
