/** A model elsewhere, open for use. Nothing is loaded and nothing is held: its server decides about its memory. */
import { randomInt } from 'node:crypto';
import { AppError, isAppError } from '../../../preload/wire/errors.ts';
import { parseBoundedJson } from '../../base/bounded-json.ts';
import { looksLikePage } from '../../hub/hub.ts';
import type { GenerateEvent, GenerateRequest, GenerateResult } from '../../engine/engine.ts';
import type { OpenModel } from '../provider.ts';
import { isRefusal, sendPatiently, stopped, type OpenAnswer, type RemoteClient } from './client.ts';
import { readEvents } from './event-stream.ts';
import { MAX_EVENT_CONTAINERS } from './limits.ts';
import { errorIn, errorOfWords, pageError, refusalError, saidBy, unreadableAnswer, wordsOf } from './refusals.ts';
import { createReplyReader, type ReplyReader } from './reply.ts';
import { planReply, shortened, type ReplyPlan } from './reply-request.ts';
import type { Server, ServerModel } from './server.ts';
import { countTokens, detokenizeIds, renderPrompt, tokenizeText } from './tokens.ts';
import { embedTexts, rerankDocuments } from './vectors.ts';

export interface RemoteModelOptions {
  readonly modelId: string;
  readonly client: RemoteClient;
  readonly server: Server;
  readonly model: ServerModel;
  /** The fields that this model's server has refused before. They are not sent again. */
  readonly refusedFields: Set<string>;
  readonly now?: () => number;
}

/** How often a request is sent again with less: without a field that the server refuses, or without the oldest messages. */
const MAX_LESS = 6;

/** Opens a model. `signal` ends what is embedded, ranked or counted with it. */
export function openRemoteModel(options: RemoteModelOptions, signal: AbortSignal | undefined): OpenModel {
  const { client, server, model } = options;
  const context = { client, server, model, signal };
  return {
    modelId: options.modelId,
    capabilities: { contextSize: model.contextSize, sequences: model.sequences, states: false },
    generate: (request, signalOfReply) => generate(options, request, signalOfReply),
    embed: async (texts, order) => await embedTexts(context, texts, order),
    rerank: async (query, documents) => await rerankDocuments(context, query, documents),
    count: async (what) => await countTokens(context, what),
    tokenize: async (text, { special }) => ({ tokens: await tokenizeText(context, text, { special }) }),
    detokenize: async (ids) => await detokenizeIds(context, ids),
    render: async (what) => await renderPrompt(context, what),
    [Symbol.dispose]: () => {},
  };
}

/** What happened of a reply, for its result. */
interface Course {
  sentAt: number;
  queuedMs: number;
  firstAt: number | null;
  lastAt: number | null;
  omittedMessages: number;
}

async function* generate(
  options: RemoteModelOptions,
  request: GenerateRequest,
  signal: AbortSignal,
): AsyncGenerator<GenerateEvent> {
  const now = options.now ?? (() => performance.now());
  const seed = request.sampling.seed ?? randomInt(0, 2 ** 31);
  const course: Course = { sentAt: now(), queuedMs: 0, firstAt: null, lastAt: null, omittedMessages: 0 };
  let reader = createReplyReader('messages' in request.input);
  let notTaken: readonly string[] = [];
  const end = (endReason: GenerateResult['endReason']): GenerateEvent => ({
    type: 'end',
    result: resultOf(options, reader, course, { endReason, seed, notTaken, at: now() }),
  });
  try {
    const sent = yield* send(options, request, { signal, seed, course, now });
    ({ notTaken } = sent);
    reader = createReplyReader(sent.plan.isChat);
    // How long the prompt is a server tells at the end.
    yield { type: 'prompt', promptTokens: 0, omittedMessages: course.omittedMessages };
    for await (const value of eventsOf(options.client, sent.answer)) {
      const at = now();
      const events = reader.take(sent.plan.pieceOf(value));
      if (events.length > 0) {
        course.firstAt ??= at;
        course.lastAt = at;
      }
      yield* events;
    }
    yield* reader.end();
  } catch (error) {
    if (!signal.aborted || !isAppError(error, 'cancelled')) throw error;
    yield* reader.end();
    yield end('stopped');
    return;
  }
  const { finish, toolCalls, usage } = reader.result();
  if (finish === null && usage === null && toolCalls.length === 0) throw cutOff(options.client, course);
  yield end(endReasonOf(options, request, reader));
}

