/** What an export has comes back with an import: the tree, every part, the files, and the words where people read them. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Message } from '../../../preload/contract/chat.ts';
import type { MessagePart } from '../../../preload/contract/message-parts.ts';
import { getChat, listChatIds, putChat } from '../../../main/store/chats.ts';
import { listMessages, putMessage } from '../../../main/store/messages.ts';
import { transaction } from '../../../main/store/store.ts';
import { setUpExchange, type ExchangeSetup } from '../../support/exchange-setup.ts';

let setup: ExchangeSetup;
beforeEach(() => {
  setup = setUpExchange();
});
afterEach(() => setup.close());

const sampling = { temperature: 0.7, topK: 40, topP: 0.9, minP: 0, repeatPenalty: 1.1, maxTokens: null, seed: 5 };

/** A chat with two versions of a reply, every kind of part and a picture. Returns its id. */
async function putWholeChat(title = 'Whole <chat> & "more"'): Promise<string> {
  const { store, files } = setup;
  async function* bytes(): AsyncGenerator<Uint8Array> {
    yield Buffer.from([0x89, 0x50, 0x4e, 0x47, 1, 2, 3]);
  }
  const stored = await files.putFile(bytes(), { maxBytes: 100 });
  const file = { sha256: stored.sha256, name: 'dot.png', mediaType: 'image/png', sizeBytes: stored.sizeBytes };
  const id = `chat-${listChatIds(store).length}`;
  const message = (
    key: string,
    parent: string | null,
    role: Message['role'],
    parts: MessagePart[],
    more = {},
  ): Message => ({
    ...{ id: `${id}-${key}`, chatId: id, parentId: parent === null ? null : `${id}-${parent}`, role, parts },
    ...{
      status: 'complete',
      error: null,
      modelId: null,
      modelName: null,
      sampling: null,
      timing: null,
      createdAt: 1_700_000_000_000,
    },
    ...more,
  });
  transaction(store, () => {
    putChat(store, {
      ...{ id, title, pinned: true, modelId: 'a/b/c.gguf', systemPrompt: 'Be exact.', sampling },
      ...{ contextPolicy: 'cut_middle', leafId: null, createdAt: 1_700_000_000_000, updatedAt: 1_700_000_009_000 },
    });
    putMessage(
      store,
      message('u', null, 'user', [
        { type: 'text', text: 'Look: # no heading\n```js\n1 < 2\n```' },
        { type: 'text', text: 'a,b', name: 'table.csv' },
        { type: 'image', file, width: 1, height: 2 },
      ]),
    );
    putMessage(
      store,
      message(
        'a',
        'u',
        'assistant',
        [
          { type: 'reasoning', text: 'Thinking <hard>.', durationMs: 1200 },
          { type: 'text', text: '**Bold** <script>alert(1)</script> [x](javascript:alert(1))' },
          { type: 'tool_call', callId: 'c1', name: 'f', arguments: '{"a":1}' },
        ],
        {
          ...{ modelId: 'a/b/c.gguf', modelName: 'C', sampling, status: 'stopped' },
          timing: {
            promptTokens: 1,
            reusedTokens: 0,
            promptMs: 1,
            generatedTokens: 2,
            generateMs: 3,
            firstTokenMs: 4,
            contextSize: 512,
            omittedMessages: 0,
            endReason: 'stopped',
            seed: 7,
          },
        },
      ),
    );
    putMessage(
      store,
      message('t', 'a', 'tool', [
        { type: 'tool_result', callId: 'c1', name: 'f', parts: [{ type: 'text', text: 'r' }], isError: false },
      ]),
    );
    putMessage(
      store,
      message('b', 'u', 'assistant', [], {
        status: 'failed',
        error: { code: 'engine.crashed', message: 'It ended.', data: { code: 1 } },
      }),
    );
    putChat(store, { ...getChatRow(id), leafId: `${id}-t` });
  });
  files.settle([stored.hold]);
  return id;
}
const getChatRow = (id: string): ReturnType<typeof getChat> => getChat(setup.store, id);

/** A chat without its ids: messages name their parents by place. */
function withoutIds(id: string): unknown {
  const { id: _id, leafId, ...chat } = getChat(setup.store, id);
  const messages = listMessages(setup.store, id);
  const place = (of: string | null): number => messages.findIndex((message) => message.id === of);
  return {
    ...chat,
    leaf: place(leafId),
    messages: messages.map(({ id: _own, chatId: _chat, parentId, ...message }) => ({
      ...message,
      parent: place(parentId),
    })),
  };
}

