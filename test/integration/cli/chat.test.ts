/** `hearth chat` as a process over a pipe: what it keeps, its commands, and an app that ends in the middle. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { readControl } from '../../../main/app/control.ts';
import type { Message } from '../../../preload/contract/chat.ts';
import { serveFolder, type ServedApp } from '../../support/app-setup.ts';
import { hearth, objectsIn, startHearth } from '../../support/command-process.ts';
import { temporaryFolder } from '../../support/hub-setup.ts';
import { chatsOf, messagesOf } from '../../support/watched-chats.ts';

const ember = 'hearth/ember-3M/ember-3M-Q8_0.gguf';
const question = 'Who are you?';

async function serve(folder: string): Promise<ServedApp> {
  const app = await serveFolder(folder);
  onTestFinished(() => app.close());
  return app;
}
const ends = (out: string): Record<string, unknown>[] => objectsIn(out).filter(({ type }) => type === 'end');
const textOf = (message: Message | undefined): string =>
  (message?.parts ?? []).map((part) => (part.type === 'text' ? part.text : '')).join('');

it('answers each line, and keeps the chat for the window and for the next command', async () => {
  const folder = await temporaryFolder();
  const talked = await hearth(folder, ['chat', 'ember', '--json'], `${question}\n\nGood\\\nmorning\n`);
  expect([talked.code, talked.err]).toEqual([0, '']);
  const [first, second] = ends(talked.out);
  expect(first).toMatchObject({ modelId: ember, status: 'complete', endReason: 'end_of_turn' });
  expect(second?.['chatId']).toBe(first?.['chatId']);
  const said = objectsIn(talked.out).flatMap(({ type, text }) => (type === 'text' ? [String(text)] : []));
  expect(said.join('')).toMatch(/^I'm Ember\./);
  expect(readControl(path.join(folder, 'data'))).toBeNull();
  const plain = await hearth(folder, ['chat', '--resume'], question);
  expect([plain.code, plain.err]).toEqual([0, '']);
  expect(plain.out).toMatch(/^[^\u001b]+\n$/);
  const app = await serve(folder);
  const [chat, ...others] = await chatsOf(app);
  expect(others).toEqual([]);
  expect(chat?.id).toBe(first?.['chatId']);
  const messages = await messagesOf(app, chat?.id ?? '');
  expect(messages.map(({ role, status }) => [role, status])).toEqual(
    [1, 2, 3].flatMap(() => [
      ['user', 'complete'],
      ['assistant', 'complete'],
    ]),
  );
  expect(textOf(messages[2])).toBe('Good\nmorning');
});

it('is a chat of the running app, with the settings of its commands', async () => {
  const folder = await temporaryFolder();
  const app = await serve(folder);
  const lines = [
    question,
    '/set temperature 0.5',
    '/system Be brief.',
    '/undo',
    'Hi',
    '/retry',
    '/model',
    '/usr/bin is a path',
    '/exit',
    'never read',
  ];
  const { code, err, out } = await hearth(folder, ['chat', 'ember', '--json', '--max-tokens', '8'], lines.join('\n'));
  expect(code).toBe(0);
  expect(err).toContain('temperature 0.5');
  expect(err).toContain(`Taken back: ${question}`);
  expect(err).toContain(`The model is ${ember}.`);
  expect(ends(out)).toHaveLength(4);
  const [chat] = await chatsOf(app);
  const messages = await messagesOf(app, chat?.id ?? '');
  const shown = messages
    .filter(({ role }) => role === 'user')
    .map((message) => [textOf(message), message.parentId === null]);
  // The message that was taken back is another version of the first one.
  expect(shown).toEqual([
    [question, true],
    ['Hi', true],
    ['/usr/bin is a path', false],
  ]);
  const retried = messages.filter(({ parentId }) => parentId === messages.find((one) => textOf(one) === 'Hi')?.id);
  expect(retried).toHaveLength(2);
  expect(retried[1]?.sampling).toMatchObject({ temperature: 0.5, maxTokens: 8 });
});

it('saves a conversation, and goes on with a saved one', async () => {
  const folder = await temporaryFolder();
  const saved = path.join(folder, 'talk.json');
  const first = await hearth(
    folder,
    ['chat', 'ember', '--system', 'Be kind.'],
    `${question}\n/save talk.json\n/save talk.md\n`,
  );
  expect([first.code, first.err]).toEqual([0, 'Saved in talk.json.\nSaved in talk.md.\n']);
  const value = JSON.parse(readFileSync(saved, 'utf8')) as { messages: { role: string; content: string }[] };
  expect(value.messages.map(({ role }) => role)).toEqual(['system', 'user', 'assistant']);
  expect(readFileSync(path.join(folder, 'talk.md'), 'utf8')).toContain(value.messages[2]?.content);
  const second = await hearth(folder, ['chat', 'ember'], `/load talk.json\nThanks\n/save again.json\n`);
  expect([second.code, second.err]).toEqual([0, 'Loaded 2 messages from talk.json.\nSaved in again.json.\n']);
  const again = JSON.parse(readFileSync(path.join(folder, 'again.json'), 'utf8')) as typeof value;
  expect(again.messages.slice(0, 3)).toEqual(value.messages);
  expect(again.messages.map(({ role }) => role).slice(3)).toEqual(['user', 'assistant']);
  // A file of the user's own is not written over.
  expect(await hearth(folder, ['chat'], '/save talk.json\n')).toMatchObject({
    code: 1,
    err: expect.stringContaining('There is a file'),
  });
});

it.each([
  ['/nope', 'There is no command /nope.'],
  ['/modle', 'Did you mean /model?'],
  ['/set colour 1', '"colour" cannot be set.'],
  ['/set temperatur 1', 'Did you mean temperature?'],
  ['/set temperature 9', 'temperature must be at most 5.'],
  ['/set temperature', 'takes a number'],
  ['/model owner/None', 'is not on this computer'],
  ['/retry', 'There is no reply to write again.'],
  ['/load none.json', 'cannot be read'],
  ['/load bad.json', 'is no conversation'],
  ['/save', 'needs the name of a file'],
])('ends in a pipe at %s, which no one can mend', async (line, words) => {
  const folder = await temporaryFolder();
  writeFileSync(path.join(folder, 'bad.json'), '{"messages": [{"role": "user", "content": 1}]}');
  const { code, err } = await hearth(folder, ['chat'], `${line}\n`);
  expect([code, err]).toEqual([1, expect.stringContaining(words)]);
});

it('refuses what is no model and no chat', async () => {
  const folder = await temporaryFolder();
  expect((await hearth(folder, ['chat', 'owner/None'])).err).toMatch(/^model\.missing: /);
  expect((await hearth(folder, ['chat', '--resume'])).err).toMatch(/^not_found: There is no chat/);
  expect((await hearth(folder, ['chat', 'ember', '--temperature', '9'])).code).toBe(2);
});

it('is asked by other commands while no app runs, and a chat beside it goes on when it ends', async () => {
  const folder = await temporaryFolder();
  const data = path.join(folder, 'data');
  const owner = startHearth(folder, ['chat', 'ember', '--json']);
  owner.child.stdin.write(`${question}\n`);
  await owner.says('"end"');
  expect(readControl(data)?.pid).toBe(owner.child.pid);
  const beside = startHearth(folder, ['chat', 'ember', '--json']);
  beside.child.stdin.write(`${question}\n`);
  await beside.says('"end"');
  expect((await hearth(folder, ['ps', '--json'])).out).toContain('"running":true');
  expect((await hearth(folder, ['serve'])).err).toMatch(/^store\.in_use: A hearth command in a terminal/);
  owner.child.stdin.end();
  expect((await owner.ended).code).toBe(0);
  beside.child.stdin.write('Hi\n');
  await expect.poll(() => readControl(data)?.pid).toBe(beside.child.pid);
  beside.child.stdin.end();
  const { code, out, err } = await beside.ended;
  expect([code, err]).toEqual([0, '']);
  const [first, second] = ends(out);
  expect([second?.['chatId'], second?.['status']]).toEqual([first?.['chatId'], 'complete']);
});

it('goes on by itself when the app is killed, and nothing that was said is lost', async () => {
  const folder = await temporaryFolder();
  const owner = startHearth(folder, ['chat', 'ember', '--json']);
  owner.child.stdin.write(`${question}\n`);
  await owner.says('"end"');
  const beside = startHearth(folder, ['chat', '--resume', '--json']);
  beside.child.stdin.write('Hi\n');
  await beside.says('"end"');
  const killed = new Promise((resolve) => owner.child.once('exit', resolve));
  owner.child.kill('SIGKILL');
  await killed;
  beside.child.stdin.end('Thanks\n');
  const { code, err, out } = await beside.ended;
  expect([code, err]).toEqual([0, '']);
  expect(ends(out)).toHaveLength(2);
  const app = await serve(folder);
  const [chat] = await chatsOf(app);
  expect((await messagesOf(app, chat?.id ?? '')).filter(({ role }) => role === 'user').map(textOf)).toEqual([
    question,
    'Hi',
    'Thanks',
  ]);
});

it.skipIf(process.platform === 'win32')(
  'ends with 130 at a signal, with the reply stored as far as it came',
  async () => {
    const folder = await temporaryFolder();
    const chat = startHearth(folder, ['chat', 'ember', '--json']);
    chat.child.stdin.write(`${question}\n`);
    await chat.says('"text"');
    chat.child.kill('SIGINT');
    expect((await chat.ended).code).toBe(130);
    expect(existsSync(path.join(folder, 'data/control.json'))).toBe(false);
    const app = await serve(folder);
    const [kept] = await chatsOf(app);
    const messages = await messagesOf(app, kept?.id ?? '');
    expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant']);
    expect(['complete', 'stopped']).toContain(messages[1]?.status);
  },
);

it('goes on behind the reply that was written again, also after a message was taken back', async () => {
  const folder = await temporaryFolder();
  const app = await serve(folder);
  const lines = [question, 'Hi', '/undo', '/retry', 'And you?'];
  const { code, out } = await hearth(folder, ['chat', 'ember', '--json'], `${lines.join('\n')}\n`);
  expect(code).toBe(0);
  const [first, , again, last] = ends(out);
  const messages = await messagesOf(app, String(first?.['chatId']));
  const question2 = messages.find(({ id }) => id === messages.find((one) => one.id === last?.['messageId'])?.parentId);
  expect([textOf(question2), question2?.parentId]).toEqual(['And you?', again?.['messageId']]);
});
