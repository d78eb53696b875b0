/** OpenAI's tools and the choice among them. */
import { z } from 'zod';
import { toolNameSchema } from '../generation/fields.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import type { ToolChoice, ToolDefinition } from '../../chat-format/messages.ts';
import { isGiven } from '../generation/given.ts';

/** What a tool says of itself. `strict` asks for arguments that match the schema; those of a required call always do. */
export const functionFields = {
  name: toolNameSchema,
  description: z.string().max(100_000).nullish(),
  parameters: z.record(z.string(), z.unknown()).nullish(),
  strict: z.boolean().nullish(),
};

const onlyFunctions = (issue: { readonly input?: unknown }): string =>
  `Hearth takes tools of the type "function" here, not ${JSON.stringify(issue.input)?.slice(0, 80) ?? 'none'}`;
export const toolSchema = z.object({
  type: z.literal('function', { error: onlyFunctions }),
  function: z.object(functionFields),
});

const namedSchema = z.object({ type: z.literal('function'), function: z.object({ name: toolNameSchema }) });
const modeSchema = z.enum(['auto', 'required']);
export const toolChoiceSchema = z.union([
  z.enum(['auto', 'none', 'required']),
  namedSchema,
  z.object({
    type: z.literal('allowed_tools'),
    allowed_tools: z.object({ mode: modeSchema, tools: z.array(namedSchema).min(1).max(256) }),
  }),
]);

/** A choice as all of OpenAI's endpoints mean it. */
export type WantedChoice =
  ToolChoice | { readonly mode: 'auto' | 'required'; readonly names: readonly string[] } | null | undefined;

export function readToolChoice(choice: z.infer<typeof toolChoiceSchema> | null | undefined): WantedChoice {
  if (!isGiven(choice) || typeof choice === 'string') return choice;
  if (choice.type === 'function') return { name: choice.function.name };
  const { mode, tools } = choice.allowed_tools;
  return { mode, names: tools.map((tool) => tool.function.name) };
}

export const definitionOf = ({
  name,
  description,
  parameters,
}: z.infer<z.ZodObject<typeof functionFields>>): ToolDefinition => ({
  name,
  ...(isGiven(description) && { description }),
  ...(isGiven(parameters) && { parameters }),
});

/** The tools that the model is told of, and the choice among them. @throws AppError `invalid_input` for a choice that is not among the tools. */
export function chooseTools(
  tools: readonly ToolDefinition[],
  choice: WantedChoice,
): { readonly tools?: readonly ToolDefinition[]; readonly toolChoice?: ToolChoice } {
  const assertKnown = (name: string): void => {
    if (!tools.some((tool) => tool.name === name))
      throw new AppError('invalid_input', `There is no tool "${name}" among the tools.`, { field: 'tool_choice' });
  };
  if (tools.length === 0 && choice === 'required')
    throw new AppError('invalid_input', 'A call is required, and there are no tools.', { field: 'tool_choice' });
  if (typeof choice === 'object' && choice !== null) {
    if ('name' in choice) assertKnown(choice.name);
    else {
      choice.names.forEach(assertKnown);
      return { tools: tools.filter(({ name }) => choice.names.includes(name)), toolChoice: choice.mode };
    }
  }
  return tools.length === 0 ? {} : { tools, toolChoice: choice ?? 'auto' };
}
