/** The body of `/v1/chat/completions`. */
import { z } from 'zod';
import { messageSchema } from './chat-messages.ts';
import {
  effortSchema,
  formFields,
  keepAliveSchema,
  maxTokensSchema,
  modelNameSchema,
  samplingFields,
  templateVariablesSchema,
} from './sampling.ts';
import { toolChoiceSchema, toolSchema } from './tools.ts';

export const chatSchema = z.object({
  model: modelNameSchema,
  messages: z.array(messageSchema).min(1).max(10_000),
  ...samplingFields,
  max_tokens: maxTokensSchema,
  max_completion_tokens: maxTokensSchema,
  n: z.int().min(1).max(16).nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
  logprobs: z.boolean().nullish(),
  top_logprobs: z.int().min(0).max(20).nullish(),
  ...formFields,
  tools: z.array(toolSchema).max(256).nullish(),
  tool_choice: toolChoiceSchema.nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  functions: z.never({ error: '"functions" are of the old API; send them as "tools"' }).nullish(),
  function_call: z.never({ error: '"function_call" is of the old API; send "tool_choice"' }).nullish(),
  reasoning_effort: effortSchema.nullish(),
  modalities: z.array(z.literal('text', { error: 'Hearth answers with text' })).nullish(),
  chat_template_kwargs: templateVariablesSchema.nullish(),
  /** Of vLLM: whether the reply goes on from a last message of the assistant. Either false, or the second true, begins a new one. */
  continue_final_message: z.boolean().nullish(),
  add_generation_prompt: z.boolean().nullish(),
  keep_alive: keepAliveSchema,
});
export type ChatBody = z.infer<typeof chatSchema>;
