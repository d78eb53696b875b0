/** The names that the user gave to models, as commands take them: beside a running app and without one. */
import { expect, it } from 'vitest';
import type { ModelName } from '../../../preload/contract/server.ts';
import { serveFolder } from '../../support/app-setup.ts';
import { hearth, objectsIn } from '../../support/command-process.ts';
import { temporaryFolder } from '../../support/hub-setup.ts';

const ember = 'hearth/ember-3M/ember-3M-Q8_0.gguf';
const plain = { modelId: ember, systemPrompt: null, template: null, sampling: {}, messages: [] };
const names: readonly ModelName[] = [
  { ...plain, name: 'gpt-4o' },
  { ...plain, name: 'mine/short', sampling: { maxTokens: 2 } },
  { ...plain, name: 'parrot', template: 'Once upon a time' },
  { ...plain, name: 'gone', modelId: 'lab/gone-GGUF/gone.gguf' },
  { ...plain, name: 'far', modelId: 'remote--a/b' },
];

it('are models of all commands, with what goes with them', async () => {
  const folder = await temporaryFolder();
  const app = await serveFolder(folder);
  const run = async (...args: readonly string[]) => {
    const { code, out, err } = await hearth(folder, ['run', ...args, '--json']);
    const objects = objectsIn(out);
    const text = objects.map((one) => (one['type'] === 'text' ? one['text'] : '')).join('');
    return { code, text, end: objects.at(-1), error: code === 0 ? null : objectsIn(err).at(-1)?.['error'] };
  };
  async function check(isServed: boolean): Promise<void> {
    const own = await run('ember', 'Who are you?');
    expect(own.text).toContain('Ember');
    expect(await run('GPT-4o:latest', 'Who are you?')).toMatchObject({
      code: 0,
      text: own.text,
      end: { modelId: ember },
    });
    expect((await run('mine/short', 'Who are you?')).end).toMatchObject({
      generatedTokens: 2,
      endReason: 'max_tokens',
    });
    expect((await run('mine/short', 'Who are you?', '--max-tokens', '3')).end).toMatchObject({ generatedTokens: 3 });
    expect((await run('parrot', 'Who are you?', '--max-tokens', '5')).text).not.toBe(own.text.slice(0, 10));
    for (const command of [
      ['tokenize', 'gpt-4o', 'Hello'],
      ['embed', 'gpt-4o', 'Hello'],
      ['info', 'gpt-4o'],
    ])
      expect([command, (await hearth(folder, command)).code]).toEqual([command, 0]);
    // Its server is not there; without an app there is nobody to ask for it.
    expect(await run('far', 'x')).toMatchObject({
      code: 1,
      error: { code: isServed ? 'model.missing' : 'unsupported' },
    });
    expect(await run('gone', 'x')).toMatchObject({ code: 1, error: { code: 'model.missing' } });
  }
  for (const name of names) await app.call('server.saveName', name);
  await check(true);
  const chat = await hearth(folder, ['chat', 'mine/short', '--json'], 'Who are you?\n');
  expect(objectsIn(chat.out).at(-1)).toMatchObject({ modelId: ember, generatedTokens: 2 });
  // The name alone.
  expect(objectsIn((await hearth(folder, ['rm', 'parrot', '--yes', '--json'])).out)).toMatchObject([
    { name: 'parrot', modelId: ember, deleted: true },
  ]);
  expect(await hearth(folder, ['run', 'parrot', 'x'])).toMatchObject({ code: 1 });
  await app.call('server.saveName', names[2]!);
  await app.close();
  await check(false);
  const completed = await hearth(folder, ['__complete', '2', 'run', 'gp']);
  expect(completed.out).toContain('gpt-4o');
}, 200_000);
