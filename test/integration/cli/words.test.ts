/** What the command line says to people: of what lies at a path, of what is missing, and of wrong usage. */
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startHub, type Hub } from '../../hub-server/hub-server.ts';

const root = path.join(import.meta.dirname, '../../..');
const story = path.join(root, 'test/fixtures/stories260K/stories260K-F32.gguf');
let folder: string;
let hub: Hub;
beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-words-'));
  mkdirSync(path.join(folder, 'models'));
  writeFileSync(path.join(folder, 'models', 'notes.txt'), 'Not a model.');
  writeFileSync(path.join(folder, 'nothing'), '');
  writeFileSync(path.join(folder, 'package.json'), '{}');
  copyFileSync(story, path.join(folder, 'a blob'));
  hub = await startHub({
    repos: [
      { id: 'owner/Open-GGUF', files: { 'open-Q8_0.gguf': Buffer.alloc(100), 'open-Q4_0.gguf': Buffer.alloc(100) } },
      { id: 'owner/Gated-GGUF', gated: 'manual', files: { 'gated-Q8_0.gguf': Buffer.alloc(100) } },
    ],
    tokens: { hf_stranger: { name: 'ben' } },
  });
});
afterAll(async () => {
  await hub.close();
  rmSync(folder, { recursive: true });
});

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}
function hearth(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  const own = {
    PATH: process.env['PATH'],
    HOME: folder,
    HEARTH_DATA_DIR: path.join(folder, 'data'),
    HEARTH_CACHE_DIR: path.join(folder, 'cache'),
    HF_ENDPOINT: hub.url,
  };
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [path.join(root, 'main/hearth.mjs'), ...args],
      { cwd: folder, env: { ...own, ...env } },
      (_, out, err) => resolve({ code: child.exitCode ?? -1, out, err }),
    );
    // A command that may take its prompt from a pipe waits for the end of it.
    child.stdin?.end();
  });
}

describe('a model that a command does not find', () => {
  it('is told by what lies at that path', async () => {
    for (const [reference, sentence] of [
      ['package.json', 'package.json is not a GGUF file.'],
      ['models/notes.txt', 'models/notes.txt is not a GGUF file.'],
      ['models', 'models is a folder. Name a GGUF file in it.'],
      ['nothing', 'nothing is empty.'],
    ] as const) {
      const { code, out, err } = await hearth(['run', reference, 'hi']);
      expect([reference, code, out]).toEqual([reference, 1, '']);
      expect(err).toContain(sentence);
      expect(err).not.toContain('There is no file');
    }
    const none = await hearth(['run', 'nowhere', 'hi']);
    expect(none.err).toMatch(/There is no file nowhere, .* hearth list /);
  });

  it('is the built-in one by its name, and a GGUF file whatever its name', async () => {
    const args = ['hi', '--raw', '--max-tokens', '1', '--json'];
    for (const [reference, modelId] of [
      ['ember', 'hearth/ember-3M/ember-3M-Q8_0.gguf'],
      ['a blob', 'a blob'],
    ] as const) {
      const { out } = await hearth(['run', reference, ...args]);
      expect(out).toContain(`"type":"end","modelId":"${modelId}"`);
    }
  });

  it('is not said to be on the Hub where it is the built-in one', async () => {
    const { code, err } = await hearth(['run', 'hearth/ember-3M:Q4_K_M', 'hi']);
    expect([code, err]).toEqual([1, expect.stringContaining('no Q4_K_M file of the built-in model, only Q8_0.')]);
    expect(err).not.toContain('pull');
  });
});