interface Sent {
  readonly plan: ReplyPlan;
  readonly answer: OpenAnswer;
  readonly notTaken: readonly string[];
}

/** Sends the request, where needed with less of it, and returns the begun answer. */
async function* send(
  { client, server, model, refusedFields }: RemoteModelOptions,
  first: GenerateRequest,
  { signal, seed, course, now }: { signal: AbortSignal; seed: number; course: Course; now: () => number },
): AsyncGenerator<GenerateEvent, Sent> {
  let request = first;
  for (let less = 0; ; less++) {
    if (signal.aborted) throw stopped();
    const plan = await planReply(request, { server, model, root: client.address.root, seed });
    const { body, lost } = without(plan, refusedFields);
    const tries = sendPatiently(
      async () => {
        course.sentAt = now();
        return await client.send({ url: plan.url, body, signal, headersMs: client.limits.headersMs });
      },
      signal,
      client.limits,
    );
    let step = await tries.next();
    for (; step.done !== true; step = await tries.next()) {
      course.queuedMs += step.value;
      yield { type: 'queued', ahead: 0, waitMs: step.value };
    }
    const answer = step.value;
    if (!isRefusal(answer)) return { plan, answer, notTaken: [...plan.notTaken, ...lost] };
    const error = refusalError(client.facts, answer, model.name);
    if (less >= MAX_LESS) throw error;
    const isOurs = answer.status === 400 || answer.status === 422;
    const field = isOurs ? fieldRefused(wordsOf(client.facts, answer.body) ?? '', body, plan) : null;
    if (field !== null) {
      refusedFields.add(field);
      continue;
    }
    const rest = isAppError(error, 'engine.context_full') ? shorter(request, error) : null;
    if (rest === null) throw error;
    course.omittedMessages += rest.omitted;
    request = rest.request;
  }
}

/** The body without the fields that the server is known to refuse, and the samplers that are lost with them. */
function without(plan: ReplyPlan, refused: ReadonlySet<string>): { body: Record<string, unknown>; lost: string[] } {
  const body: Record<string, unknown> = {};
  const lost = new Set<string>();
  for (const [name, value] of Object.entries(plan.body)) {
    if (!refused.has(name)) body[name] = value;
    // The newer name of the same limit.
    else if (name === 'max_tokens') body['max_completion_tokens'] = value;
    else {
      const sampler = plan.droppable.get(name);
      if (typeof sampler === 'string') lost.add(sampler);
    }
  }
  return { body, lost: [...lost] };
}

/**
 * The field of the request that a refusal names first and that can be left out; null where it names none. Behind it some servers list the
 * fields that they know, which stay.
 */
function fieldRefused(said: string, body: Readonly<Record<string, unknown>>, plan: ReplyPlan): string | null {
  const placeOf = (name: string): number => said.search(new RegExp(`(?<![\\w.])${name}(?!\\w)`, 'i'));
  const isTold = (name: string): boolean => placeOf(name) >= 0;
  const [first] = Object.keys(body)
    .filter(
      (name) => isTold(name) && (name === 'max_tokens' ? isTold('max_completion_tokens') : plan.droppable.has(name)),
    )
    .toSorted((a, b) => placeOf(a) - placeOf(b));
  return first ?? null;
}

/** The request without its oldest messages, as the chat's policy wants; null where that does not help. */
function shorter(request: GenerateRequest, error: AppError): { request: GenerateRequest; omitted: number } | null {
  const { input, policy = 'roll' } = request;
  if (!('messages' in input) || policy === 'stop') return null;
  const { neededTokens, contextSize } = error.data;
  const messages = shortened(input.messages, policy, {
    neededTokens: typeof neededTokens === 'number' ? neededTokens : null,
    contextSize: typeof contextSize === 'number' ? contextSize : null,
  });
  if (messages === null) return null;
  return { request: { ...request, input: { ...input, messages } }, omitted: input.messages.length - messages.length };
}

