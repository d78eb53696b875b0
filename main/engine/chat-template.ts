/** Renders a model's own chat template (Jinja, from its header) the way the Hugging Face libraries do. Runs in the template worker. */
import { Template } from '@huggingface/jinja';
import { AppError } from '../../preload/contract/errors.ts';
import type { PromptMessage } from './protocol.ts';

export interface ChatTemplate {
  /** @throws AppError `template.invalid` with the template's own complaint. */
  render(messages: readonly PromptMessage[]): string;
}

export interface SpecialText {
  readonly bos: string;
  readonly eos: string;
}

/** The system text put before the first user message, for templates that know no system role (Gemma's, say). */
function withoutSystemRole(messages: readonly PromptMessage[]): PromptMessage[] {
  const system = messages.find((message) => message.role === 'system');
  const rest = messages.filter((message) => message.role !== 'system');
  const first = rest[0];
  if (!system || !first) return rest;
  return [{ ...first, content: `${system.content}\n\n${first.content}` }, ...rest.slice(1)];
}

/** @throws AppError `template.invalid` when the source is not a template. */
export function createChatTemplate(source: string, special: SpecialText): ChatTemplate {
  let template: Template;
  try {
    template = new Template(source);
  } catch (error) {
    throw invalid(error);
  }
  // The library itself brings what templates call: raise_exception, strftime_now, range, namespace.
  const render = (messages: readonly PromptMessage[]): string =>
    template.render({
      messages,
      add_generation_prompt: true,
      bos_token: special.bos,
      eos_token: special.eos,
      tools: null,
    });
  return {
    render(messages) {
      try {
        return render(messages);
      } catch (error) {
        if (!messages.some((message) => message.role === 'system')) throw invalid(error);
        try {
          return render(withoutSystemRole(messages));
        } catch {
          throw invalid(error);
        }
      }
    },
  };
}

function invalid(error: unknown): AppError {
  const complaint = error instanceof Error ? error.message : String(error);
  return new AppError('template.invalid', `The model's chat template could not be used: ${complaint.slice(0, 300)}`, {
    fallback: 'plain',
  });
}

/** What the plain form of a conversation is written with. */
export interface PlainForm {
  readonly name: 'ChatML' | 'plain text';
  render(messages: readonly PromptMessage[]): string;
  /** Texts that end a turn where the model has no mark for it. */
  readonly stop: readonly string[];
}

/** The form that is taken in place of a template that does not work: ChatML where the vocabulary has its marks, else headings. */
export function plainForm(hasChatMl: boolean): PlainForm {
  if (hasChatMl)
    return {
      name: 'ChatML',
      stop: [],
      render: (messages) =>
        messages.map(({ role, content }) => `<|im_start|>${role}\n${content}<|im_end|>\n`).join('') +
        '<|im_start|>assistant\n',
    };
  const heading = { system: 'System', user: 'User', assistant: 'Assistant' } as const;
  return {
    name: 'plain text',
    stop: ['\n### User:', '\n### System:', '\n### Assistant:'],
    render: (messages) =>
      messages.map(({ role, content }) => `### ${heading[role]}:\n${content}\n\n`).join('') + '### Assistant:\n',
  };
}
