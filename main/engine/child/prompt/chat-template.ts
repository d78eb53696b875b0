/** Renders a model's own chat template (Jinja, from its header) the way the Hugging Face libraries do. Runs in the template worker. */
import { Template } from '@huggingface/jinja';
import { AppError } from '../../../../preload/wire/errors.ts';
import type { TemplateMessage } from './flatten.ts';
import type { ToolDefinition } from '../../protocol.ts';
import { speaksOfTools, templateMessage, templateTool, withPlainTools, type MessageStyle } from './tool-prompt.ts';

export interface ChatTemplate {
  /**
   * A template that knows no tools gets them as text, as `withPlainTools` writes them.
   * @throws AppError `template.invalid` with the template's own complaint.
   */
  render(messages: readonly TemplateMessage[], tools?: readonly ToolDefinition[]): string;
}

export interface SpecialText {
  readonly bos: string;
  readonly eos: string;
}

/** The system text put before the first user message, for templates that know no system role (Gemma's, say). */
function withoutSystemRole(messages: readonly TemplateMessage[]): TemplateMessage[] {
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
  const renderOnce = (
    messages: readonly TemplateMessage[],
    tools: readonly ToolDefinition[],
    style: MessageStyle = plainStyle,
  ): string =>
    template.render({
      messages: messages.map((message) => templateMessage(message, style)),
      add_generation_prompt: true,
      bos_token: special.bos,
      eos_token: special.eos,
      tools: tools.length > 0 ? tools.map(templateTool) : null,
    });
  /** @throws what the template throws. */
  const render = (
    messages: readonly TemplateMessage[],
    tools: readonly ToolDefinition[],
    style?: MessageStyle,
  ): string => {
    try {
      return renderOnce(messages, tools, style);
    } catch (error) {
      if (!messages.some((message) => message.role === 'system')) throw error;
      try {
        return renderOnce(withoutSystemRole(messages), tools, style);
      } catch {
        throw error;
      }
    }
  };
  const shows = (needle: string, ...question: Parameters<typeof render>): boolean => {
    try {
      return render(...question).includes(needle);
    } catch {
      return false;
    }
  };
  let knowsTools: boolean | undefined;
  let textArguments: boolean | undefined;

  function renderWithTools(messages: readonly TemplateMessage[], tools: readonly ToolDefinition[]): string {
    knowsTools ??= shows(needleTool.name, [{ role: 'user', content: 'Hello' }], [needleTool]);
    if (knowsTools) {
      // Some templates put the arguments together as text, most make JSON of them themselves.
      textArguments ??=
        !shows('"needle":', needleTalk, [needleTool]) &&
        shows('"needle":', needleTalk, [needleTool], { textArguments: true, shortIds: true });
      for (const shortIds of [false, true]) {
        try {
          return render(messages, tools, { textArguments, shortIds });
        } catch {
          // The next way; the last one is plain words.
        }
      }
    }
    return render(withPlainTools(messages, tools), []);
  }

  return {
    render(messages, tools = []) {
      try {
        return speaksOfTools(messages, tools) ? renderWithTools(messages, tools) : render(messages, tools);
      } catch (error) {
        throw invalid(error);
      }
    },
  };
}

const plainStyle: MessageStyle = { textArguments: false, shortIds: false };
/** What finds out how a template takes tools. */
const needleTool: ToolDefinition = {
  name: 'hearth_needle',
  parameters: { type: 'object', properties: { needle: { type: 'string' } }, required: ['needle'] },
};
const needleTalk: readonly TemplateMessage[] = [
  { role: 'user', content: 'Hello' },
  {
    role: 'assistant',
    content: '',
    toolCalls: [{ id: 'abcdefghi', name: needleTool.name, arguments: { needle: 'x' } }],
  },
];

function invalid(error: unknown): AppError {
  const complaint = error instanceof Error ? error.message : String(error);
  return new AppError('template.invalid', `The model's chat template could not be used: ${complaint.slice(0, 300)}`, {
    fallback: 'plain',
  });
}

/** What the plain form of a conversation is written with. */
export interface PlainForm {
  readonly name: 'ChatML' | 'plain text';
  render(messages: readonly TemplateMessage[], tools?: readonly ToolDefinition[]): string;
  /** Texts that end a turn where the model has no mark for it. */
  readonly stop: readonly string[];
}

/** The form that is taken in place of a template that does not work: ChatML where the vocabulary has its marks, else headings. */
export function plainForm(hasChatMl: boolean): PlainForm {
  if (hasChatMl)
    return {
      name: 'ChatML',
      stop: [],
      render: (messages, tools = []) =>
        withPlainTools(messages, tools)
          .map(({ role, content }) => `<|im_start|>${role}\n${content}<|im_end|>\n`)
          .join('') + '<|im_start|>assistant\n',
    };
  const heading = { system: 'System', user: 'User', assistant: 'Assistant', tool: 'User' } as const;
  return {
    name: 'plain text',
    stop: ['\n### User:', '\n### System:', '\n### Assistant:'],
    render: (messages, tools = []) =>
      withPlainTools(messages, tools)
        .map(({ role, content }) => `### ${heading[role]}:\n${content}\n\n`)
        .join('') + '### Assistant:\n',
  };
}
