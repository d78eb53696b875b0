/** The commands that use models, as processes, beside a running app and without one. */
import { spawn, type ChildProcess } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { checkoutRoot } from '../../../main/app/layout.ts';
import { readControl } from '../../../main/app/control.ts';
import { startHub } from '../../hub-server/hub-server.ts';
import { serveFolder, type ServedApp } from '../../support/app-setup.ts';
import { commandEnvironment, hearth, objectsIn, startHearth } from '../../support/command-process.ts';
import { temporaryFolder } from '../../support/hub-setup.ts';
import { storiesPath } from '../../support/native-setup.ts';

const ember = 'hearth/ember-3M/ember-3M-Q8_0.gguf';
const question = 'Who are you?';

async function serve(folder: string, variables?: Readonly<Record<string, string>>): Promise<ServedApp> {
  const app = await serveFolder(folder, variables);
  onTestFinished(() => app.close());
  return app;
}

/** The ids of the models in the app's memory. */
async function loaded(folder: string): Promise<unknown[]> {
  const { out } = await hearth(folder, ['ps', '--json']);
  return (objectsIn(out)[0]?.['models'] as { modelId: string }[]).map(({ modelId }) => modelId);
}

describe('a command that uses a model', () => {
  it('answers the same from the app as from an engine of its own', async () => {
    const folder = await temporaryFolder();
    const commands: (readonly [args: readonly string[], input?: string])[] = [
      [['run', 'ember', question]],
      [['run', 'ember'], `${question}\n`],
      [['run', 'ember', '-'], question],
      [['run', ember, question, '--max-tokens', '4', '--seed', '1', '--temperature', '0.7', '--top-k', '5']],
      [['run', 'ember', '--raw', 'Once', '--stop', ' ', '--max-tokens', '20']],
      [['embed', 'ember', 'one', 'two', '--dimensions', '8']],
      [['embed', 'ember'], 'one\n\ntwo\n'],
      [['tokenize', 'ember', 'Hello there']],
      [['tokenize', 'ember'], 'Hello there\n'],
      [['tokenize', 'ember', '1462 673', '--decode']],
      [['run', storiesPath, '--raw', 'Once upon', '--max-tokens', '8']],
    ];
    const alone = [];
    for (const [args, input] of commands) alone.push(await hearth(folder, args, input));
    expect(alone.map(({ code, err }) => [code, err])).toEqual(alone.map(() => [0, '']));
    // What comes through a pipe is the same text.
    expect(alone[8]?.out).toBe(alone[7]?.out);
    expect(alone[0]?.out).toMatch(/^I'm Ember\./);
    await serve(folder);
    for (const [index, [args, input]] of commands.entries())
      expect([args, await hearth(folder, args, input)]).toEqual([args, alone[index]]);
    // The file outside of the app's folders is not the app's.
    expect(await loaded(folder)).toEqual([ember]);
    // Twenty processes, one after the other.
  }, 400_000);

  it('takes a name that a model was given for programs, and deletes nothing by it', async () => {
    const folder = await temporaryFolder();
    const app = await serve(folder);
    const { address } = await app.startApi({ port: 0 });
    const body = JSON.stringify({ source: 'ember', destination: 'coder' });
    expect((await fetch(`${address}/api/copy`, { method: 'POST', body })).status).toBe(200);
    expect((await hearth(folder, ['run', 'Coder', question])).out).toMatch(/^I'm Ember\./);
    expect((await hearth(folder, ['run', 'codre', question])).err).toContain('Did you mean coder?');
    expect((await hearth(folder, ['run', 'embre', question])).err).toContain('Did you mean ember?');
    expect((await hearth(folder, ['stop', 'coder'])).out).toBe(`${ember}\n`);
    expect((await hearth(folder, ['rm', 'coder', '--yes'])).out).toBe(
      `The name coder is gone. ${ember} is still here.\n`,
    );
    expect((await hearth(folder, ['run', 'coder', question])).err).toContain('There is no file coder');
  }, 100_000);

  it('puts files and what comes through a pipe around the prompt', async () => {
    const folder = await temporaryFolder();
    writeFileSync(path.join(folder, 'a.txt'), 'First file.\n');
    writeFileSync(path.join(folder, 'b.txt'), 'Second file.');
    writeFileSync(path.join(folder, 'binary'), Buffer.from([1, 0, 2]));
    const args = ['run', 'ember', '--raw', '--max-tokens', '1', '--json'];
    const tokens = async (given: readonly string[], input = ''): Promise<unknown> =>
      objectsIn((await hearth(folder, [...args, ...given], input)).out).at(-1)?.['promptTokens'];
    const whole = 'a.txt:\n\nFirst file.\n\nb.txt:\n\nSecond file.\n\nAsk\n\nfrom a pipe';
    const expected = await tokens([whole]);
    expect(await tokens(['Ask', '--file', 'a.txt', '--file', 'b.txt'], 'from a pipe\n')).toBe(expected);
    expect(await hearth(folder, [...args, 'Ask', '--file', 'binary'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('binary is no text file'),
    });
    expect((await hearth(folder, ['run', 'ember', 'Ask', '--file', 'none.txt'])).err).toMatch(/^not_found: /);
  });

  it('keeps to a schema and a grammar', async () => {
    const folder = await temporaryFolder();
    const schema = {
      type: 'object',
      properties: { ok: { type: 'boolean' } },
      required: ['ok'],
      additionalProperties: false,
    };
    writeFileSync(path.join(folder, 'schema.json'), JSON.stringify(schema));
    writeFileSync(path.join(folder, 'yes.gbnf'), 'root ::= "yes" | "no"');
    await serve(folder);
    const replied = await hearth(folder, ['run', 'ember', question, '--schema', 'schema.json', '--max-tokens', '40']);
    expect([replied.err, typeof (JSON.parse(replied.out) as { ok: boolean }).ok]).toEqual(['', 'boolean']);
    expect((await hearth(folder, ['run', 'ember', question, '--grammar', 'yes.gbnf'])).out).toMatch(/^(?:yes|no)\n$/);
    expect(
      (await hearth(folder, ['run', 'ember', question, '--grammar', 'yes.gbnf', '--schema', 'schema.json'])).code,
    ).toBe(2);
  });

  it.each([
    [['run', 'ember', 'Hi', '--temperature', '9'], '--temperature must be at most 5.'],
    [['run', 'ember', 'Hi', '--top-p', '-1'], '--top-p must be at least 0.'],
    [['run', 'ember', 'Hi', '--top-k', '1.5'], '--top-k must be a whole number.'],
    [['run', 'ember', 'Hi', '--stop', ''], '--stop takes'],
    [['embed', 'ember', 'Hi', '--dimensions', '0'], '--dimensions takes'],
    [['stop'], 'The model is missing.'],
    [['stop', 'ember', '--all'], 'not both'],
    [['rm', 'ember'], '--yes'],
  ])('refuses %j', async (args, words) => {
    const folder = await temporaryFolder();
    const { code, out, err } = await hearth(folder, args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(words);
    const json = await hearth(folder, [...args, '--json']);
    expect([json.code, objectsIn(json.err)[0]?.['error']]).toEqual([
      2,
      expect.objectContaining({ code: 'invalid_input' }),
    ]);
  });

  it('refuses to make a vector of an empty text, and names which', async () => {
    const { code, out, err } = await hearth(await temporaryFolder(), ['embed', 'ember', 'Hi', '']);
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain('Text 2 is empty');
  });

  it('says the same of a model that is not there, or does not do what is asked', async () => {
    const folder = await temporaryFolder();
    const commands = [
      ['run', 'owner/None', 'Hi'],
      ['run', 'nothing', 'Hi'],
      ['embed', 'hearth/ember-3M:Q4_K_M', 'Hi'],
      ['rerank', 'ember', 'query', 'one', 'two'],
    ];
    const alone = [];
    for (const args of commands) alone.push(await hearth(folder, args));
    expect(alone.map(({ code, err }) => [code, err.split(':')[0]])).toEqual([
      [1, 'model.missing'],
      [1, 'model.missing'],
      [1, 'model.missing'],
      [1, 'unsupported'],
    ]);
    await serve(folder);
    for (const [index, args] of commands.entries())
      expect([args, await hearth(folder, args)]).toEqual([args, alone[index]]);
  });
});

describe('the models in memory', () => {
  it('are listed and unloaded', async () => {
    const folder = await temporaryFolder();
    expect(await hearth(folder, ['ps'])).toEqual({ code: 0, out: 'Hearth is not running.\n', err: '' });
    expect(objectsIn((await hearth(folder, ['ps', '--json'])).out)).toEqual([{ running: false, models: [] }]);
    expect(await hearth(folder, ['stop', '--all'])).toMatchObject({ code: 0 });
    expect(await hearth(folder, ['stop', 'ember'])).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^engine\.not_loaded: /),
    });
    await serve(folder);
    await hearth(folder, ['run', 'ember', question]);
    expect((await hearth(folder, ['ps'])).out).toMatch(
      /^ {2}MODEL .*\n {2}hearth\/ember-3M\/ember-3M-Q8_0\.gguf +ready +\d+ MB +1024 +0\/1 +CPU/,
    );
    expect((await hearth(folder, ['stop', 'Ember'])).out).toBe(`${ember}\n`);
    expect(await loaded(folder)).toEqual([]);
    expect((await hearth(folder, ['stop', 'ember'])).err).toMatch(
      /^engine\.not_loaded: ember is not in memory\. No model is\./,
    );
    await hearth(folder, ['run', 'ember', question]);
    expect(objectsIn((await hearth(folder, ['stop', '--all', '--json'])).out)).toEqual([
      { running: true, unloaded: [ember] },
    ]);
  });
});

/** A converted model of this name in the data folder. */
function addConverted(folder: string, name: string): string {
  const file = path.join(folder, 'data/converted', name, `${name}.gguf`);
  mkdirSync(path.dirname(file), { recursive: true });
  copyFileSync(storiesPath, file);
  return file;
}

describe('the models on this computer', () => {
  it('are the same with and without the app, converted ones and those of other programs included', async () => {
    const folder = await temporaryFolder();
    addConverted(folder, 'made');
    const lmStudio = path.join(folder, 'home/.lmstudio/models/owner/name');
    mkdirSync(lmStudio, { recursive: true });
    copyFileSync(storiesPath, path.join(lmStudio, 'theirs-F32.gguf'));
    const list = async (): Promise<{ modelId: string; origin: string }[]> =>
      (
        objectsIn((await hearth(folder, ['list', '--json'])).out)[0]?.['models'] as {
          modelId: string;
          origin: string;
        }[]
      ).toSorted((a, b) => a.modelId.localeCompare(b.modelId));
    const alone = await list();
    expect(alone.map(({ modelId, origin }) => [modelId, origin])).toEqual(
      [
        ['converted/made/made.gguf', 'converted'],
        [ember, 'built_in'],
        ['lm-studio/owner/name/theirs-F32.gguf', 'lm_studio'],
      ].sort(),
    );
    expect((await hearth(folder, ['run', 'converted/made/made.gguf', '--raw', 'Once', '--max-tokens', '2'])).code).toBe(
      0,
    );
    await serve(folder);
    expect(await list()).toEqual(alone);
    expect((await hearth(folder, ['run', 'converted/made/made.gguf', '--raw', 'Once', '--max-tokens', '2'])).code).toBe(
      0,
    );
    // By its path it is the app's too.
    const file = path.join(folder, 'data/converted/made/made.gguf');
    await hearth(folder, ['stop', '--all']);
    await hearth(folder, ['run', file, '--raw', 'Once', '--max-tokens', '2']);
    expect(await loaded(folder)).toEqual(['converted/made/made.gguf']);
  });

  it('are deleted by the library, of the app or without one', async () => {
    const folder = await temporaryFolder();
    const file = addConverted(folder, 'made');
    const removed = await hearth(folder, ['rm', 'converted/made/made.gguf', '--yes', '--json']);
    expect([removed.code, objectsIn(removed.out)]).toEqual([
      0,
      [expect.objectContaining({ modelId: 'converted/made/made.gguf', deleted: true, undoMs: 0 })],
    ]);
    expect(existsSync(file)).toBe(false);
    expect(readControl(path.join(folder, 'data'))).toBeNull();
    for (const args of [
      ['rm', 'ember', '--yes'],
      ['rm', storiesPath, '--yes'],
      ['rm', 'owner/None', '--yes'],
    ])
      expect([args, (await hearth(folder, args)).code]).toEqual([args, 1]);
    const second = addConverted(folder, 'second');
    await serve(folder);
    expect((await hearth(folder, ['rm', 'converted/second/second.gguf', '--yes'])).out).toMatch(
      /^Deleted .* brought back for \d+ seconds\./,
    );
    await expect.poll(() => existsSync(second)).toBe(false);
    expect((await hearth(folder, ['rm', 'ember', '--yes'])).err).toMatch(/^unsupported: /);
  });

  it('are downloaded by the app, which shows the download, and an interrupted one is resumed', async () => {
    const folder = await temporaryFolder();
    const hub = await startHub({
      repos: [{ id: 'owner/Story-GGUF', files: { 'Story-F32.gguf': readFileSync(storiesPath) } }],
    });
    onTestFinished(() => hub.close());
    const variables = { HF_ENDPOINT: hub.url };
    const app = await serve(folder, variables);
    const pulled = await hearth(folder, ['pull', 'owner/Story-GGUF:F32', '--json'], '', variables);
    expect([pulled.code, pulled.err]).toEqual([0, '']);
    const done = objectsIn(pulled.out).at(-1) as { type: string; modelId: string; path: string };
    expect([done.type, done.modelId]).toEqual(['done', 'owner/Story-GGUF/Story-F32.gguf']);
    expect(readFileSync(done.path)).toEqual(readFileSync(storiesPath));
    const models = (await app.call<{ models: { id: string }[] }>('library.rescan')).models.map(({ id }) => id);
    expect(models).toContain('owner/Story-GGUF/Story-F32.gguf');
    const missing = await hearth(folder, ['pull', 'owner/Story-GGUF/none.gguf'], '', variables);
    expect([missing.code, missing.err]).toEqual([1, expect.stringContaining('It has Story-F32.gguf')]);
  });
});

/** An app as a process of its own. */
async function serveProcess(folder: string): Promise<{ readonly app: ChildProcess; readonly url: string }> {
  const app = spawn(process.execPath, [path.join(checkoutRoot, 'main/start.mjs'), '--serve', '--port', '0'], {
    env: commandEnvironment(folder),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void app.kill('SIGKILL'));
  const url = await new Promise<string>((resolve, reject) => {
    let said = '';
    app.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const found = /ready: (\S+)/.exec(said)?.[1];
      if (found !== undefined) resolve(found);
    });
    app.once('exit', () => reject(new Error(`The app ended: ${said}`)));
  });
  return { app, url };
}
const endOf = (app: ChildProcess): Promise<void> => new Promise((resolve) => app.once('exit', () => resolve()));

