/**
 * The formats of other programs. The fixtures are made by hand: ChatGPT, Claude, Open WebUI, LM Studio, Jan and KoboldCpp from what
 * published files and parsers of these programs show, GPT4All from the source of its own reader and writer, ShareGPT and OpenAI from their
 * documentation.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { textOf } from '../../../preload/contract/message-parts.ts';
import { getChat, listChatIds } from '../../../main/store/chats.ts';
import { listMessages } from '../../../main/store/messages.ts';
import { setUpExchange, type ExchangeSetup } from '../../support/exchange-setup.ts';
import { zipOf } from '../../support/zip-file.ts';

let setup: ExchangeSetup;
beforeEach(() => {
  setup = setUpExchange();
});
afterEach(() => setup.close());

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

/** The only chat as lines `place<parent role (model): parts`, with its title, prompt and shown leaf. */
function told(): { title: string; system: string; leaf: number; lines: string[]; at: number[] } {
  const ids = listChatIds(setup.store);
  expect(ids).toHaveLength(1);
  const chat = getChat(setup.store, ids[0]!);
  const messages = listMessages(setup.store, chat.id);
  const place = (id: string | null): number => messages.findIndex((message) => message.id === id);
  return {
    title: chat.title,
    system: chat.systemPrompt,
    leaf: place(chat.leafId),
    at: messages.map(({ createdAt }) => createdAt),
    lines: messages.map(({ parentId, role, modelName, parts }, index) => {
      const words = parts.map((part) =>
        part.type === 'text' && part.name !== undefined
          ? `{${part.name}: ${part.text}}`
          : part.type === 'text'
            ? part.text.trim()
            : part.type === 'reasoning'
              ? `(${part.text})`
              : part.type,
      );
      return `${index}<${place(parentId)} ${role}${modelName === null ? '' : ` (${modelName})`}: ${words.join(' ')}`;
    }),
  };
}

describe('ChatGPT', () => {
  const node = (id: string, parent: string | null, message: object | null): [string, object] => [
    id,
    { id, parent, children: [], message },
  ];
  const said = (role: string, content: object, more: object = {}): object => ({
    ...{ id: 'm', author: { role }, create_time: 1_700_000_000.5, recipient: 'all', metadata: {}, content, ...more },
  });
  const text = (...parts: unknown[]): object => ({ content_type: 'text', parts });
  const conversation = {
    title: 'A trip',
    create_time: 1_700_000_000,
    update_time: 1_700_000_100,
    current_node: 'a2',
    conversation_id: 'c',
    mapping: Object.fromEntries([
      node('root', null, null),
      node('s', 'root', said('system', text(''), { metadata: { is_visually_hidden_from_conversation: true } })),
      node(
        'u1',
        's',
        said('user', {
          content_type: 'multimodal_text',
          parts: [
            { content_type: 'image_asset_pointer', asset_pointer: 'file-service://file-ABCDEF12', size_bytes: 70 },
            'What is this?',
          ],
        }),
      ),
      node(
        't',
        'u1',
        said('assistant', { content_type: 'thoughts', thoughts: [{ summary: 'Looking', content: 'A dot.' }] }),
      ),
      node(
        'c',
        't',
        said('assistant', { content_type: 'code', language: 'python', text: 'print(1)' }, { recipient: 'python' }),
      ),
      node('o', 'c', said('tool', { content_type: 'execution_output', text: '1' })),
      node('a1', 'o', said('assistant', text('A red dot.'), { metadata: { model_slug: 'gpt-5' } })),
      node('a2', 'u1', said('assistant', text('A pixel.'), { metadata: { model_slug: 'gpt-4o' } })),
    ]),
  };
  const expected = [
    '0<-1 user: image What is this?',
    '1<0 assistant (gpt-5): (Looking\n\nA dot.) ```python\nprint(1)\n``` ```\n1\n``` A red dot.',
    '2<0 assistant (gpt-4o): A pixel.',
  ];

  it('keeps the tree, the models, the reasoning and the pictures of the archive', async () => {
    const brought = await setup.bring(
      await zipOf({
        'conversations.json': JSON.stringify([conversation]),
        'file-ABCDEF12-photo.png': png,
        'user.json': '{"email":"x@example.com"}',
        'chat.html': '<html></html>',
      }),
    );
    expect(brought.formats).toEqual([{ format: 'chatgpt', chats: 1 }]);
    expect(told()).toEqual({
      ...{ title: 'A trip', system: '', leaf: 2, lines: expected },
      at: [1_700_000_000_500, 1_700_000_000_500, 1_700_000_000_500],
    });
    expect(brought.leftOut).toContainEqual({ kind: 'other_files', count: 2, examples: ['user.json', 'chat.html'] });
    expect(Object.fromEntries(brought.cameOver.map(({ kind, count }) => [kind, count]))).toMatchObject({
      ...{ chats: 1, messages: 3, versions: 1, reasoning: 1, files: 1, models: 2, tool_steps: 2 },
    });
  });

  it('says which pictures did not come with the file alone', async () => {
    const brought = await setup.bring(JSON.stringify([conversation]));
    expect(brought.leftOut).toContainEqual({ kind: 'images', count: 1, examples: ['file-service://file-ABCDEF12'] });
    expect(told().lines[0]).toBe('0<-1 user: What is this?');
  });
});

