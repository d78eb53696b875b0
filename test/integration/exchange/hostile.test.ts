/** Files that are made to do harm, or that are merely broken: refused in words, or read as far as they go. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { listChatIds, listHiddenChats } from '../../../main/store/chats.ts';
import { listMessages } from '../../../main/store/messages.ts';
import { textOf } from '../../../preload/contract/message-parts.ts';
import { fillDisk } from '../../support/full-disk.ts';
import { setUpExchange, type ExchangeSetup } from '../../support/exchange-setup.ts';
import { zipOf } from '../../support/zip-file.ts';

let setup: ExchangeSetup;
beforeEach(() => {
  setup = setUpExchange();
});
afterEach(() => setup.close());

const refused = async (bytes: string | Uint8Array, reason: string): Promise<void> => {
  await expect(setup.look(bytes)).rejects.toMatchObject({ code: 'invalid_input', data: { reason } });
  // Nothing is left of it.
  expect(readdirSync(path.join(setup.folder, 'importing'))).toEqual([]);
};
const left = async (bytes: string | Uint8Array): Promise<Record<string, number>> =>
  Object.fromEntries((await setup.look(bytes)).leftOut.map(({ kind, count }) => [kind, count]));
const mapped = (nodes: Record<string, { parent: string | null }>): string =>
  JSON.stringify([
    {
      title: 'Loop',
      mapping: Object.fromEntries(
        Object.entries(nodes).map(([id, { parent }]) => [
          id,
          { id, parent, message: { author: { role: 'user' }, content: { content_type: 'text', parts: [id] } } },
        ]),
      ),
    },
  ]);

describe('JSON', () => {
  it('that is none, has no chats, or nests too deeply is refused', async () => {
    await refused('', 'import_no_chats');
    await refused('hello', 'import_not_json');
    await refused('[{"a":}]', 'import_not_json');
    await refused('{"a":[1,2,{"b":null}]}', 'import_no_chats');
    await refused(`[${'['.repeat(100_000)}`, 'import_too_deep');
    await refused(Buffer.from([0xff, 0xfe, 0x00, 0x01]), 'import_not_json');
  });

  it('with circles, lost parents and missing fields is mended, and says so', async () => {
    const bytes = mapped({ a: { parent: 'b' }, b: { parent: 'a' }, c: { parent: 'nowhere' }, d: { parent: 'd' } });
    expect(await left(bytes)).toEqual({ broken_links: 3 });
    const brought = await setup.bring(bytes);
    expect(listMessages(setup.store, brought.firstChatId!)).toHaveLength(4);
    for (const odd of [
      { mapping: { x: null, y: 5, z: { message: { content: 7 } } } },
      { chat_messages: [null, {}, 3] },
    ])
      await setup.look(`[${JSON.stringify(odd)},${JSON.stringify({ messages: [{ role: 'user', content: 'x' }] })}]`);
  });

  it('with values of wrong types everywhere is read as far as it goes', async () => {
    const wrong = [null, true, 0, -1, 1e308, '', [], {}, [[]], '\u0000'];
    const keys = [
      'title',
      'mapping',
      'chat_messages',
      'messages',
      'conversations',
      'chat',
      'history',
      'versions',
      'role',
      'content',
      'parts',
      'actions',
      'prompt',
      'gamestarted',
      'object',
      'id',
      'create_time',
      'type',
      'files',
    ];
    const odd = keys.flatMap((key) => wrong.map((value) => ({ title: 'x', [key]: value })));
    const good = { messages: [{ role: 'user', content: 'kept' }] };
    const brought = await setup.bring(JSON.stringify([...odd, good]));
    expect(brought.addedChats).toBeGreaterThanOrEqual(1);
  });

  it('with a million messages in one chat leaves that chat out', async () => {
    const many = `{"title":"Endless","messages":[${Array(1_000_000).fill('{"role":"user","content":"x"}').join(',')}]}`;
    expect(await left(`[${many},{"messages":[{"role":"user","content":"x"}]}]`)).toEqual({ huge_chats: 1 });
  }, 60_000);

  it('with lone surrogates, null characters and a cut end keeps the rest', async () => {
    const bytes = '[{"messages":[{"role":"user","content":"a\\ud800b\\u0000c"}]},{"messages":[{"role":"us';
    expect(await left(bytes)).toEqual({ bad_characters: 1, cut_off: 1 });
    const brought = await setup.bring(bytes);
    expect(textOf(listMessages(setup.store, brought.firstChatId!)[0]!)).toBe('a\ufffdb\ufffdc');
  });
});

describe('archives', () => {
  it('that unpack to far too much are refused, whatever they claim', async () => {
    const packed = deflateRawSync(Buffer.alloc(64 * 1024 * 1024, 0x20));
    const zip = await zipOf({ 'conversations.json': 'x' });
    // The entry is replaced by one that claims a hundred bytes and has millions.
    const at = zip.indexOf('conversations.json') + 'conversations.json'.length;
    const end = zip.indexOf(Buffer.from([0x50, 0x4b, 1, 2]));
    const bomb = Buffer.concat([zip.subarray(0, at), packed, zip.subarray(end)]);
    const directory = bomb.indexOf(Buffer.from([0x50, 0x4b, 1, 2]), at + packed.length);
    bomb.writeUInt32LE(packed.length, directory + 20);
    bomb.writeUInt32LE(directory, bomb.length - 6);
    await refused(bomb, 'import_zip_bomb');
  });

  it('that are damaged or have a password are refused', async () => {
    const zip = await zipOf({ 'conversations.json': '[]' });
    await refused(zip.subarray(0, zip.length - 30), 'import_zip_damaged');
    await refused(Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(100)]), 'import_zip_damaged');
    const secret = Buffer.from(zip);
    const directory = secret.indexOf(Buffer.from([0x50, 0x4b, 1, 2]));
    secret.writeUInt16LE(1, directory + 8);
    await refused(secret, 'import_zip_encrypted');
  });
});

it('a full disk takes the whole import back', async () => {
  const lines = Array.from({ length: 40 }, (_, index) =>
    JSON.stringify({ messages: [{ role: 'user', content: `${index} `.repeat(3000) }] }),
  );
  const free = fillDisk(setup.store);
  await expect(setup.bring(lines.join('\n'))).rejects.toMatchObject({ code: 'disk.full' });
  free();
  expect(listChatIds(setup.store)).toEqual([]);
});

it('a process that is killed in the middle of an import leaves no chat of it', async () => {
  const child = spawn(
    process.execPath,
    [path.join(import.meta.dirname, '../../support/import-until-killed.ts'), setup.folder],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await setup.close();
  // It says when some chats are stored, and is killed then.
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
  setup = setUpExchange(setup.folder);
  expect(listHiddenChats(setup.store).length).toBeGreaterThan(20);
  expect(listChatIds(setup.store)).toEqual([]);
  // What every start does after a moment.
  setup.chats.beginHidden();
  await vi.waitFor(() => expect(listHiddenChats(setup.store)).toEqual([]), { timeout: 30_000, interval: 50 });
  await setup.chats.close();
  for (const name of readdirSync(setup.folder))
    if (statSync(path.join(setup.folder, name)).isFile())
      expect(readFileSync(path.join(setup.folder, name)).includes('pangolin'), name).toBe(false);
}, 60_000);