describe('the app of a data folder', () => {
  it('leaves a file when it is killed, which commands see through, and none when it is closed', async () => {
    const folder = await temporaryFolder();
    const data = path.join(folder, 'data');
    const { app, url } = await serveProcess(folder);
    const control = readControl(data);
    expect([control?.pid, control?.owner, control?.origin]).toEqual([app.pid, 'browser', new URL(url).origin]);
    expect((await hearth(folder, ['ps', '--json'])).out).toContain('"running":true');
    const gone = endOf(app);
    app.kill('SIGKILL');
    await gone;
    expect(readControl(data)).toEqual(control);
    expect((await hearth(folder, ['ps'])).out).toBe('Hearth is not running.\n');
    expect((await hearth(folder, ['run', 'ember', question])).out).toMatch(/^I'm Ember\./);
    const again = await serveProcess(folder);
    expect(readControl(data)?.pid).toBe(again.app.pid);
    const closed = endOf(again.app);
    again.app.kill('SIGTERM');
    await closed;
    expect(readControl(data)).toBeNull();
  });

  it('ends a command in words when it is killed in the middle of a reply', async () => {
    const folder = await temporaryFolder();
    const { app } = await serveProcess(folder);
    const command = startHearth(folder, ['run', 'ember', '--raw', 'a', '--temperature', '5', '--min-p', '0', '--json']);
    command.child.stdin.end();
    await command.says('"text"');
    app.kill('SIGKILL');
    const { code, err } = await command.ended;
    // A reply of a small model may have ended just before.
    if (code !== 0)
      expect([code, objectsIn(err).at(-1)]).toEqual([1, { error: expect.objectContaining({ code: 'disconnected' }) }]);
  });

  it('is named by a second one, without its token', async () => {
    const folder = await temporaryFolder();
    const app = await serve(folder);
    const second = await hearth(folder, ['serve', '--port', '0', '--json']);
    expect(second.code).toBe(1);
    const { error } = objectsIn(second.err)[0] as { error: { code: string; message: string } };
    expect(error.code).toBe('store.in_use');
    expect(error.message).toContain(app.origin);
    expect(second.err + second.out).not.toContain(app.token);
  });

  it('answers two commands at once, and each of two that open it', async () => {
    const folder = await temporaryFolder();
    const one = addConverted(folder, 'one');
    const two = addConverted(folder, 'two');
    const both = await Promise.all(
      ['one', 'two'].map((name) => hearth(folder, ['rm', `converted/${name}/${name}.gguf`, '--yes'])),
    );
    expect(both.map(({ code, err }) => [code, err])).toEqual([
      [0, ''],
      [0, ''],
    ]);
    await expect.poll(() => [existsSync(one), existsSync(two)]).toEqual([false, false]);
    await serve(folder);
    const replies = await Promise.all([1, 2, 3].map(() => hearth(folder, ['run', 'ember', question])));
    expect(new Set(replies.map(({ code, out }) => `${code} ${out}`)).size).toBe(1);
  });
});

describe.skipIf(process.platform === 'win32')('Ctrl+C', () => {
  const endless = [
    'run',
    'ember',
    '--raw',
    'a',
    '--temperature',
    '5',
    '--min-p',
    '0',
    '--top-k',
    '0',
    '--top-p',
    '1',
    '--json',
  ];

  it('ends a reply, of the app or of its own engine, and frees its slot', async () => {
    const folder = await temporaryFolder();
    for (const isServed of [false, true]) {
      if (isServed) await serve(folder);
      const command = startHearth(folder, endless);
      command.child.stdin.end();
      await command.says('"text"');
      command.child.kill('SIGINT');
      const { code, out, err } = await command.ended;
      expect([code === 0 ? 'just ended' : code, err]).toEqual([code === 0 ? 'just ended' : 130, '']);
      expect(objectsIn(out).at(-1)).toMatchObject({ type: 'end', modelId: ember });
    }
    const busy = async (): Promise<unknown> =>
      (objectsIn((await hearth(folder, ['ps', '--json'])).out)[0]?.['models'] as { activeSequences: number }[])[0]
        ?.activeSequences;
    await expect.poll(busy).toBe(0);
  });

  it('ends the wait for standard input', async () => {
    const folder = await temporaryFolder();
    const command = startHearth(folder, ['run', 'ember', 'Hi']);
    await command.says('Waiting for the end of standard input');
    command.child.kill('SIGINT');
    expect((await command.ended).code).toBe(130);
  });

  it('is not needed where the window pauses a download: the command says so', async () => {
    const folder = await temporaryFolder();
    const content = Buffer.alloc(20_000_000, 7);
    content.write('GGUF');
    const hub = await startHub({ repos: [{ id: 'owner/Large-GGUF', files: { 'Large-F32.gguf': content } }] });
    onTestFinished(() => hub.close());
    const variables = { HF_ENDPOINT: hub.url };
    const app = await serve(folder, variables);
    await app.call('settings.update', {
      downloads: { maxRunning: 1, bytesPerSecond: 2_000_000, cacheLimitBytes: null },
    });
    const wanted = { repoId: 'owner/Large-GGUF', path: 'Large-F32.gguf' };
    const { jobId } = await app.call<{ jobId: string }>('library.download', wanted);
    const command = startHearth(folder, ['pull', 'owner/Large-GGUF/Large-F32.gguf', '--json'], variables);
    command.child.stdin.end();
    await command.says(/"receiving","doneBytes":[1-9]/);
    await app.call('jobs.pause', { jobId });
    const { code, err } = await command.ended;
    expect([code, objectsIn(err)]).toEqual([1, [{ error: expect.objectContaining({ code: 'cancelled' }) }]]);
    expect(err).toContain('paused in Hearth');
  });

  it('pauses a download of the app that it began, and the next pull goes on with it', async () => {
    const folder = await temporaryFolder();
    const content = Buffer.alloc(20_000_000, 7);
    content.write('GGUF');
    const hub = await startHub({ repos: [{ id: 'owner/Large-GGUF', files: { 'Large-F32.gguf': content } }] });
    onTestFinished(() => hub.close());
    const variables = { HF_ENDPOINT: hub.url };
    const app = await serve(folder, variables);
    await app.call('settings.update', {
      downloads: { maxRunning: 1, bytesPerSecond: 2_000_000, cacheLimitBytes: null },
    });
    const command = startHearth(folder, ['pull', 'owner/Large-GGUF/Large-F32.gguf', '--json'], variables);
    await command.says(/"receiving","doneBytes":[1-9]/);
    command.child.kill('SIGINT');
    expect((await command.ended).code).toBe(130);
    await app.call('settings.update', { downloads: { maxRunning: 1, bytesPerSecond: null, cacheLimitBytes: null } });
    const pulled = await hearth(folder, ['pull', 'owner/Large-GGUF/Large-F32.gguf', '--json'], '', variables);
    expect([pulled.code, pulled.err]).toEqual([0, '']);
    const { path: file = '' } = objectsIn(pulled.out).at(-1) as { path?: string };
    expect(readFileSync(file).equals(content)).toBe(true);
    expect(readdirSync(path.join(folder, 'cache')).length).toBeGreaterThan(0);
  });
});
