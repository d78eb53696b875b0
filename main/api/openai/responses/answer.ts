/** The answers of `/v1/responses`: whole, and as a stream of events. */
import { AppError, encodeError, isAppError, type ErrorBody } from '../../../../preload/wire/errors.ts';
import type { GenerateResult } from '../../../engine/engine.ts';
import { generate, generateWhole, samplingOf } from '../../generation/generation.ts';
import type { EventStream, Exchange } from '../../http/exchange.ts';
import type { Services } from '../../services.ts';
import { usageOf } from '../usage.ts';
import { createOutput, itemId, type OutputItem, type ResponseEvent } from './output.ts';
import type { ResponsesBody, WantedResponse } from './request.ts';
import { MOST_KEPT_CHARS, withIds, type StoredResponse } from './stored.ts';

/** What a response repeats of its request, the same in all of its events. */
function frameOf(body: ResponsesBody, services: Services, { order, offered }: WantedResponse) {
  const { temperature, topP } = samplingOf(services, order.model, order.sampling);
  const isOffered = (tool: { readonly type: string; readonly name?: string }): boolean =>
    tool.type === 'namespace' || offered.some(({ name, kind }) => kind === tool.type && name === tool.name);
  return {
    ...{ id: itemId('resp'), object: 'response', created_at: Math.floor(services.now() / 1000) },
    ...{ background: false, error: null as object | null, instructions: body.instructions ?? null },
    ...{ max_output_tokens: body.max_output_tokens ?? null, max_tool_calls: null, model: body.model },
    parallel_tool_calls: body.parallel_tool_calls ?? true,
    previous_response_id: body.previous_response_id ?? null,
    prompt_cache_key: body.prompt_cache_key ?? null,
    reasoning: { effort: body.reasoning?.effort ?? null, summary: body.reasoning?.summary ?? null },
    safety_identifier: body.safety_identifier ?? null,
    ...{ service_tier: 'default', store: body.store ?? true, temperature },
    text: { format: body.text?.format ?? { type: 'text' }, verbosity: body.text?.verbosity ?? 'medium' },
    tool_choice: body.tool_choice ?? 'auto',
    // Those that the model was told of.
    tools: (body.tools ?? []).filter(isOffered),
    ...{ top_logprobs: body.top_logprobs ?? 0, top_p: topP, truncation: body.truncation ?? 'disabled' },
    ...{ user: body.user ?? null, metadata: body.metadata ?? {} },
  };
}
type Frame = ReturnType<typeof frameOf>;

const isCut = ({ endReason }: GenerateResult): boolean => endReason === 'max_tokens' || endReason === 'context_full';

function finished(frame: Frame, services: Services, output: readonly OutputItem[], result: GenerateResult) {
  const { prompt_tokens, completion_tokens, total_tokens, ...details } = usageOf([result]);
  return {
    ...frame,
    status: isCut(result) ? 'incomplete' : 'completed',
    completed_at: isCut(result) ? null : Math.floor(services.now() / 1000),
    incomplete_details: isCut(result) ? { reason: 'max_output_tokens' } : null,
    output,
    usage: {
      ...{ input_tokens: prompt_tokens, input_tokens_details: details.prompt_tokens_details },
      ...{ output_tokens: completion_tokens, output_tokens_details: details.completion_tokens_details },
      total_tokens,
    },
  };
}

/** Keeps a response unless its request says otherwise, it is too long, or the disk is full. The answer tells which. */
function keep<R extends ReturnType<typeof finished>>(
  exchange: Exchange<ResponsesBody>,
  services: Services,
  wanted: WantedResponse,
  response: R,
): R {
  if (!response.store) return response;
  const { body, caller } = exchange;
  const content: StoredResponse = {
    response,
    input: withIds(wanted.asked),
    previousId: body.previous_response_id ?? null,
  };
  if (JSON.stringify(content).length > MOST_KEPT_CHARS) return { ...response, store: false };
  try {
    services.responses.save(response.id, caller?.id ?? null, content, services.now());
  } catch (error) {
    if (!isAppError(error, 'disk.full')) throw error;
    return { ...response, store: false };
  }
  return response;
}

const summarizes = ({ reasoning }: ResponsesBody): boolean => (reasoning?.summary ?? 'none') !== 'none';

export async function answerResponse(
  exchange: Exchange<ResponsesBody>,
  services: Services,
  wanted: WantedResponse,
): Promise<void> {
  const { body } = exchange;
  const frame = frameOf(body, services, wanted);
  const output = createOutput({
    responseId: frame.id,
    offered: wanted.offered,
    summarizes: summarizes(body),
    send: () => {},
  });
  const reply = await generateWhole(exchange, services, wanted.order);
  await output.text(reply.text, reply.reasoning, reply.logprobs);
  for (const call of reply.calls) await output.call(call);
  await output.end(isCut(reply.result));
  exchange.json(200, keep(exchange, services, wanted, finished(frame, services, output.items, reply.result)));
}

/** Events with their numbers: https://platform.openai.com/docs/api-reference/responses-streaming. */
export async function streamResponse(
  exchange: Exchange<ResponsesBody>,
  services: Services,
  wanted: WantedResponse,
): Promise<void> {
  const { body } = exchange;
  const frame = frameOf(body, services, wanted);
  let stream: EventStream | undefined;
  let sequence = 0;
  const send = (event: ResponseEvent): Promise<void> | void => {
    stream ??= exchange.events();
    return stream.send({ ...event, sequence_number: sequence++ }, event.type);
  };
  const output = createOutput({ responseId: frame.id, offered: wanted.offered, summarizes: summarizes(body), send });
  const tell = (type: string, response: object): Promise<void> | void => send({ type, response });
  const unfinished = { completed_at: null, incomplete_details: null, usage: null };

  try {
    for await (const event of generate(exchange, services, wanted.order))
      switch (event.type) {
        case 'prompt': {
          const begun = { ...frame, ...unfinished, status: 'in_progress', output: [] };
          await tell('response.created', begun);
          await tell('response.in_progress', begun);
          break;
        }
        case 'text':
          await output.text(event.content, event.reasoning, event.logprobs);
          break;
        case 'tool_call':
          await output.call(event.call);
          break;
        case 'stopped_call':
          await output.text(event.sentence, '');
          break;
        case 'end': {
          if (exchange.signal.aborted) throw new AppError('cancelled', 'The response was stopped.');
          await output.end(isCut(event.result));
          const response = keep(exchange, services, wanted, finished(frame, services, output.items, event.result));
          await tell(`response.${response.status}`, response);
          break;
        }
        case 'prompt_tokens':
        case 'malformed_tool_call':
          break;
        default:
          event satisfies never;
      }
  } catch (thrown) {
    // Before the first event it is an answer with its own status.
    if (!stream) throw thrown;
    const error = encodeError(thrown);
    exchange.entry.note({ error });
    await tell('response.failed', {
      ...{ ...frame, ...unfinished, status: 'failed', output: output.items, error: responseError(error) },
    });
  }
  stream?.end();
}

/** The codes that OpenAI has for a response that failed; Codex looks for that of a full context. */
function responseError({ code, message }: ErrorBody) {
  if (code === 'engine.context_full') return { code: 'context_length_exceeded', message };
  return { code: code === 'busy' ? 'rate_limit_exceeded' : 'server_error', message };
}
