/** Checks a server elsewhere step by step, as the user asked for it: the only place where a model writes something unasked by a chat. */
import type { CheckEvent, CheckStep } from '../../../preload/contract/providers.ts';
import { encodeError } from '../../../preload/wire/errors.ts';
import type { GenerateEvent, GenerateRequest } from '../../engine/engine.ts';
import type { OpenModel } from '../provider.ts';
import { isRefusal, type RemoteClient } from './client.ts';
import { probeServer } from './probe.ts';
import { refusalError } from './refusals.ts';
import type { Server, ServerModel } from './server.ts';

interface CheckOptions {
  readonly client: RemoteClient;
  readonly signal: AbortSignal;
  /** Gets what the server turned out to be, before a model is asked to write. */
  readonly onProbed: (server: Server) => void;
  readonly open: (server: Server, model: ServerModel) => OpenModel;
}

const sampling = { temperature: 0, topK: 0, topP: 1, minP: 0, repeatPenalty: 1, seed: 1 } as const;

const hello: GenerateRequest = {
  input: { messages: [{ role: 'user', content: 'Say hello.' }] },
  sampling: { ...sampling, maxTokens: 8 },
};
const withTool: GenerateRequest = {
  input: {
    messages: [{ role: 'user', content: 'What is the weather in Paris? Use the tool.' }],
    tools: [
      {
        name: 'get_weather',
        description: 'The weather of a city.',
        parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
      },
    ],
  },
  // Enough for a short call behind some reasoning.
  sampling: { ...sampling, maxTokens: 400 },
};

/** The steps with what they found. A failed step ends the check, but for those that a server may lack. Ends early when `signal` fires. */
export async function* checkServer({ client, signal, onProbed, open }: CheckOptions): AsyncGenerator<CheckEvent> {
  let step: CheckStep = 'connect';
  const begin = (next: CheckStep): CheckEvent => ({ type: 'begun', step: (step = next) });
  try {
    yield begin('connect');
    const startedAt = performance.now();
    const first = await client.send({ url: `${client.address.apis[0] ?? ''}/models`, signal });
    const ms = performance.now() - startedAt;
    if (isRefusal(first)) {
      // That it is not there is told by the next step, which looks elsewhere too.
      if (first.status !== 404 && first.status !== 405) throw refusalError(client.facts, first, null);
    } else for await (const _ of first.chunks) break;
    yield { type: 'found', finding: { step: 'connect', ms: Math.round(ms) } };
    yield begin('models');
    const server = await probeServer(client, signal);
    onProbed(server);
    yield { type: 'found', finding: { step: 'models', count: server.models.length } };
    yield begin('server');
    yield { type: 'found', finding: { step: 'server', kind: server.kind, version: server.version } };
    // Some servers, as Hearth, make vectors with models that chat too.
    const model = server.models.find(({ abilities: { chat, embeddings } }) => chat ?? embeddings !== true);
    if (!model) return;
    yield begin('context');
    yield { type: 'found', finding: { step: 'context', model: model.name, contextSize: model.contextSize } };
    using opened = open(server, model);
    yield begin('tokenize');
    const tokenizes = await opened.tokenize('Hello', { special: false }).catch((error: unknown) => {
      signal.throwIfAborted();
      return encodeError(error).code === 'unsupported' ? null : Promise.reject(error as Error);
    });
    yield { type: 'found', finding: { step: 'tokenize', absent: tokenizes === null } };
    yield begin('reply');
    const reply = await collect(opened.generate(hello, signal));
    if (signal.aborted) return;
    yield {
      type: 'found',
      finding: { step: 'reply', model: model.name, firstTokenMs: Math.round(reply.firstMs), counted: reply.counted },
    };
    yield begin('tools');
    yield { type: 'found', finding: { step: 'tools', model: model.name, absent: !(await calls(opened, signal)) } };
  } catch (error) {
    if (signal.aborted) return;
    yield { type: 'failed', step, error: encodeError(error) };
  }
}

/** Whether the model calls the tool. A server that refuses tools has none. */
async function calls(model: OpenModel, signal: AbortSignal): Promise<boolean> {
  try {
    return (await collect(model.generate(withTool, signal))).calls > 0;
  } catch (error) {
    const { code } = encodeError(error);
    if (code === 'invalid_input' || code === 'unsupported' || code === 'remote.bad_response') return false;
    throw error;
  }
}

async function collect(
  events: AsyncIterable<GenerateEvent>,
): Promise<{ firstMs: number; counted: boolean; calls: number }> {
  let counted = false;
  let firstMs = 0;
  let found = 0;
  for await (const event of events) {
    if (event.type === 'tool_call') found++;
    if (event.type === 'end') {
      counted = event.result.uncounted !== true;
      firstMs = event.result.promptMs;
    }
  }
  return { firstMs, counted, calls: found };
}
