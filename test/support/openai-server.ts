/**
 * A server on loopback that speaks OpenAI's protocol as one of the kinds of servers does, by their documentation, and that can be told to
 * answer wrongly. It has no model: its replies are what a test says.
 */
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import zlib from 'node:zlib';

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Record<string, unknown>;
  /** Resolves when the connection was closed before the answer was complete. */
  readonly hungUp: Promise<void>;
}

export type Answer = (request: SeenRequest, response: http.ServerResponse) => void | Promise<void>;

export interface OpenAiServer {
  readonly url: string;
  readonly seen: readonly SeenRequest[];
  /** Answers the next request of that path, once, in place of what is there. */
  next(path: string, answer: Answer): void;
  /** Answers all requests of that path. */
  always(path: string, answer: Answer): void;
  /** The bodies that were sent to a path, oldest first. */
  bodies(path: string): readonly Record<string, unknown>[];
  close(): Promise<void>;
}

export type Variant = 'llama-server' | 'vllm' | 'sglang' | 'tgi' | 'ollama' | 'lm-studio' | 'hearth' | 'unknown';

interface Options {
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Refuses requests without this key. */
  readonly key?: string;
}

export const json =
  (value: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Answer =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
  };

/** A stream of these texts as they are: each is one write, so that a test decides about the boundaries. */
export const raw =
  (pieces: readonly (string | Uint8Array)[], type = 'text/event-stream', status = 200): Answer =>
  async (_request, response) => {
    response.writeHead(status, { 'content-type': type });
    for (const piece of pieces) {
      response.write(piece);
      // The next piece becomes a chunk of its own.
      await new Promise((resolve) => setImmediate(resolve));
    }
    response.end();
  };

export const eventsOf = (values: readonly unknown[]): readonly string[] => [
  ...values.map((value) => `data: ${JSON.stringify(value)}\n\n`),
  'data: [DONE]\n\n',
];

/** A stream of chunks, with its end. */
export const stream = (values: readonly unknown[]): Answer => raw(eventsOf(values));

/** The same, compressed and written in small pieces. */
export const compressed =
  (values: readonly unknown[]): Answer =>
  (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' });
    response.end(zlib.gzipSync(eventsOf(values).join('')));
  };

export const delta = (fields: Readonly<Record<string, unknown>>, finish: string | null = null): unknown => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  choices: [{ index: 0, delta: fields, finish_reason: finish }],
});

export const usage = (prompt: number, completion: number, more: Readonly<Record<string, unknown>> = {}): unknown => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  choices: [],
  usage: { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion, ...more },
});

/** A whole reply of these words. */
export const said = (...words: readonly string[]): Answer =>
  stream([...words.map((content) => delta({ content })), delta({}, 'stop'), usage(7, words.length)]);

export async function startOpenAiServer(variant: Variant, { tls, key }: Options = {}): Promise<OpenAiServer> {
  const seen: SeenRequest[] = [];
  const once = new Map<string, Answer[]>();
  const table = new Map<string, Answer>(Object.entries(answersOf(variant)));
  const listener: http.RequestListener = (incoming, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming) chunks.push(chunk as Buffer);
      const text = Buffer.concat(chunks).toString('utf8');
      const path = incoming.url?.split('?')[0] ?? '';
      const request: SeenRequest = {
        method: incoming.method ?? '',
        path,
        headers: incoming.headers,
        body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
        hungUp: new Promise((resolve) =>
          response.once('close', () => {
            if (!response.writableFinished) resolve();
          }),
        ),
      };
      seen.push(request);
      const refused = key !== undefined && incoming.headers.authorization !== `Bearer ${key}`;
      const answer = refused
        ? json({ error: { message: `Incorrect API key provided: ${incoming.headers.authorization ?? 'none'}` } }, 401)
        : (once.get(path)?.shift() ?? table.get(path) ?? json({ detail: 'Not Found' }, 404));
      await answer(request, response);
    })().catch(() => response.destroy());
  };
  const server = tls ? https.createServer(tls, listener) : http.createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    seen,
    next: (path, answer) => void once.set(path, [...(once.get(path) ?? []), answer]),
    always: (path, answer) => void table.set(path, answer),
    bodies: (path) => seen.filter((one) => one.path === path).map(({ body }) => body),
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

