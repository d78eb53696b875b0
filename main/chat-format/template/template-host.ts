/** Renders chat templates within a time limit, in a thread: a template that loops costs that thread and not the child. */
import type { ToolProblem } from '../../../preload/contract/load-notes.ts';
import type { SpecialText, TemplateText } from './chat-template.ts';
import type { TemplateMessage } from './flatten.ts';
import { createTemplateThread, outOfOrder } from './template-thread.ts';
import type { ToolDefinition } from '../messages.ts';

export interface TemplateSource {
  readonly source: string;
  readonly special: SpecialText;
}
export type TemplateQuestion =
  { readonly messages: readonly TemplateMessage[]; readonly tools: readonly ToolDefinition[] } | 'tool problem';
export type TemplateAnswer = TemplateText | { readonly toolProblem: ToolProblem | null };

export interface TemplateHost {
  /** @throws AppError `template.invalid`, also beyond the time limit; `cancelled` when `signal` fires, at once and with the thread ended. */
  render(
    messages: readonly TemplateMessage[],
    tools?: readonly ToolDefinition[],
    signal?: AbortSignal,
  ): Promise<TemplateText>;
  /** As of a `ChatTemplate`. @throws AppError `template.invalid`, also beyond the time limit. */
  toolProblem(): Promise<ToolProblem | null>;
  readonly source: string;
  close(): Promise<void>;
}

/** A host whose thread runs `workerFile` (template-worker). The thread starts with the first question. */
export function createTemplateHost(template: TemplateSource, workerFile: URL, limitMs?: number): TemplateHost {
  const thread = createTemplateThread<TemplateQuestion, TemplateAnswer>(template, workerFile, limitMs);
  let toolProblem: Promise<ToolProblem | null> | undefined;

  return {
    async render(messages, tools = [], signal) {
      const answer = await thread.ask({ messages, tools }, signal);
      if ('text' in answer) return answer;
      throw outOfOrder();
    },
    toolProblem() {
      toolProblem ??= thread.ask('tool problem').then((answer) => {
        if ('toolProblem' in answer) return answer.toolProblem;
        throw outOfOrder();
      });
      return toolProblem;
    },
    source: template.source,
    close: thread.close,
  };
}