/** The values of a stream's events until its end; of an answer that is no stream its one value. */
async function* eventsOf(client: RemoteClient, answer: OpenAnswer): AsyncGenerator<unknown> {
  const { facts, limits } = client;
  const type = answer.headers.get('content-type') ?? '';
  if (!/event-stream/i.test(type)) {
    const text = await client.textOf(answer, limits.jsonBytes);
    if (looksLikePage(text)) throw pageError(facts, 200);
    // A stream without its name, as some proxies leave it.
    if (/^\s*(?:data|event|:)/.test(text)) yield* valuesOf(client, readEvents(oneChunk(text), limits));
    else yield valueOf(client, text, null);
    return;
  }
  yield* valuesOf(client, readEvents(answer.chunks, limits));
}

async function* oneChunk(text: string): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(new TextEncoder().encode(text));
}

async function* valuesOf(client: RemoteClient, events: ReturnType<typeof readEvents>): AsyncGenerator<unknown> {
  for await (const { name, data } of events) {
    if (data.trim() === '[DONE]') return;
    if (data.trim() === '') continue;
    yield valueOf(client, data, name);
  }
}

/** The JSON of an event. @throws AppError where it is none, or tells an error. */
function valueOf({ facts }: RemoteClient, text: string, eventName: string | null): unknown {
  const value = parseBoundedJson(text, MAX_EVENT_CONTAINERS);
  if (typeof value !== 'object' || value === null) {
    // TGI and others tell an error in plain words.
    if (eventName === 'error') throw errorOfWords(facts, saidBy(facts, text), text);
    throw unreadableAnswer(facts);
  }
  const told = 'error' in value && value.error ? errorIn(value.error) : null;
  if (told !== null || eventName === 'error' || ('error' in value && value.error))
    throw errorOfWords(facts, saidBy(facts, told ?? errorIn(value) ?? 'an error'), text);
  return value;
}

function cutOff({ facts }: RemoteClient, { firstAt }: Course): AppError {
  const { name, host } = facts;
  return new AppError('remote.unreachable', `${name} ended the connection before the reply was complete.`, {
    ...{ server: name, host, reason: 'cut', cause: firstAt === null ? 'empty' : 'incomplete' },
  });
}

function endReasonOf(
  { model }: RemoteModelOptions,
  { sampling }: GenerateRequest,
  reader: ReplyReader,
): GenerateResult['endReason'] {
  const { finish, stopText, usage, toolCalls } = reader.result();
  if (finish === 'length' || finish === 'max_tokens') {
    const limit = sampling.maxTokens;
    const generated = usage?.generatedTokens ?? null;
    const isFull =
      limit === null ||
      (generated !== null &&
        generated < limit &&
        model.contextSize !== null &&
        (usage?.promptTokens ?? 0) + generated >= model.contextSize - 1);
    return isFull ? 'context_full' : 'max_tokens';
  }
  if (toolCalls.length > 0) return 'tool_calls';
  return stopText === null ? 'end_of_turn' : 'stop_text';
}

function resultOf(
  { model }: RemoteModelOptions,
  reader: ReplyReader,
  course: Course,
  how: {
    readonly endReason: GenerateResult['endReason'];
    readonly seed: number;
    readonly notTaken: readonly string[];
    readonly at: number;
  },
): GenerateResult {
  const { usage, toolCalls, stopText } = reader.result();
  const { sentAt, firstAt, lastAt, queuedMs, omittedMessages } = course;
  return {
    promptTokens: usage?.promptTokens ?? 0,
    reusedTokens: usage?.cachedTokens ?? 0,
    promptMs: (firstAt ?? how.at) - sentAt,
    generatedTokens: usage?.generatedTokens ?? 0,
    generateMs: firstAt === null || lastAt === null ? 0 : lastAt - firstAt,
    contextSize: model.contextSize ?? 0,
    omittedMessages,
    ...{ endReason: how.endReason, seed: how.seed, restoredTokens: 0, queuedMs },
    ...(usage === null && { uncounted: true }),
    ...(usage?.reasoningTokens !== null && usage !== null && { reasoningTokens: usage.reasoningTokens }),
    ...(how.notTaken.length > 0 && { samplersNotTaken: how.notTaken }),
    ...(toolCalls.length > 0 && { toolCalls }),
    ...(how.endReason === 'stop_text' && stopText !== null && { stopText }),
  };
}
