/** A model that thinks before it answers or calls, as the official clients of Anthropic, Ollama and OpenAI read it. */
import Anthropic from '@anthropic-ai/sdk';
import { Ollama } from 'ollama';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withModels } from '../../support/api-models.ts';
import { startApiServer, type ApiServer } from '../../support/api-server.ts';
import { chatMl, writeScriptedModel } from '../../support/made-models.ts';

const MODEL = 'owner/Thinker-GGUF/Thinker-GGUF.gguf';
/** As Qwen3's: the tools stand in the prompt, and thinking can be turned off. */
const template = `{% for t in tools or [] %}{{ t | tojson }}<tool_call></tool_call>\n{% endfor %}${chatMl}{% if enable_thinking is defined and not enable_thinking %}{{ '<think>\\n\\n</think>\\n\\n' }}{% endif %}`;
const parameters = { type: 'object' as const, properties: { city: { enum: ['Oslo', 'Rome'] } }, required: ['city'] };
const messages = [{ role: 'user' as const, content: 'How is the weather?' }];
let server: ApiServer;
beforeAll(async () => {
  server = await startApiServer({
    prepare: withModels({
      'owner/Thinker-GGUF': (file) =>
        writeScriptedModel(file, {
          template,
          marks: ['<tool_call>', '</tool_call>'],
          pieces: [
            ...['<think>', 'Hm, ', 'rain. ', '</think>', 'I look. '],
            ...['<tool_call>', '{"name": "get_weather", "arguments": {"city": ', '"Paris"', '}}', '</tool_call>'],
          ],
          instead: { '"Paris"': '"Oslo"' },
        }),
    }),
  });
}, 60_000);
afterAll(() => server.close());

describe('a model that thinks', () => {
  it('gives Anthropic’s client blocks of thinking, text and the call, one after the other', async () => {
    const client = new Anthropic({ baseURL: server.address, apiKey: 'any', maxRetries: 0 });
    const stream = client.messages.stream({
      ...{ model: MODEL, max_tokens: 2000, messages, temperature: 0 },
      thinking: { type: 'enabled', budget_tokens: 1024 },
      tools: [{ name: 'get_weather', input_schema: parameters }],
    });
    const order: string[] = [];
    for await (const event of stream) {
      const what =
        event.type === 'content_block_start'
          ? `start ${event.index} ${event.content_block.type}`
          : event.type === 'content_block_delta'
            ? `delta ${event.index} ${event.delta.type}`
            : event.type === 'content_block_stop'
              ? `stop ${event.index}`
              : event.type;
      if (order.at(-1) !== what) order.push(what);
    }
    expect(order).toEqual([
      'message_start',
      ...['start 0 thinking', 'delta 0 thinking_delta', 'delta 0 signature_delta', 'stop 0'],
      ...['start 1 text', 'delta 1 text_delta', 'stop 1'],
      ...['start 2 tool_use', 'delta 2 input_json_delta', 'stop 2'],
      ...['message_delta', 'message_stop'],
    ]);
    const { content, stop_reason: reason } = await stream.finalMessage();
    expect(content).toMatchObject([
      { type: 'thinking', thinking: expect.stringMatching(/^Hm, rain\.\s*$/) },
      { type: 'text', text: expect.stringMatching(/^I look\.\s*$/) },
      { type: 'tool_use', name: 'get_weather', input: { city: 'Oslo' } },
    ]);
    expect(reason).toBe('tool_use');
  });

  it('gives Ollama’s client its thinking before its text and the call', async () => {
    const client = new Ollama({ host: server.address });
    const order: string[] = [];
    for await (const { message } of await client.chat({
      ...{ model: MODEL, messages, think: true, stream: true },
      tools: [{ type: 'function', function: { name: 'get_weather', description: 'The weather.', parameters } }],
    } as Parameters<typeof client.chat>[0] & { stream: true })) {
      const parts = [
        ...(message.thinking ? ['thinking'] : []),
        ...(message.content ? ['content'] : []),
        ...(message.tool_calls ?? []).map((one) => JSON.stringify(one.function.arguments)),
      ];
      for (const part of parts) if (order.at(-1) !== part) order.push(part);
    }
    expect(order).toEqual(['thinking', 'content', '{"city":"Oslo"}']);
  });

  it('gives OpenAI’s client its reasoning before its text and the call', async () => {
    const client = new OpenAI({ baseURL: `${server.address}/v1`, apiKey: 'any', maxRetries: 0 });
    const order: string[] = [];
    let values = '';
    for await (const { choices } of await client.chat.completions.create({
      ...{ model: MODEL, messages, temperature: 0, stream: true as const },
      tools: [{ type: 'function', function: { name: 'get_weather', parameters } }],
    })) {
      const delta = (choices[0]?.delta ?? {}) as OpenAI.ChatCompletionChunk.Choice.Delta & {
        reasoning_content?: string;
      };
      const parts = [
        ...(delta.reasoning_content ? ['reasoning'] : []),
        ...(delta.content ? ['content'] : []),
        ...(delta.tool_calls ? ['call'] : []),
      ];
      values += delta.tool_calls?.[0]?.function?.arguments ?? '';
      for (const part of parts) if (order.at(-1) !== part) order.push(part);
      if (choices[0]?.finish_reason) order.push(choices[0].finish_reason);
    }
    expect(order).toEqual(['reasoning', 'content', 'call', 'tool_calls']);
    expect(JSON.parse(values)).toEqual({ city: 'Oslo' });
  });
});
