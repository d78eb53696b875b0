/** JSON schemas of the calls of tools. */
import type { ToolDefinition } from './messages.ts';

/** The schema of a tool's arguments, which are an object; of a tool without a schema an empty one. */
export const argumentSchema = ({ parameters }: ToolDefinition): Readonly<Record<string, unknown>> => ({
  type: 'object',
  ...(parameters ?? { properties: {} }),
});

/** The schema of a call of each tool, whose arguments stand under `key`. */
export const callSchemas = (
  tools: readonly ToolDefinition[],
  key: 'arguments' | 'parameters',
): readonly Readonly<Record<string, unknown>>[] =>
  tools.map((tool, index) => ({
    type: 'object',
    properties: {
      name: { const: tool.name },
      // A document of its own, so that its references stay in it.
      [key]: { $id: `tool-${index}`, ...argumentSchema(tool) },
    },
    required: ['name', key],
    additionalProperties: false,
  }));
