/** The form of a reply where there are tools too, for all dialects alike. */
import { callSchemas } from '../../chat-format/call-schema.ts';
import type { ConversationInput } from '../../chat-format/messages.ts';
import type { WantedSampling } from './generation.ts';

/**
 * The form of a reply that may call tools instead of answering: either a call or the form. A required call has a form of its own.
 * Calls are JSON without the marks of the model's family, which are recognized where a reply begins with them.
 */
export function formBesideTools(
  form: WantedSampling['grammar'],
  { tools = [], toolChoice = 'auto' }: Pick<ConversationInput, 'tools' | 'toolChoice'>,
): WantedSampling['grammar'] {
  if (form?.kind !== 'json_schema' || tools.length === 0 || toolChoice === 'none') return form;
  if (toolChoice !== 'auto') return undefined;
  const answer = { $id: 'answer', ...(JSON.parse(form.text) as object) };
  return { kind: 'json_schema', text: JSON.stringify({ anyOf: [answer, ...callSchemas(tools, 'arguments')] }) };
}
