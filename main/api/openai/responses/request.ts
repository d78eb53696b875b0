/** The body of `/v1/responses`, and the order that it makes. */
import { z } from 'zod';
import { AppError } from '../../../../preload/wire/errors.ts';
import { formBesideTools } from '../../generation/form-beside-tools.ts';
import type { GenerationOrder, WantedSampling } from '../../generation/generation.ts';
import { isGiven } from '../../generation/given.ts';
import { schemaGrammar, schemaSchema } from '../../generation/json-schemas.ts';
import type { ListedModel } from '../../names/models.ts';
import { textSchema } from '../chat-messages.ts';
import {
  effortOptions,
  effortSchema,
  keepAliveSchema,
  modelNameSchema,
  readKeepAlive,
  readMaxTokens,
  readSampling,
  samplingFields,
} from '../sampling.ts';
import { chooseTools } from '../tools.ts';
import { conversationOf, itemSchema, type GivenItem, type InputItem } from './items.ts';
import {
  offeredTools,
  readResponseChoice,
  responseChoiceSchema,
  responseToolSchema,
  toldNameOf,
  type OfferedTool,
} from './tools.ts';

const MOST_ITEMS = 10_000;

const formatSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text') }),
  z.object({ type: z.literal('json_object') }),
  z.object({
    type: z.literal('json_schema'),
    name: z.string().max(200).nullish(),
    schema: schemaSchema,
    strict: z.boolean().nullish(),
    description: z.string().max(100_000).nullish(),
  }),
]);

export const responsesSchema = z.object({
  model: modelNameSchema,
  input: z.union([textSchema, z.array(itemSchema).max(MOST_ITEMS)]).nullish(),
  instructions: textSchema.nullish(),
  previous_response_id: z.string().min(1).max(100).nullish(),
  ...samplingFields,
  max_output_tokens: z.int().min(1).max(1_000_000).nullish(),
  top_logprobs: z.int().min(0).max(20).nullish(),
  include: z.array(z.string().max(100)).max(32).nullish(),
  stream: z.boolean().nullish(),
  store: z.boolean().nullish(),
  tools: z.array(responseToolSchema).max(256).nullish(),
  tool_choice: responseChoiceSchema.nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  text: z.object({ format: formatSchema.nullish(), verbosity: z.enum(['low', 'medium', 'high']).nullish() }).nullish(),
  reasoning: z
    .object({ effort: effortSchema.nullish(), summary: z.enum(['auto', 'concise', 'detailed', 'none']).nullish() })
    .nullish(),
  truncation: z.enum(['auto', 'disabled']).nullish(),
  metadata: z
    .record(z.string().max(64), z.string().max(512))
    .refine((data) => Object.keys(data).length <= 16, 'expected at most 16 keys')
    .nullish(),
  user: z.string().max(200).nullish(),
  safety_identifier: z.string().max(200).nullish(),
  prompt_cache_key: z.string().max(200).nullish(),
  background: z.literal(false, { error: 'Hearth answers while it is asked, not in the background' }).nullish(),
  conversation: z.never({ error: 'Hearth keeps responses; go on from one with "previous_response_id"' }).nullish(),
  prompt: z.never({ error: 'Hearth has no stored prompts; send "instructions" and "input"' }).nullish(),
  keep_alive: keepAliveSchema,
});
export type ResponsesBody = z.infer<typeof responsesSchema>;

/** The items of a request; a text is a message of the user. */
export function itemsOf({ input }: ResponsesBody): readonly GivenItem[] {
  if (typeof input === 'string') return input === '' ? [] : [{ type: 'message', role: 'user', content: input }];
  return input ?? [];
}

const wantsLogprobs = (body: ResponsesBody): boolean =>
  isGiven(body.top_logprobs) || body.include?.includes('message.output_text.logprobs') === true;

function formOf({ text }: ResponsesBody): WantedSampling['grammar'] {
  const format = text?.format;
  if (format?.type === 'json_object') return schemaGrammar({ type: 'object' });
  return format?.type === 'json_schema' ? schemaGrammar(format.schema) : undefined;
}

export interface WantedResponse {
  readonly order: GenerationOrder;
  readonly offered: readonly OfferedTool[];
  /** The items of the request itself. */
  readonly asked: readonly InputItem[];
}

/** The order for a request with these items, behind those of earlier responses. @throws AppError `invalid_input`, `unsupported`. */
export function wantedOf(
  body: ResponsesBody,
  model: ListedModel,
  { earlier, asked }: { readonly earlier: readonly InputItem[]; readonly asked: readonly InputItem[] },
): WantedResponse {
  const offered = offeredTools(body.tools ?? []);
  const tools = chooseTools(
    offered.map(({ definition }) => definition),
    readResponseChoice(body.tool_choice, offered),
  );
  const options = effortOptions(body.reasoning?.effort);
  const messages = conversationOf(body.instructions ?? null, [...earlier, ...asked], (call) =>
    toldNameOf(offered, call),
  );
  if (messages.length === 0)
    throw new AppError('invalid_input', '"input" is empty, so there is nothing to answer.', { field: 'input' });
  const order: GenerationOrder = {
    model,
    input: { messages, ...tools },
    sampling: {
      ...readSampling(body),
      ...readMaxTokens(body.max_output_tokens),
      grammar: formBesideTools(formOf(body), tools),
      ...(wantsLogprobs(body) && { logprobs: body.top_logprobs ?? 0 }),
    },
    policy: body.truncation === 'auto' ? 'roll' : 'stop',
    hasOneCall: body.parallel_tool_calls === false,
    ...(Object.keys(options).length > 0 && { templateOptions: options }),
    ...readKeepAlive(body.keep_alive),
  };
  return { order, offered, asked };
}