describe('JSON', () => {
  it('comes back as an equal chat, and a second time is known', async () => {
    const id = await putWholeChat();
    const before = withoutIds(id);
    const json = await setup.exported('json');
    expect((await setup.look(json)).duplicateCount).toBe(1);
    expect(await setup.bring(json)).toMatchObject({ addedChats: 0, skippedChats: 1 });
    await setup.chats.delete(id);
    const brought = await setup.bring(json);
    expect(brought).toMatchObject({ addedChats: 1, skippedChats: 0, duplicateCount: 0, leftOut: [] });
    expect(withoutIds(brought.firstChatId!)).toEqual(before);
    expect(await setup.bring(json)).toMatchObject({ addedChats: 0, skippedChats: 1 });
    expect(await setup.bring(json, false)).toMatchObject({ addedChats: 1, skippedChats: 0 });
  });

  it('has the bytes of the files, which another data folder gets as well', async () => {
    await putWholeChat();
    const json = await setup.exported('json', { archive: true });
    const other = setUpExchange();
    try {
      const brought = await other.bring(json);
      expect(brought).toMatchObject({ addedChats: 1, leftOut: [] });
      const image = listMessages(other.store, brought.firstChatId!)[0]!.parts[2]!;
      expect(image.type === 'image' && other.files.sizeOf(image.file.sha256)).toBe(7);
    } finally {
      await other.close();
    }
  });
});

it('an import is taken back, but for what went on since', async () => {
  const line = (text: string): string => JSON.stringify({ messages: [{ role: 'user', content: text }] });
  const brought = await setup.bring(`${line('one')}\n${line('two')}\n${line('three')}`);
  const [first] = listChatIds(setup.store);
  setup.chats.update({ chatId: first!, title: 'Renamed' });
  transaction(setup.store, () => putChat(setup.store, { ...getChat(setup.store, first!), updatedAt: Date.now() + 1 }));
  expect(setup.exchange.undoImport(brought.importId)).toEqual({ removedChats: 2, keptChats: 1 });
  expect(listChatIds(setup.store)).toEqual([first]);
});

it('text and Markdown have the shown path', async () => {
  await putWholeChat();
  const markdown = (await setup.exported('markdown')).toString();
  expect(markdown).toMatch(/^# Whole <chat> & "more"\n/);
  expect(markdown).toContain('## System prompt\n\n> Be exact.');
  expect(markdown).toContain('> **Reasoning**\n>\n> Thinking <hard>.');
  expect(markdown).toContain('**table.csv**\n\n```\na,b\n```');
  const text = (await setup.exported('text', { reasoning: false })).toString();
  expect(text).not.toContain('Thinking');
  expect(text).toContain('C:\n**Bold**');
  // The other version is not on the path.
  expect(text).not.toContain('It ended.');
});

it('HTML has no script, no foreign address and what was written', async () => {
  await putWholeChat();
  const html = (await setup.exported('html')).toString();
  expect(html).toContain('<strong>Bold</strong> &lt;script&gt;alert(1)&lt;/script&gt;');
  expect(html).not.toMatch(/<script|javascript:/);
  expect(html).toContain("default-src 'none'");
  expect(html).toContain('<title>Whole &lt;chat&gt; &amp; &quot;more&quot;</title>');
  expect(html).toContain('src="data:image/png;base64,');
});

it('several chats are an archive that other programs open, with a name for each', async () => {
  for (const title of ['Same', 'same', '../..\\x:*', 'CON', '']) await putWholeChat(title);
  const zip = path.join(setup.folder, 'x.zip');
  writeFileSync(zip, await setup.exported('markdown'));
  const listed = execFileSync('python3', [
    '-c',
    `import zipfile,json;z=zipfile.ZipFile(${JSON.stringify(zip)});assert z.testzip() is None;print(json.dumps(z.namelist()))`,
  ]);
  const names = JSON.parse(listed.toString()) as string[];
  expect(names.sort()).toEqual(['New chat.md', 'Same (2).md', 'chat.md', 'same.md', 'x.md']);
});