it('Claude: attachments as texts, thinking, tools, and a tree where the parents are named', async () => {
  const root = '00000000-0000-4000-8000-000000000000';
  const message = (uuid: string, parent: string, sender: string, content: object[], more: object = {}): object => ({
    ...{ uuid, sender, text: 'old', content, parent_message_uuid: parent, attachments: [], files: [], ...more },
    created_at: '2026-03-29T07:06:35.552627Z',
  });
  const brought = await setup.bring(
    JSON.stringify([
      {
        ...{ uuid: 'c', name: 'Calendar', created_at: '2026-03-29T07:00:00Z', updated_at: '2026-03-29T08:00:00Z' },
        account: { uuid: 'x' },
        chat_messages: [
          message('u', root, 'human', [{ type: 'text', text: 'Read this.' }], {
            attachments: [{ file_name: 'notes/a.txt', file_size: 3, extracted_content: 'abc' }],
            files: [{ file_name: 'photo.png' }],
          }),
          message('a', 'u', 'assistant', [
            { type: 'thinking', thinking: 'Hm.' },
            { type: 'tool_use', name: 'search', input: { q: 'x' } },
            { type: 'tool_result', content: [{ type: 'text', text: 'found' }] },
            { type: 'text', text: 'Done.' },
          ]),
          message('b', 'u', 'assistant', [{ type: 'text', text: 'Other.' }]),
        ],
      },
    ]),
  );
  expect(brought.formats).toEqual([{ format: 'claude', chats: 1 }]);
  expect(told()).toMatchObject({
    title: 'Calendar',
    leaf: 2,
    lines: [
      '0<-1 user: {notes_a.txt: abc} Read this.',
      '1<0 assistant: (Hm.) ```\nsearch\n{\n  "q": "x"\n}\n``` ```\nfound\n``` Done.',
      '2<0 assistant: Other.',
    ],
  });
  expect(brought.leftOut).toEqual([{ kind: 'images', count: 1, examples: ['photo.png'] }]);
});

it('Open WebUI: the tree of the history, reasoning in the text, pictures in the file', async () => {
  const brought = await setup.bring(
    JSON.stringify([
      {
        ...{ id: 'x', user_id: 'u', title: 'T', updated_at: 1_700_000_050, created_at: 1_700_000_000, pinned: true },
        chat: {
          title: 'Greeting',
          models: ['qwen3:4b'],
          params: { system: 'Be brief.' },
          history: {
            currentId: 'a1',
            messages: {
              u: {
                id: 'u',
                parentId: null,
                role: 'user',
                content: 'Hi',
                timestamp: 1_700_000_001,
                files: [{ type: 'image', url: `data:image/png;base64,${png.toString('base64')}` }],
              },
              a1: {
                id: 'a1',
                parentId: 'u',
                role: 'assistant',
                model: 'qwen3:4b',
                timestamp: 1_700_000_002,
                content:
                  '<details type="reasoning" done="true" duration="3">\n<summary>Thought for 3 seconds</summary>\n&gt; A greeting.\n&gt; Easy.\n</details>\nHello!',
              },
              a2: {
                id: 'a2',
                parentId: 'u',
                role: 'assistant',
                modelName: 'Big',
                content: '<think>Hm</think>Good day.',
              },
            },
          },
        },
      },
    ]),
  );
  expect(brought.formats).toEqual([{ format: 'open_webui', chats: 1 }]);
  expect(told()).toMatchObject({
    ...{ title: 'Greeting', system: 'Be brief.', leaf: 1 },
    lines: [
      '0<-1 user: image Hi',
      '1<0 assistant (qwen3:4b): (A greeting.\nEasy.) Hello!',
      '2<0 assistant (Big): (Hm) Good day.',
    ],
  });
});

