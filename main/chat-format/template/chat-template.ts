/** Renders a model's own chat template (Jinja, from the file's header) as transformers does. Runs in the template thread. */
import { AppError } from '../../../preload/wire/errors.ts';
import type { TemplateProblem, ToolProblem } from '../../../preload/contract/load-notes.ts';
import type { TemplateMessage } from './flatten.ts';
import type { LocalTime } from '../jinja/format/strftime.ts';
import { parseTemplate, type Template } from '../jinja/jinja.ts';
import type { ToolDefinition } from '../messages.ts';
import type { TemplateOptions } from './template-options.ts';
import { templateVariables, type SpecialText } from './template-variables.ts';
import { speaksOfTools, templateMessage, templateTool, withPlainTools, type MessageStyle } from './tool-prompt.ts';

/** A conversation as a template wrote it. */
export interface TemplateText {
  readonly text: string;
  /** The error for which the template's own form of tools was not used here, so that they are text; null where there was none. */
  readonly toolsRefused: string | null;
}

export interface ChatTemplate {
  /**
   * For a template that does not know tools they are text, as `withPlainTools` writes it. `options` are further variables.
   * @throws AppError `template.invalid` with the template's own error message.
   */
  render(
    messages: readonly TemplateMessage[],
    tools?: readonly ToolDefinition[],
    options?: TemplateOptions,
  ): TemplateText;
  /** Why the template's own form of tools does not work, so that they are text; null where it works or there is none. */
  toolProblem(): ToolProblem | null;
}

/** Puts the system text before the first message, for templates without a system role (Gemma's, for example). */
function withoutSystemRole(messages: readonly TemplateMessage[]): TemplateMessage[] {
  const system = messages.filter((message) => message.role === 'system').map(({ content }) => content);
  const rest = messages.filter((message) => message.role !== 'system');
  const first = rest[0];
  if (!first) return rest;
  return [{ ...first, content: [...system, first.content].join('\n\n') }, ...rest.slice(1)];
}

/** Parses a template. `now` is the time that it may ask for. @throws AppError `template.invalid` when the source is not one. */
export function createChatTemplate(source: string, special: SpecialText, now: () => LocalTime): ChatTemplate {
  let template: Template;
  try {
    template = parseTemplate(source);
  } catch (error) {
    throw invalid(error);
  }
  const renderOnce = (
    messages: readonly TemplateMessage[],
    tools: readonly ToolDefinition[],
    { style = plainStyle, options = {} }: Manner = {},
  ): string =>
    template.render(
      {
        ...options,
        ...templateVariables(
          messages.map((message) => templateMessage(message, style)),
          tools.length > 0 ? tools.map(templateTool) : null,
          special,
        ),
      },
      { now },
    );
  /** @throws what the template throws. */
  const render = (messages: readonly TemplateMessage[], tools: readonly ToolDefinition[], manner?: Manner): string => {
    try {
      return renderOnce(messages, tools, manner);
    } catch (error) {
      if (!messages.some((message) => message.role === 'system')) throw error;
      try {
        return renderOnce(withoutSystemRole(messages), tools, manner);
      } catch {
        throw error;
      }
    }
  };
  const shows = (needle: string, ...input: Parameters<typeof render>): boolean => {
    try {
      return render(...input).includes(needle);
    } catch {
      return false;
    }
  };
  /** Whether arguments as an object come out in a form of the template, and not as Python prints a dictionary. */
  const takesObjects = (): boolean => {
    try {
      return !render(needleTalk, [needleTool]).includes("{'needle': 'x'}");
    } catch {
      return false;
    }
  };
  let knowsTools: boolean | undefined;
  let textArguments: boolean | undefined;

  function renderWithTools(
    messages: readonly TemplateMessage[],
    tools: readonly ToolDefinition[],
    options: TemplateOptions,
  ): TemplateText {
    let toolsRefused: string | null = null;
    knowsTools ??= shows(needleTool.name, [{ role: 'user', content: 'Hello' }], [needleTool]);
    if (knowsTools) {
      // Some templates write the arguments as the text that they are, most put an object into their own form.
      textArguments ??=
        !takesObjects() &&
        shows('"needle":', needleTalk, [needleTool], { style: { textArguments: true, shortIds: true } });
      for (const shortIds of [false, true]) {
        try {
          const manner = { style: { textArguments, shortIds }, options };
          return { text: render(messages, tools, manner), toolsRefused: null };
        } catch (error) {
          // The next style is tried; the last resort is plain words.
          toolsRefused ??= reasonOf(error);
        }
      }
    }
    return { text: render(withPlainTools(messages, tools), [], { options }), toolsRefused };
  }

  return {
    render(messages, tools = [], options = {}) {
      try {
        if (speaksOfTools(messages, tools)) return renderWithTools(messages, tools, options);
        return { text: render(messages, tools, { options }), toolsRefused: null };
      } catch (error) {
        throw invalid(error);
      }
    },
    toolProblem() {
      if (!/\btools\b/.test(source)) return null;
      try {
        const text = render([{ role: 'user', content: 'Hello' }], [needleTool]);
        return text.includes(needleTool.name) ? null : { why: 'left_out' };
      } catch (error) {
        return { why: 'invalid', detail: reasonOf(error) };
      }
    },
  };
}

/** How a conversation is given to the template. */
interface Manner {
  readonly style?: MessageStyle;
  readonly options?: TemplateOptions;
}
const plainStyle: MessageStyle = { textArguments: false, shortIds: false };
/** Probes for whether and how a template renders tools. */
const needleTool: ToolDefinition = {
  name: 'hearth_needle',
  description: 'A needle.',
  // With all that a template may read without a check.
  parameters: {
    type: 'object',
    properties: { needle: { type: 'string', description: 'The needle.' } },
    required: ['needle'],
  },
};
const needleTalk: readonly TemplateMessage[] = [
  { role: 'user', content: 'Hello' },
  {
    role: 'assistant',
    content: '',
    toolCalls: [{ id: 'abcdefghi', name: needleTool.name, arguments: '{"needle":"x"}' }],
  },
];

function invalid(error: unknown): AppError {
  return new AppError('template.invalid', `The model's chat template could not be used: ${reasonOf(error)}`, {
    fallback: 'plain',
    ...({ why: 'invalid', detail: reasonOf(error) } satisfies TemplateProblem),
  });
}
const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).slice(0, 300);

/** A form of turns that needs no template. */
export interface PlainForm {
  readonly name: 'ChatML' | 'plain text';
  render(messages: readonly TemplateMessage[], tools?: readonly ToolDefinition[]): string;
  /** Texts that end a turn, where no special token does. */
  readonly stop: readonly string[];
}

/** The form for a model whose template does not work: ChatML where the vocabulary has its marks, else headings. */
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
