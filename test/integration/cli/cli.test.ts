import { spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startHub, type Hub, type RepoInput } from '../../hub-server/hub-server.ts';
import { writeProjector } from '../../support/projector-file.ts';
import { seedRepos } from '../../hub-server/seed.ts';
import { writeScriptedShards } from '../../support/made-models.ts';
import { oddHeaders } from '../../support/odd-headers.ts';

const root = path.join(import.meta.dirname, '../../..');
let folder: string;
let hub: Hub;
beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-cli-'));
  writeProjector(path.join(folder, 'projector.gguf'));
  hub = await startHub({
    repos: [...(await seedRepos()), storyRepo(readFileSync(path.join(folder, 'projector.gguf'))), partsRepo()],
  });
});
afterAll(async () => {
  await hub.close();
  rmSync(folder, { recursive: true });
});

/** A repository as the largest publishers lay them out: a small model, its quantizations, and files that only work with it. */
function storyRepo(projector: Buffer): RepoInput {
  const model = readFileSync(path.join(root, 'test/fixtures/stories260K/stories260K-F32.gguf'));
  const names = ['Q8_0', 'Q4_K_M', 'UD-Q4_K_M', 'IQ4_XS-3.87bpw', 'IQ4_XS-4.23bpw', '100%25-Q2_K'];
  return {
    id: 'owner/Story-GGUF',
    files: {
      ...Object.fromEntries(names.map((name) => [`Story-${name}.gguf`, model])),
      'UD-Q3_K_S/Story-UD-Q3_K_S.gguf': model,
      'Story-Q6_K.gguf-split-a': model.subarray(0, 400_000),
      'Story-Q6_K.gguf-split-b': model.subarray(400_000),
      'MTP/Story-Q8_0-MTP.gguf': projector,
      'mtp-Story-Q8_0.gguf': projector,
      'mmproj-F16.gguf': projector,
    },
  };
}

const partBytes = 500_000;
/** A model of two shards. A pull does not look into them. */
function partsRepo(): RepoInput {
  const parts = [1, 2].map((part) => [`Parts-Q8_0-0000${part}-of-00002.gguf`, Buffer.alloc(partBytes, part)]);
  return { id: 'owner/Parts-GGUF', files: Object.fromEntries(parts) };
}