it('LM Studio: versions, the selected one, steps and thinking', async () => {
  const step = (text: string, style?: object): object => ({
    ...{ type: 'contentBlock', content: [{ type: 'text', text }], ...(style ? { style } : {}) },
  });
  const reply = (...steps: object[]): object => ({
    ...{ type: 'multiStep', role: 'assistant', senderInfo: { senderName: 'qwen/qwen3-4b' }, steps },
  });
  const ask = (text: string): object => ({ type: 'singleStep', role: 'user', content: [{ type: 'text', text }] });
  const brought = await setup.bring(
    JSON.stringify({
      ...{ name: 'Sums', pinned: false, createdAt: 1_700_000_000_000, systemPrompt: 'Count.' },
      messages: [
        { versions: [ask('1+1')], currentlySelected: 0 },
        {
          versions: [
            reply(step('3')),
            reply(step('One and one', { type: 'thinking', title: 'Thought' }), step('2'), {
              type: 'debugInfoBlock',
              debugInfo: 'x',
            }),
          ],
          currentlySelected: 1,
        },
        { versions: [ask('Thanks')], currentlySelected: 0 },
      ],
    }),
  );
  expect(brought.formats).toEqual([{ format: 'lm_studio', chats: 1 }]);
  expect(brought.leftOut).toEqual([]);
  expect(told()).toMatchObject({
    ...{ title: 'Sums', system: 'Count.', leaf: 3 },
    lines: [
      '0<-1 user: 1+1',
      '1<0 assistant (qwen/qwen3-4b): 3',
      '2<0 assistant (qwen/qwen3-4b): (One and one) 2',
      '3<2 user: Thanks',
    ],
  });
});

it('Jan: a folder of a thread as an archive', async () => {
  const line = (id: string, role: string, value: string): string =>
    JSON.stringify({
      ...{ id, object: 'thread.message', thread_id: 't', role, status: 'ready', created_at: 1_700_000_000 },
      content: [{ type: 'text', text: { value, annotations: [] } }],
    });
  const brought = await setup.bring(
    await zipOf({
      'threads/t/messages.jsonl': `${line('1', 'user', 'Hi')}\n${line('2', 'assistant', 'Hello')}\n`,
      'threads/t/thread.json': JSON.stringify({
        ...{ id: 't', object: 'thread', title: 'First', created: 1_700_000_000, updated: 1_700_000_001 },
        assistants: [{ id: 'jan', model: { id: 'Jan-v1-4B', engine: 'llamacpp' }, instructions: 'Help.' }],
      }),
    }),
  );
  expect(brought.formats).toEqual([{ format: 'jan', chats: 1 }]);
  expect(told()).toMatchObject({
    ...{ title: 'First', system: 'Help.', leaf: 1 },
    lines: ['0<-1 user: Hi', '1<0 assistant (Jan-v1-4B): Hello'],
  });
});

it('GPT4All: version 12 of its own form, with an attachment, and a file that ends early', async () => {
  const words = (text: string): Buffer => {
    const encoded = Buffer.from(text, 'utf16le').swap16();
    return Buffer.concat([u32(encoded.length), encoded]);
  };
  const bytes = (text: string): Buffer => Buffer.concat([u32(Buffer.byteLength(text)), Buffer.from(text)]);
  const u32 = (value: number): Buffer =>
    Buffer.from([value >>> 24, value >>> 16, value >>> 8, value].map((one) => one & 255));
  const i64 = (value: number): Buffer => Buffer.concat([u32(0), u32(value)]);
  const item = (name: string, value: string, attached: readonly (readonly [string, string])[] = []): Buffer =>
    Buffer.concat([
      ...[words(name), words(value), words(''), Buffer.from([0, 0, 0, 0])],
      ...(name === 'Response: ' ? [Buffer.from([0])] : []),
      ...[i64(0), i64(attached.length)],
      ...attached.flatMap(([url, content]) => [bytes(url), bytes(content)]),
      i64(0),
    ]);
  const chat = Buffer.concat([
    ...[
      u32(0xf5d553cc),
      u32(12),
      i64(1_700_000_000),
      words('id'),
      words('Größe'),
      words(''),
      words('llama3.gguf'),
      u32(0),
    ],
    ...[u32(2), item('Prompt: ', 'How big?', [['file:///home/x/a%20b.txt', 'abc']]), item('Response: ', 'Very.')],
  ]);
  const brought = await setup.bring(chat);
  expect(brought.formats).toEqual([{ format: 'gpt4all', chats: 1 }]);
  expect(told()).toMatchObject({
    title: 'Größe',
    lines: ['0<-1 user: {a b.txt: abc} How big?', '1<0 assistant (llama3.gguf): Very.'],
    at: [1_700_000_000_000, 1_700_000_000_000],
  });
  const cut = await setup.look(chat.subarray(0, chat.length - 20));
  expect(cut.leftOut).toContainEqual({ kind: 'cut_off', count: 1, examples: ['Größe'] });
});