describe('a wrong usage', () => {
  it('is one sentence of its own, and where the help stands', async () => {
    for (const [args, sentence] of [
      [['run', 'a/b', 'hi', '--seed', '-1'], '--seed must be at least 0.'],
      [['run', 'a/b', 'hi', '--temperature'], '--temperature needs a value.'],
      [['run', 'a/b', 'hi', '--system', '--raw'], '--system needs a value.'],
      [['run', 'a/b', 'hi', '--raw=yes'], '--raw takes no value.'],
      [['run', 'a/b', 'hi', '--raw', '--system', 'x'], /^--system does nothing with --raw/],
      [['list', '--jsno'], '"list" has no option --jsno. Did you mean --json?'],
      [['list', 'x'], '"list" takes no argument, not 1.'],
      [['run', 'a/b'], 'The prompt is missing. It may also come from a pipe, or from --file.'],
      [['run', 'a/b', 'two', 'words'], /^"run" takes at most 2 arguments, not 3\. A prompt of several words /],
    ] as const) {
      const { code, out, err } = await hearth(args);
      expect([args, code, out]).toEqual([args, 2, '']);
      const [first, ...rest] = err.split('\n');
      expect(first).toEqual(typeof sentence === 'string' ? sentence : expect.stringMatching(sentence));
      expect(rest).toEqual([
        '',
        expect.stringContaining(`Usage: hearth ${args[0]}`),
        `hearth ${args[0]} --help lists the options.`,
        '',
      ]);
    }
  });

  it('is no value that begins with a hyphen', async () => {
    const { code, err } = await hearth(['run', 'nowhere', '--system', '- Be brief.', '--', '-1?']);
    expect([code, err]).toEqual([1, expect.stringContaining('There is no file nowhere')]);
  });

  it('is not to ask for the version, or for the help of one command', async () => {
    const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };
    expect(await hearth(['--version'])).toEqual({ code: 0, out: `${version}\n`, err: '' });
    const help = await hearth(['run', '--help']);
    expect(help).toMatchObject({ code: 0, err: '' });
    expect(help.out).toMatch(/^Usage: hearth run MODEL \["PROMPT" \| -\][^]*--max-tokens/);
    expect(help.out).not.toMatch(/--port|--messages/);
  });
});

describe('the files of hearth template', () => {
  const template = path.join(root, 'test/fixtures/templates/Qwen-Qwen3-0.6B.jinja');
  const write = (name: string, value: unknown): string => {
    writeFileSync(path.join(folder, name), JSON.stringify(value));
    return name;
  };
  const tool = { type: 'function', function: { name: 'clock', parameters: { type: 'object' } } };

  it('are named where a value in them is wrong, with what it must be', async () => {
    const good = write('good.json', [{ role: 'user', content: 'Hi' }]);
    for (const [value, place] of [
      [{}, 'messages must be a list of messages'],
      [[{ content: 'x' }], 'messages.0.role must be one word: system,'],
      [[{ role: 'user', content: 5 }], 'messages.0.content must be a text, null, or a list'],
      [['x'], 'messages.0 must be an object'],
    ] as const) {
      const { code, err } = await hearth(['template', template, '--messages', write('bad.json', value)]);
      expect([code, err]).toEqual([1, expect.stringContaining(`bad.json: ${place}`)]);
      expect(err).not.toMatch(/Invalid|expected/);
    }
    const tools = await hearth(['template', template, '--messages', good, '--tools', good]);
    expect(tools.err).toContain('good.json: tools.0.function must be an object with the name of the function.');
  });

  it("may be a request of OpenAI's API, whose tools count", async () => {
    const messages = [{ role: 'user', content: 'Hi' }];
    const alone = ['template', template, '--messages', write('list.json', messages)];
    const whole = await hearth([
      'template',
      template,
      '--messages',
      write('request.json', { model: 'm', messages, tools: [tool] }),
    ]);
    expect(whole).toEqual(await hearth([...alone, '--tools', write('tools.json', [tool])]));
    expect(whole).toMatchObject({ code: 0, out: expect.stringContaining('clock') as string });
  });

  it('are said to make nothing where a prompt is empty', async () => {
    writeFileSync(path.join(folder, 'each.jinja'), '{% for m in messages %}{{ m.content }}{% endfor %}');
    const { code, err } = await hearth(['template', 'each.jinja', '--messages', write('none.json', [])]);
    expect([code, err]).toEqual([0, 'Warning: The template makes an empty prompt of these messages.\n']);
  });
});

describe('a refusal of the Hub', () => {
  it('says that a gated model needs an account that accepted its terms, and its token', async () => {
    const page = `${hub.url}/owner/Gated-GGUF`;
    const without = await hearth(['pull', 'owner/Gated-GGUF']);
    expect(without.err).toMatch(/accepted at \S+, with an access token of that account: set HF_TOKEN/);
    const stranger = await hearth(['pull', 'owner/Gated-GGUF'], { HF_TOKEN: 'hf_stranger' });
    expect(stranger.err).toContain(`accepted at ${page} by the account of the access token.`);
    expect([without.code, stranger.code]).toEqual([1, 1]);
    expect(without.err).toContain(page);
  });

  it('names the model, the file, and the files that are there', async () => {
    expect((await hearth(['pull', 'nobody/nothing'])).err).toContain('There is no model nobody/nothing on the Hub, or');
    const file = await hearth(['pull', 'owner/Open-GGUF/open-Q2_K.gguf']);
    expect([file.code, file.out]).toEqual([1, '']);
    expect(file.err).toMatch(
      /no file open-Q2_K\.gguf in owner\/Open-GGUF\. It has open-Q\d_0\.gguf, open-Q\d_0\.gguf\./,
    );
  });
});
