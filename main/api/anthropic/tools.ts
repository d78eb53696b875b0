/** Anthropic's tools and the choice among them: https://docs.anthropic.com/en/docs/agents-and-tools/tool-use. */
import { z } from 'zod';
import { MOST_NAME_CHARS, toolNameSchema } from '../generation/fields.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import { isGiven } from '../generation/given.ts';
import type { ToolChoice, ToolDefinition } from '../../chat-format/messages.ts';

/** Tools of Anthropic itself have a type with a date, and most have a name and no schema. */
export const toolSchema = z.object({
  type: z.string().max(100).nullish(),
  name: z.string().max(200).nullish(),
  description: z.string().max(100_000).nullish(),
  input_schema: z.record(z.string(), z.unknown()).nullish(),
});
const single = { disable_parallel_tool_use: z.boolean().nullish() };
export const toolChoiceSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('auto'), ...single }),
  z.object({ type: z.literal('any'), ...single }),
  z.object({ type: z.literal('tool'), name: z.string().max(MOST_NAME_CHARS), ...single }),
  z.object({ type: z.literal('none') }),
]);

/** @throws AppError `unsupported` for a tool that only Anthropic has, `invalid_input` for one without a name or a schema. */
export function readTools(tools: readonly z.infer<typeof toolSchema>[]): ToolDefinition[] {
  return tools.map(({ type, name, description, input_schema: parameters }, at) => {
    if (isGiven(type) && type !== 'custom')
      throw new AppError(
        'unsupported',
        `tools.${at}: "${type}" is a tool of Anthropic's own, which Hearth does not have. Tools with an input_schema work.`,
        { reason: 'server_tool', field: `tools.${at}.type` },
      );
    if (!toolNameSchema.safeParse(name).success || !isGiven(name))
      throw new AppError(
        'invalid_input',
        `tools.${at}.name: expected 1 to ${MOST_NAME_CHARS} letters, digits, _ . and -.`,
        {
          field: `tools.${at}.name`,
        },
      );
    if (!isGiven(parameters))
      throw new AppError('invalid_input', `tools.${at}.input_schema: expected a JSON schema.`, {
        field: `tools.${at}.input_schema`,
      });
    return { name, parameters, ...(isGiven(description) && { description }) };
  });
}

/** @throws AppError `invalid_input` for a tool that is not among `tools`, and for a choice without tools. */
export function readToolChoice(
  choice: z.infer<typeof toolChoiceSchema> | null | undefined,
  tools: readonly ToolDefinition[],
): { readonly toolChoice: ToolChoice; readonly isSingle: boolean } {
  if (!isGiven(choice)) return { toolChoice: 'auto', isSingle: false };
  if (choice.type === 'none') return { toolChoice: 'none', isSingle: false };
  if (tools.length === 0)
    throw new AppError('invalid_input', 'tool_choice: there are no tools to choose among.', { field: 'tool_choice' });
  const isSingle = choice.disable_parallel_tool_use === true;
  switch (choice.type) {
    case 'auto':
      return { toolChoice: 'auto', isSingle };
    case 'any':
      return { toolChoice: 'required', isSingle };
    case 'tool':
      if (!tools.some(({ name }) => name === choice.name))
        throw new AppError('invalid_input', `tool_choice: there is no tool "${choice.name}" among the tools.`, {
          field: 'tool_choice.name',
        });
      return { toolChoice: { name: choice.name }, isSingle };
    default:
      return choice satisfies never;
  }
}
