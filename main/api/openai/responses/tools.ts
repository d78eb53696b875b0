/** The tools of `/v1/responses`: functions, tools that take a text, and namespaces of both. */
import { z } from 'zod';
import { AppError } from '../../../../preload/wire/errors.ts';
import type { ToolDefinition } from '../../../chat-format/messages.ts';
import { isGiven } from '../../generation/given.ts';
import { toolNameSchema } from '../../generation/fields.ts';
import { definitionOf, functionFields, type WantedChoice } from '../tools.ts';
import type { CalledTool } from './items.ts';

const functionSchema = z.object({ type: z.literal('function'), ...functionFields });
const customSchema = z.object({
  type: z.literal('custom'),
  name: toolNameSchema,
  description: z.string().max(100_000).nullish(),
  format: z
    .object({
      type: z.enum(['text', 'grammar']),
      syntax: z.string().max(40).nullish(),
      definition: z.string().max(100_000).nullish(),
    })
    .nullish(),
});
const MOST_TOOLS = 256;

/**
 * Tools that OpenAI runs itself, or that only its models know. Codex sends these with every request, whether they are needed or not, so they
 * are left out and not refused: https://github.com/openai/codex/issues/10635. The tools that the answer repeats do not have them.
 */
const leftOutTypes = [
  'web_search',
  'web_search_preview',
  'web_search_2025_08_26',
  'web_search_preview_2025_03_11',
  'image_generation',
  'tool_search',
  'local_shell',
] as const;

const onlyThese = (issue: { readonly input?: unknown }): string => {
  const { input } = issue;
  const type = typeof input === 'object' && input !== null && 'type' in input ? JSON.stringify(input.type) : undefined;
  return `OpenAI runs tools of the type ${type?.slice(0, 80) ?? 'null'} on its own computers; Hearth takes "function", "custom" and "namespace"`;
};
export const responseToolSchema = z.discriminatedUnion(
  'type',
  [
    functionSchema,
    customSchema,
    z.object({
      type: z.literal('namespace'),
      name: z.string().min(1).max(200),
      description: z.string().max(100_000).nullish(),
      tools: z.array(z.discriminatedUnion('type', [functionSchema, customSchema])).max(MOST_TOOLS),
    }),
    z.object({ type: z.enum(leftOutTypes) }),
  ],
  { error: onlyThese },
);
export type ResponseTool = z.infer<typeof responseToolSchema>;

const named = z.object({ type: z.enum(['function', 'custom']), name: z.string().min(1).max(200) });
export const responseChoiceSchema = z.union(
  [
    z.enum(['auto', 'none', 'required']),
    named,
    z.object({
      type: z.literal('allowed_tools'),
      mode: z.enum(['auto', 'required']),
      tools: z.array(named).min(1).max(MOST_TOOLS),
    }),
  ],
  { error: 'expected auto, none, required, or a choice of the type function, custom or allowed_tools' },
);

/** A tool as the model is told of it, and as the program knows it. */
export interface OfferedTool {
  readonly definition: ToolDefinition;
  readonly kind: 'function' | 'custom';
  readonly name: string;
  readonly namespace: string | null;
}

interface SingleTool {
  readonly tool: z.infer<typeof functionSchema> | z.infer<typeof customSchema>;
  readonly namespace: string | null;
}

/** The tools that the model is told of, each under a name that no other has. @throws AppError `invalid_input` for too many, and for two of one name. */
export function offeredTools(tools: readonly ResponseTool[]): readonly OfferedTool[] {
  const single = tools.flatMap((tool): SingleTool[] => {
    switch (tool.type) {
      case 'function':
      case 'custom':
        return [{ tool, namespace: null }];
      case 'namespace':
        return tool.tools.map((one) => ({ tool: one, namespace: tool.name }));
      default:
        tool.type satisfies (typeof leftOutTypes)[number];
        return [];
    }
  });
  if (single.length > MOST_TOOLS)
    throw new AppError('invalid_input', `At most ${MOST_TOOLS} tools are taken.`, { field: 'tools' });
  const names = single.map(({ tool }) => tool.name);
  const offered = single.map(({ tool, namespace }): OfferedTool => {
    const isAlone = names.filter((name) => name === tool.name).length === 1;
    const name = isAlone || namespace === null ? tool.name : `${namespace}__${tool.name}`.replaceAll(/[^\w.-]/g, '_');
    const definition = { ...(tool.type === 'function' ? definitionOf(tool) : definitionOfText(tool)), name };
    return { definition, kind: tool.type, name: tool.name, namespace };
  });
  const told = new Set<string>();
  for (const { definition } of offered) {
    // A call of the model names its tool, and nothing else says which of the two it means.
    if (told.has(definition.name))
      throw new AppError('invalid_input', `Two tools are called "${definition.name}". Give each a name of its own.`, {
        field: 'tools',
      });
    told.add(definition.name);
  }
  return offered;
}

/** The name under which the model is told of the tool that a program names; the same where it is none of the tools. */
export const toldNameOf = (offered: readonly OfferedTool[], { name, namespace = null }: CalledTool): string =>
  offered.find((tool) => tool.name === name && tool.namespace === namespace)?.definition.name ?? name;

/** A tool that takes a text takes it as its one argument. A grammar of it is told in words: it is not enforced. */
function definitionOfText({ name, description, format }: z.infer<typeof customSchema>): ToolDefinition {
  const grammar =
    format?.type === 'grammar' && isGiven(format.definition)
      ? `The input must match this ${format.syntax ?? ''} grammar:\n${format.definition}`
      : null;
  return {
    name,
    description: [description, grammar].filter(isGiven).join('\n\n'),
    parameters: {
      type: 'object',
      properties: { input: { type: 'string' } },
      required: ['input'],
      additionalProperties: false,
    },
  };
}

/** The text of a call of such a tool. */
export function inputOfText(callArguments: string): string {
  try {
    const { input } = JSON.parse(callArguments) as { input?: unknown };
    if (typeof input === 'string') return input;
  } catch {
    // The arguments are the text itself.
  }
  return callArguments;
}

export function readResponseChoice(
  choice: z.infer<typeof responseChoiceSchema> | null | undefined,
  offered: readonly OfferedTool[],
): WantedChoice {
  if (!isGiven(choice) || typeof choice === 'string') return choice;
  const told = (name: string): string => offered.find((tool) => tool.name === name)?.definition.name ?? name;
  if (choice.type === 'allowed_tools') return { mode: choice.mode, names: choice.tools.map((tool) => told(tool.name)) };
  return { name: told(choice.name) };
}