interface Outcome {
  code: number | null;
  out: string;
  err: string;
}
/** Runs the command like a user. `interruptWhen` sends Ctrl+C once it accepts the output so far. */
function hearth(
  args: string[],
  env: Record<string, string> = {},
  interruptWhen: (out: string) => boolean = () => false,
  /** Where the output goes: to this test, to a reader that is gone, or to a full disk. */
  output: 'read' | 'unread' | 'full' = 'read',
): Promise<Outcome> {
  const full = output === 'full' ? openSync('/dev/full', 'w') : null;
  const child = spawn(process.execPath, [path.join(root, 'main/hearth.mjs'), ...args], {
    cwd: folder,
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      HEARTH_DATA_DIR: path.join(folder, 'data'),
      HEARTH_CACHE_DIR: path.join(folder, 'cache'),
      HF_ENDPOINT: hub.url,
      ...env,
    },
    stdio: ['ignore', full ?? 'pipe', 'pipe'],
  });
  if (full !== null) closeSync(full);
  if (output === 'unread') child.stdout?.destroy();
  return new Promise((resolve) => {
    const outcome: Outcome = { code: null, out: '', err: '' };
    let interrupted = false;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      outcome.out += text;
      if (!interrupted && interruptWhen(outcome.out)) {
        interrupted = true;
        child.kill('SIGINT');
      }
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (outcome.err += text));
    child.once('close', (code) => resolve({ ...outcome, code }));
  });
}
const lines = (text: string): Record<string, unknown>[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('hearth template', () => {
  const write = (name: string, content: unknown): string => {
    const file = path.join(folder, name);
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
    return file;
  };
  const template = path.join(root, 'test/fixtures/templates/Qwen-Qwen3-0.6B.jinja');

  it('prints the rendering and nothing else, of a file and of a model', async () => {
    const messages = write('hello.json', [{ role: 'user', content: 'Hello' }]);
    const rendered = '<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n';
    expect(await hearth(['template', template, '--messages', messages])).toEqual({ code: 0, out: rendered, err: '' });
    const ember = path.join(root, 'assets/models/ember-3M-Q8_0.gguf');
    expect(await hearth(['template', ember, '--messages', messages])).toEqual({ code: 0, out: rendered, err: '' });
    const own = write('own.jinja', '{{ bos_token }}{{ strftime_now("%Y-%m-%d %H:%M") }}{{ eos_token }}');
    const options = ['--messages', messages, '--now', '2026-01-31T12:30:00Z', '--bos', '<s>', '--eos', '</s>'];
    expect((await hearth(['template', own, ...options])).out).toBe('<s>2026-01-31 12:30</s>');
    expect(JSON.parse((await hearth(['template', own, ...options, '--json'])).out)).toEqual({
      prompt: '<s>2026-01-31 12:30</s>',
    });
  });

  it('prints what a reply is read as', async () => {
    const reply = write(
      'reply.txt',
      '<think>\nAdd.\n</think>\n\nI add.\n<tool_call>\n{"name": "add", "arguments": {"a": 1}}\n</tool_call>',
    );
    expect(JSON.parse((await hearth(['template', template, '--parse', reply])).out)).toEqual({
      reasoning: 'Add.',
      content: 'I add.',
      calls: [{ name: 'add', arguments: { a: 1 } }],
    });
    // The template's own prompt opens the reasoning.
    const opening = write(
      'opening.jinja',
      '{{ messages[0].content }}{% if add_generation_prompt %}<think>\n{% endif %}',
    );
    const opened = write('opened.txt', 'Hm.\n</think>\n\nYes.');
    expect(JSON.parse((await hearth(['template', opening, '--parse', opened])).out)).toEqual({
      reasoning: 'Hm.',
      content: 'Yes.',
      calls: [],
    });
  });

  it('ends at once on Ctrl+C while a template runs, and by itself at its limit', async () => {
    const messages = write('hello.json', [{ role: 'user', content: 'Hello' }]);
    const loops = '{% for a in range(99999) %}'.repeat(2) + '{% endfor %}'.repeat(2);
    const args = ['template', write('spinning.jinja', loops), '--messages', messages];
    const { code, err } = await hearth(args);
    expect([code, err]).toEqual([1, expect.stringMatching(/^template\.invalid: .* did not finish/)]);
    /** Interrupts it when its thread starts, of which Node writes a line. */
    const interrupted = (): Promise<{ code: number | null; ms: number }> =>
      new Promise((resolve) => {
        const child = spawn(process.execPath, [path.join(root, 'main/hearth.mjs'), ...args], {
          env: { PATH: process.env['PATH'], HOME: folder, NODE_DEBUG: 'worker' },
          stdio: ['ignore', 'ignore', 'pipe'],
        });
        let at = NaN;
        child.stderr.setEncoding('utf8').on('data', (text: string) => {
          if (!Number.isNaN(at) || !text.includes('create new worker')) return;
          at = performance.now();
          child.kill('SIGINT');
        });
        child.once('close', (ended) => resolve({ code: ended, ms: performance.now() - at }));
      });
    // On a busy machine the template may be at its limit before the interrupt is there.
    let last = await interrupted();
    for (let tries = 1; tries < 10 && last.code !== 130; tries++) last = await interrupted();
    expect(last.code).toBe(130);
    expect(last.ms).toBeLessThan(1000);
  });

  it('tells what is wrong with its input', async () => {
    const messages = write('hello.json', [{ role: 'user', content: 'Hello' }]);
    for (const [args, code, words] of [
      [[template], 2, '--messages'],
      [[template, '--messages', 'none.json'], 1, 'none.json'],
      [[template, '--messages', write('bad.json', '{')], 1, 'not JSON'],
      [[template, '--messages', write('role.json', [{ role: 'a robot', content: '' }])], 1, 'messages.0.role'],
      [[template, '--messages', messages, '--now', 'soon'], 2, '--now'],
      [[write('broken.jinja', '{% if %}'), '--messages', messages], 1, 'template.invalid'],
      [[write('raise.jinja', "{{ raise_exception('No.') }}"), '--messages', messages], 1, 'No.'],
    ] as const) {
      const outcome = await hearth(['template', ...args]);
      expect([args, outcome.code, outcome.out]).toEqual([args, code, '']);
      expect(outcome.err).toContain(words);
    }
  });
});

describe('hearth', () => {
  it('pulls by quantization, lists, and runs what it pulled', async () => {
    const pulled = await hearth(['pull', 'hearth-models/ember-3M-GGUF:Q8_0']);
    expect(pulled).toMatchObject({ code: 0 });
    expect(existsSync(pulled.out.trim())).toBe(true);
    const offline = await hearth(['pull', 'hearth-models/ember-3M-GGUF:Q8_0'], { HEARTH_OFFLINE: '1' });
    expect(offline).toEqual({ code: 0, out: pulled.out, err: '' });
    expect(readFileSync(path.join(folder, 'cache/models--hearth-models--ember-3M-GGUF/refs/main'), 'utf8')).toMatch(
      /^[0-9a-f]{40}$/,
    );
    const list = await hearth(['list', '--json']);
    expect((lines(list.out)[0]?.['models'] as { modelId: string }[]).map((model) => model.modelId)).toEqual([
      'hearth/ember-3M/ember-3M-Q8_0.gguf',
      'hearth-models/ember-3M-GGUF/ember-3M-Q8_0.gguf',
    ]);
    const expected = JSON.parse(readFileSync(path.join(root, 'test/fixtures/ember/expected.json'), 'utf8')) as {
      answers: { answer: string }[];
    };
    const run = await hearth(['run', 'hearth-models/ember-3M-GGUF:Q8_0', 'Who are you?']);
    expect(run).toEqual({ code: 0, out: `${expected.answers[1]?.answer}\n`, err: '' });
  });

  it('pulls by file, as JSON lines that end with the result', async () => {
    const pulled = await hearth(['pull', 'hearth-models/ember-3M-GGUF/ember-3M-Q8_0.gguf', '--json'], {
      HEARTH_CACHE_DIR: path.join(folder, 'cache-2'),
    });
    expect(pulled.code).toBe(0);
    expect(lines(pulled.out).at(-1)).toMatchObject({ type: 'done', sizeBytes: 3_312_960 });
  });

  it('continues a raw prompt, the same for the same seed, and ends at --max-tokens', async () => {
    const file = path.join(root, 'test/fixtures/stories260K/stories260K-F32.gguf');
    const expected = readFileSync(path.join(root, 'test/fixtures/stories260K/expected.txt'), 'utf8');
    const greedy = await hearth(['run', file, 'Once upon a time', '--raw', '--max-tokens', '40']);
    expect(expected.startsWith(`Once upon a time${greedy.out.trimEnd()}`)).toBe(true);
    const seeded = ['run', file, 'Once', '--raw', '--max-tokens', '30', '--temperature', '1', '--json', '--seed'];
    const text = async (seed: string): Promise<string> =>
      lines((await hearth([...seeded, seed])).out)
        .map((line) => (typeof line['text'] === 'string' ? line['text'] : ''))
        .join('');
    expect(await text('5')).toBe(await text('5'));
    expect(await text('5')).not.toBe(await text('6'));
    const end = lines((await hearth([...seeded, '5'])).out).at(-1);
    expect(end).toMatchObject({ type: 'end', generatedTokens: 30, endReason: 'max_tokens', seed: 5 });
  });

  it('says in one line that a model has no template that works', async () => {
    const file = path.join(root, 'test/fixtures/stories260K/stories260K-F32.gguf');
    const chat = await hearth(['run', file, 'Once', '--max-tokens', '4']);
    expect(chat).toMatchObject({
      code: 0,
      err: expect.stringMatching(/^Warning: This model has no chat template: .*\n$/) as string,
    });
    expect(await hearth(['run', file, 'Once', '--raw', '--max-tokens', '4'])).toMatchObject({ code: 0, err: '' });
  });

  it('fetches the file that a tag means, whatever lies beside it', async () => {
    const env = { HEARTH_CACHE_DIR: path.join(folder, 'cache-tags') };
    for (const [reference, file] of [
      ['owner/Story-GGUF:Q8_0', 'Story-Q8_0.gguf'],
      ['owner/Story-GGUF:UD-Q4_K_M', 'Story-UD-Q4_K_M.gguf'],
      ['owner/Story-GGUF:q4-k-m', 'Story-Q4_K_M.gguf'],
      ['owner/Story-GGUF:Q6_K', 'Story-Q6_K.gguf'],
      ['hf.co/owner/Story-GGUF:Story-IQ4_XS-4.23bpw.gguf', 'Story-IQ4_XS-4.23bpw.gguf'],
      ['owner/Story-GGUF/Story-100%25-Q2_K.gguf', 'Story-100%25-Q2_K.gguf'],
      [`${hub.url}/owner/Story-GGUF/resolve/main/Story-100%2525-Q2_K.gguf?download=true`, 'Story-100%25-Q2_K.gguf'],
      [`${hub.url}/owner/Story-GGUF/tree/main/UD-Q3_K_S`, 'UD-Q3_K_S/Story-UD-Q3_K_S.gguf'],
    ] as const) {
      const outcome = await hearth(['pull', reference, '--json'], env);
      expect([reference, outcome.code]).toEqual([reference, 0]);
      expect(lines(outcome.out).at(-1)).toMatchObject({ modelId: `owner/Story-GGUF/${file}` });
    }
    // A folder without a model is refused by its name, whatever the repository recommends.
    const noFolder = await hearth(['pull', `${hub.url}/owner/Story-GGUF/tree/main/UD-Q9`], env);
    expect([noFolder.code, noFolder.out]).toEqual([1, '']);
    expect(noFolder.err).toMatch(/^hub\.not_found: There is no UD-Q9 file in owner\/Story-GGUF\. It has .*Q/);
    const refused = await hearth(['pull', 'owner/Story-GGUF:IQ4_XS'], env);
    expect(refused.code).toBe(1);
    for (const name of ['Story-IQ4_XS-3.87bpw.gguf', 'Story-IQ4_XS-4.23bpw.gguf'])
      expect(refused.err).toContain(`owner/Story-GGUF/${name}`);
  });

  it('runs the model of a repository, not its projector or its head', async () => {
    const env = { HEARTH_CACHE_DIR: path.join(folder, 'cache-vision') };
    for (const file of ['Story-Q8_0.gguf', 'mmproj-F16.gguf', 'MTP/Story-Q8_0-MTP.gguf'])
      expect(await hearth(['pull', `owner/Story-GGUF/${file}`], env)).toMatchObject({ code: 0 });
    const { models } = lines((await hearth(['list', '--json'], env)).out)[0] as {
      models: { file: string; kind: string }[];
    };
    expect(models.filter(({ file }) => !file.startsWith('ember')).map(({ file, kind }) => [file, kind])).toEqual([
      ['MTP/Story-Q8_0-MTP.gguf', 'projector'],
      ['Story-Q8_0.gguf', 'model'],
      ['mmproj-F16.gguf', 'projector'],
    ]);
    for (const reference of ['owner/Story-GGUF', 'owner/Story-GGUF:latest', 'owner/Story-GGUF:Q8_0']) {
      const run = await hearth(['run', reference, 'Once', '--raw', '--max-tokens', '2', '--json'], env);
      expect(lines(run.out).at(-1)).toMatchObject({ type: 'end', modelId: 'owner/Story-GGUF/Story-Q8_0.gguf' });
    }
  });

  it('runs a model of several files from any of them, whatever their names', async () => {
    const shards = ['-00001-of-00002.gguf', '-00002-of-00002.gguf'].map((end) => path.join(folder, `Known${end}`));
    writeScriptedShards(shards, { pieces: ['in', ' order'] });
    const own = path.join(folder, 'own names');
    mkdirSync(own);
    const others = ['head.gguf', 'tail.gguf'].map((name) => path.join(own, name));
    writeScriptedShards(others, { pieces: ['joined', ' by', ' header'] });
    const [, second = ''] = shards;
    const [, tail = ''] = others;
    expect(await hearth(['run', second, 'Go.'])).toMatchObject({ code: 0, out: 'in order\n' });
    expect(await hearth(['run', tail, 'Go.'])).toMatchObject({ code: 0, out: 'joined by header\n' });
    expect(readdirSync(own).sort()).toEqual(['head.gguf', 'tail.gguf']);
    rmSync(others[0] ?? '');
    const { code, err } = await hearth(['run', tail, 'Go.']);
    expect([code, err.split(':')[0]]).toEqual([1, 'model.corrupt']);
    expect(err).toContain('file 2 of 2 of a model');
    for (const file of shards) rmSync(file);
  });

  it('says in one line what is odd in a header', async () => {
    const file = path.join(folder, 'odd.gguf');
    writeFileSync(file, oddHeaders.find(({ name }) => name === 'bool-7')?.bytes ?? '');
    const odd = await hearth(['run', file, 'Once', '--raw', '--max-tokens', '2']);
    expect(odd.err).toMatch(
      /^Warning: In the header of this file, tokenizer\.ggml\.add_bos_token is neither true nor false. .*\n$/,
    );
    expect(odd.code).toBe(0);
  });

  it('exits with 1 and the typed error when it fails', async () => {
    const cases: [string[], Record<string, string>, string][] = [
      [['run', 'owner/none', 'hi'], {}, 'model.missing'],
      [['run', 'no-file.gguf', 'hi'], {}, 'model.missing'],
      [['run', path.join(root, 'test/fixtures/gguf-bad/bad-magic.gguf'), 'hi'], {}, 'model.corrupt'],
      [['pull', 'nobody/nothing:Q4_0'], {}, 'hub.not_found'],
      [['pull', 'hearth-models/ember-3M-GGUF:Q2_K'], {}, 'hub.not_found'],
      [
        ['pull', 'hearth-models/ember-3M-GGUF:Q8_0'],
        { HEARTH_OFFLINE: '1', HEARTH_CACHE_DIR: path.join(folder, 'empty') },
        'hub.offline',
      ],
      [['pull', 'not a model'], {}, 'invalid_input'],
    ];
    for (const [args, env, code] of cases) {
      const plain = await hearth(args, env);
      expect([args, plain.code, plain.err.split(':')[0], plain.out]).toEqual([args, 1, code, '']);
    }
    const json = await hearth(['run', 'owner/none', 'hi', '--json']);
    expect(lines(json.err)[0]).toMatchObject({ error: { code: 'model.missing' } });
  });

  it('exits with 2 and a line of the usage for wrong usage', async () => {
    for (const args of [
      [],
      ['fly'],
      ['run', 'x'],
      ['list', 'more'],
      ['run', 'a/b', 'hi', '--seed', 'many'],
      ['run', 'a/b', 'hi', '--temperature', '9'],
      ['list', '--port', '1'],
      ['list', '--nope'],
    ]) {
      const outcome = await hearth(args);
      expect([args, outcome.code]).toEqual([args, 2]);
      expect(outcome.err).toMatch(/Usage: hearth .*\nhearth .*--help lists /);
    }
    expect((await hearth(['run', 'a/b', 'hi', '--max-tokens', '0'])).err).toContain('--max-tokens must be at least 1.');
    expect((await hearth(['run', 'a/b', 'hi', '--seed', '0.5'])).err).toContain('--seed must be a whole number.');
    expect((await hearth(['--help'])).code).toBe(0);
    // A file that cannot be read is told in words, without the system's code.
    const none = path.join(path.sep, 'none', 'schema.json');
    expect(await hearth(['schema', none])).toMatchObject({ code: 1, err: `not_found: There is no file ${none}.\n` });
    const folder = path.dirname(process.execPath);
    expect(await hearth(['schema', folder])).toMatchObject({ code: 1, err: `not_found: ${folder} is a folder.\n` });
  });

  it('exits with 130 when interrupted, and keeps the downloaded bytes for the next pull', async () => {
    hub.setFault({ kind: 'rate', at: 'cdn', bytesPerSecond: 500_000 });
    const cache = path.join(folder, 'cache-3');
    const args = ['pull', 'hearth-models/ember-3M-GGUF:Q8_0', '--json'];
    const interrupted = await hearth(args, { HEARTH_CACHE_DIR: cache }, (out) => /"doneBytes":[1-9]/.test(out));
    hub.clearFaults();
    expect(interrupted.code).toBe(130);
    expect(globSync('**/*.incomplete', { cwd: cache })).toHaveLength(1);
    const before = hub.requests.length;
    expect((await hearth(args, { HEARTH_CACHE_DIR: cache })).code).toBe(0);
    expect(hub.requests.slice(before).some((request) => request.headers['range'] !== undefined)).toBe(true);
    expect(globSync('**/*.incomplete', { cwd: cache })).toEqual([]);
  });

  it('sets the branch with the last shard of a model, and without the Hub takes no part of it for the model', async () => {
    const args = ['pull', 'owner/Parts-GGUF:Q8_0', '--json'];
    const env = { HEARTH_CACHE_DIR: path.join(folder, 'cache-4') };
    const fault = hub.setFault({
      at: 'cdn',
      kind: 'stall',
      afterBytes: 100_000,
      path: '**/Parts-Q8_0-00002-of-00002.gguf',
    });
    const isInSecond = (out: string): boolean =>
      [...out.matchAll(/"doneBytes":(\d+)/g)].some(([, bytes]) => Number(bytes) > partBytes);
    expect((await hearth(args, env, isInSecond)).code).toBe(130);
    const ref = path.join(folder, 'cache-4/models--owner--Parts-GGUF/refs/main');
    expect(existsSync(ref)).toBe(false);
    const offline = await hearth(args, { ...env, HEARTH_OFFLINE: '1' });
    expect([offline.code, JSON.parse(offline.err)]).toMatchObject([1, { error: { code: 'hub.offline' } }]);
    fault.remove();
    const pulled = await hearth(args, env);
    expect([pulled.code, lines(pulled.out).at(-1)]).toMatchObject([0, { type: 'done', sizeBytes: 2 * partBytes }]);
    expect(readFileSync(ref, 'utf8')).toBe(await hub.mainCommitId('owner/Parts-GGUF'));
    expect((await hearth(args, { ...env, HEARTH_OFFLINE: '1' })).code).toBe(0);
  });

  it('names a variable that it does not know, on standard error', async () => {
    const env = { HEARTH_NO_CASHE: '1' };
    const list = await hearth(['list'], env);
    expect([list.code, list.err]).toEqual([0, expect.stringMatching(/^Warning: .*HEARTH_NO_CASHE/)]);
    const json = await hearth(['list', '--json'], env);
    expect(lines(json.err)).toEqual([{ warning: expect.stringContaining('HEARTH_NO_CASHE') as string }]);
    expect(lines(json.out)).toHaveLength(1);
  });

  it('ends quietly with the reader of its output, and says when its output cannot be written', async () => {
    const unread = await hearth(['list'], {}, undefined, 'unread');
    expect([unread.code, unread.err]).toEqual([141, '']);
    if (process.platform !== 'linux') return;
    const full = await hearth(['list'], {}, undefined, 'full');
    expect([full.code, full.err]).toEqual([1, 'disk.full: The output cannot be written: the disk is full.\n']);
  });

  it('prints the grammar of a JSON schema, or names the keyword that cannot be held', async () => {
    const write = (schema: string): string => {
      const file = path.join(folder, 'schema.json');
      writeFileSync(file, schema);
      return file;
    };
    const held = await hearth(['schema', write('{"type": "integer", "minimum": 1, "maximum": 12}')]);
    expect([held.code, held.err]).toEqual([0, '']);
    expect(held.out).toMatch(/^root ::= "1" [^]*\n$/);
    const json = await hearth(['schema', write('{"enum": ["yes", "no"]}'), '--json']);
    expect(lines(json.out)).toEqual([{ grammar: 'root ::= "\\"yes\\"" | "\\"no\\""\n' }]);
    // PowerShell 5 writes a byte order mark.
    const marked = await hearth(['schema', write('\uFEFF{"enum": ["yes", "no"]}'), '--json']);
    expect(lines(marked.out)).toEqual(lines(json.out));
    const file = write('{"type": "array", "items": {"type": "string"}, "uniqueItems": true}');
    const refused = await hearth(['schema', file]);
    expect([refused.code, refused.out]).toEqual([1, '']);
    expect(refused.err).toMatch(/^invalid_input: The keyword "uniqueItems" cannot be held: .*\.\n$/);
    const facts = await hearth(['schema', file, '--json']);
    expect(lines(facts.err)).toMatchObject([
      { error: { code: 'invalid_input', data: { keyword: 'uniqueItems', place: '' } } },
    ]);
    expect((await hearth(['schema', write('{"type":')])).err).toMatch(/^invalid_input: .* is not JSON: /);
    expect(await hearth(['schema', path.join(folder, 'none.json')])).toMatchObject({ code: 1, out: '' });
  });

  it('serves, prints its address as one JSON object, and ends on Ctrl+C', async () => {
    const served = await hearth(['serve', '--port', '0', '--json'], {}, (out) => out.includes('\n'));
    expect(served.code).toBe(130);
    expect(lines(served.out)).toEqual([{ url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/#token=/) }]);
  });
});