it('KoboldCpp: a story of instructions, one of a chat, and one without marks', async () => {
  const story = (opmode: number, prompt: string, actions: string[], more: object = {}): string =>
    JSON.stringify({
      gamestarted: true,
      prompt,
      actions,
      memory: 'Old times.',
      worldinfo: [{ key: 'x' }],
      savedsettings: { opmode, ...more },
    });
  await setup.bring(
    story(4, '\n### Instruction:\nHi\n### Response:\n', ['Hello.', '\n### Instruction:\nBye\n### Response:\n', 'Bye.']),
  );
  expect(told()).toMatchObject({
    ...{ title: 'Hi', system: 'Old times.' },
    lines: ['0<-1 user: Hi', '1<0 assistant: Hello.', '2<1 user: Bye', '3<2 assistant: Bye.'],
  });
  setup.chats.discard(listChatIds(setup.store));
  const chat = await setup.bring(
    story(3, 'Ann: Hi\nBot: Hello', ['\nAnn: Bye\n', 'Bot: Bye'], { chatname: 'Ann', chatopponent: 'Bot' }),
  );
  expect(told().lines).toEqual(['0<-1 user: Hi', '1<0 assistant: Hello', '2<1 user: Bye', '3<2 assistant: Bye']);
  expect(chat.leftOut).toContainEqual(expect.objectContaining({ kind: 'story_notes', count: 1 }));
  setup.chats.discard(listChatIds(setup.store));
  await setup.bring(story(1, 'Once upon', [' a time.']));
  expect(told().lines).toEqual(['0<-1 assistant: Once upon a time.']);
});

it('ShareGPT and OpenAI: lists, JSON Lines, tools and pictures', async () => {
  const shared = await setup.bring(
    `${JSON.stringify({
      id: '1',
      system: 'S.',
      conversations: [
        { from: 'human', value: 'A' },
        { from: 'gpt', value: '<think>t</think>B' },
      ],
    })}\n` +
      `${JSON.stringify({
        messages: [
          { role: 'system', content: 'Be kind.' },
          {
            role: 'user',
            content: [
              { type: 'text', text: 'C' },
              { type: 'image_url', image_url: { url: 'https://example.com/x.png' } },
            ],
          },
          {
            role: 'assistant',
            content: null,
            tool_calls: [{ id: 'x', function: { name: 'f', arguments: '{"a":1}' } }],
          },
          { role: 'tool', tool_call_id: 'x', content: '2' },
          { role: 'assistant', content: 'D', reasoning_content: 'r' },
        ],
      })}\n`,
  );
  expect(shared.formats).toEqual([
    { format: 'sharegpt', chats: 1 },
    { format: 'messages', chats: 1 },
  ]);
  expect(shared.leftOut).toEqual([{ kind: 'images', count: 1, examples: [] }]);
  const all = listChatIds(setup.store).map((id) => [
    getChat(setup.store, id).systemPrompt,
    ...listMessages(setup.store, id).map(textOf),
  ]);
  expect(all.map(([system]) => system).sort()).toEqual(['Be kind.', 'S.']);
  expect(all.find(([system]) => system === 'Be kind.')?.at(-1)).toBe(
    '\n\n```\nf\n{"a":1}\n```\n\n\n\n```\n2\n```\n\nD',
  );
  setup.chats.discard(listChatIds(setup.store));
  await setup.bring(
    JSON.stringify([
      { role: 'user', content: 'Alone' },
      { role: 'assistant', content: 'Yes' },
    ]),
  );
  expect(told().lines).toEqual(['0<-1 user: Alone', '1<0 assistant: Yes']);
});