const models = (owner: string, ...entries: readonly Readonly<Record<string, unknown>>[]): Answer =>
  json({ object: 'list', data: entries.map((entry) => ({ object: 'model', created: 1, owned_by: owner, ...entry })) });

/** What each kind answers to the questions that tell it apart. */
function answersOf(variant: Variant): Readonly<Record<string, Answer>> {
  const chat = { '/v1/chat/completions': said('Hello', ' there', '.') };
  switch (variant) {
    case 'llama-server':
      return {
        ...chat,
        '/v1/models': json({
          models: [{ name: 'ember', model: 'ember', capabilities: ['completion'] }],
          object: 'list',
          data: [{ id: 'ember', object: 'model', owned_by: 'llamacpp', meta: { n_ctx_train: 1024 } }],
        }),
        '/props': json({
          default_generation_settings: { n_ctx: 1024 },
          total_slots: 4,
          build_info: 'b9000-abc',
          modalities: { vision: false, audio: false },
          chat_template: '{{ messages }}',
        }),
        '/tokenize': json({
          tokens: [
            { id: 5, piece: 'Hel' },
            { id: 6, piece: [108, 111] },
          ],
        }),
        '/detokenize': json({ content: 'Hello' }),
        '/apply-template': json({ prompt: '<|im_start|>user\nHi<|im_end|>\n' }),
      };
    case 'vllm':
      return {
        ...chat,
        '/v1/models': models('vllm', { id: 'Qwen/Qwen3-8B', max_model_len: 40_960 }),
        '/version': json({ version: '0.12.0' }),
        '/tokenize': json({ count: 2, max_model_len: 40_960, tokens: [9707, 1879], token_strs: ['Hello', 'Ġworld'] }),
        '/detokenize': json({ prompt: 'Hello world' }),
      };
    case 'sglang':
      return { ...chat, '/v1/models': models('sglang', { id: 'meta-llama/Llama-3.1-8B', max_model_len: 131_072 }) };
    case 'tgi':
      return {
        ...chat,
        '/v1/models': models('google/gemma-3', { id: 'google/gemma-3' }),
        '/info': json({ model_id: 'google/gemma-3', max_total_tokens: 8192, version: '3.3.5' }),
        '/tokenize': json([{ id: 3, text: 'Hi', start: 0, stop: 2 }]),
      };
    case 'ollama':
      return {
        ...chat,
        '/v1/models': models('library', { id: 'llava:7b' }, { id: 'nomic-embed-text:latest' }),
        '/api/version': json({ version: '0.13.1' }),
        '/api/ps': json({ models: [{ name: 'llava:7b', model: 'llava:7b', context_length: 4096 }] }),
        '/api/show': (request, response) => {
          const isVision = request.body['model'] === 'llava:7b';
          return json({
            capabilities: isVision ? ['completion', 'vision'] : ['embedding'],
            parameters: isVision ? 'stop "x"' : 'num_ctx                        8192',
            model_info: { 'llama.context_length': 32_768 },
          })(request, response);
        },
      };
    case 'lm-studio':
      return {
        ...chat,
        '/v1/models': models('organization_owner', { id: 'qwen3-vl' }),
        '/api/v0/models': json({
          data: [
            {
              id: 'qwen3-vl',
              type: 'vlm',
              max_context_length: 32_768,
              loaded_context_length: 8192,
              capabilities: ['tool_use'],
            },
          ],
        }),
      };
    case 'hearth':
      return {
        ...chat,
        '/v1/models': models('hearth', {
          ...{ id: 'ember', owned_by: 'hearth-models', max_model_len: 2048, context_length: 2048 },
          // It makes vectors with every model.
          ...{ capabilities: { completion: true, chat: true, tools: true, embeddings: true, vision: false } },
          hearth: { model_id: 'hearth/ember', loaded_context_size: 2048 },
        }),
        '/tokenize': json({ tokens: [{ id: 1, piece: 'Hi' }] }),
      };
    case 'unknown':
      return { ...chat, '/v1/models': models('someone', { id: 'a-model' }) };
    default:
      return variant satisfies never;
  }
}
