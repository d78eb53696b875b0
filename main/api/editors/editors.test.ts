import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EditorId } from '../../../preload/contract/editor-ids.ts';
import { createEditors, type Editors } from './editors.ts';

const SECRET = 'hearth-0123456789abcdefghijklmnop';
let home: string;
let editors: Editors;
beforeEach(() => {
  home = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'hearth-editors-')));
  editors = withContext(32_768);
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function withContext(contextSize: number | null, env: Record<string, string> = {}): Editors {
  return createEditors({
    places: { home, platform: 'linux', env },
    origin: () => 'http://127.0.0.1:11535',
    contextSize: async () => contextSize,
    isKey: (secret) => secret === SECRET,
  });
}

const at = (inside: string): string => path.join(home, inside);
function put(inside: string, text: string): void {
  mkdirSync(path.dirname(at(inside)), { recursive: true });
  writeFileSync(at(inside), text);
}
const read = (inside: string): string => readFileSync(at(inside), 'utf8');

async function connect(editor: EditorId, model = 'coder', secret: string | null = null): Promise<string | null> {
  const { token } = await editors.change({ editor, model, secret });
  return (await editors.connect(token)).copy;
}

describe('settings of programs', () => {
  it.each(['claude-code', 'codex', 'zed', 'continue'] as const)(
    'shows of %s what a connection writes into an empty file, with the context of the model',
    async (editor) => {
      const { text } = await editors.settings({ editor, model: 'coder', placeholder: 'YOUR_KEY' });
      const file = { 'claude-code': '.claude/settings.json', codex: '.codex/config.toml' };
      const inside = { ...file, zed: '.config/zed/settings.json', continue: '.continue/config.yaml' }[editor];
      expect(readdirSync(home)).toEqual([]);
      await connect(editor, 'coder', SECRET);
      expect(text?.replaceAll('YOUR_KEY', SECRET)).toBe(read(inside));
      if (editor !== 'claude-code') expect(text).toContain('32768');
    },
  );

  it('shows no change with a secret that the server does not let in', async () => {
    await expect(connect('codex', 'coder', `${SECRET}x`)).rejects.toMatchObject({
      code: 'invalid_input',
      data: { reason: 'unknown_key' },
    });
    expect(readdirSync(home)).toEqual([]);
  });

  it('writes those of Claude Code and keeps comments, order and indentation', async () => {
    put(
      '.claude/settings.json',
      '{\n    // mine\n    "theme": "dark",\n    "env": { "A": "1", "ANTHROPIC_API_KEY": "sk-ant" }\n}\n',
    );
    expect(await connect('claude-code', 'coder', SECRET)).toBe(
      path.join('~', '.claude', 'settings.json.before-hearth'),
    );
    expect(read('.claude/settings.json')).toBe(
      [
        '{',
        '    // mine',
        '    "theme": "dark",',
        '    "env": {',
        '        "A": "1",',
        '        "ANTHROPIC_BASE_URL": "http://127.0.0.1:11535",',
        `        "ANTHROPIC_AUTH_TOKEN": "${SECRET}",`,
        '        "ANTHROPIC_MODEL": "coder",',
        '        "ANTHROPIC_DEFAULT_HAIKU_MODEL": "coder",',
        '        "ANTHROPIC_DEFAULT_SONNET_MODEL": "coder",',
        '        "ANTHROPIC_DEFAULT_OPUS_MODEL": "coder"',
        '    }',
        '}',
        '',
      ].join('\n'),
    );
    expect(read('.claude/settings.json.before-hearth')).toContain('"ANTHROPIC_API_KEY": "sk-ant"');
  });

  it('writes those of Codex and keeps comments, tables and what lies below its own table', async () => {
    put(
      '.codex/config.toml',
      [
        '# my codex',
        'model = "gpt-5" # the good one',
        'model_reasoning_effort = "medium"',
        '',
        "[projects.'/home/x y']",
        'trust_level = "trusted"',
        '',
        '[model_providers.other] # keep',
        'base_url = "https://example.org/v1"',
        '',
      ].join('\n'),
    );
    await connect('codex', 'o/n/a "b".gguf', SECRET);
    const first = read('.codex/config.toml');
    expect(first).toBe(
      [
        '# my codex',
        String.raw`model = "o/n/a \"b\".gguf" # the good one`,
        'model_reasoning_effort = "medium"',
        'model_provider = "hearth"',
        'model_context_window = 32768',
        '',
        "[projects.'/home/x y']",
        'trust_level = "trusted"',
        '',
        '[model_providers.other] # keep',
        'base_url = "https://example.org/v1"',
        '',
        '[model_providers.hearth]',
        'name = "Hearth"',
        'base_url = "http://127.0.0.1:11535/v1"',
        'wire_api = "responses"',
        `experimental_bearer_token = "${SECRET}"`,
        '',
      ].join('\n'),
    );
    writeFileSync(at('.codex/config.toml'), `${first}\n[model_providers.hearth.http_headers]\nx = "y"\n`);
    await connect('codex', 'coder');
    const second = read('.codex/config.toml');
    expect(second).toContain('wire_api = "responses"\n\n[model_providers.hearth.http_headers]\nx = "y"\n');
    expect(second).not.toContain(SECRET);
    expect(second.match(/\[model_providers\.hearth\]/g)).toHaveLength(1);
  });

  it('makes the files of Codex and Claude Code where there are none, readable for their user alone', async () => {
    expect(await connect('codex')).toBeNull();
    expect(read('.codex/config.toml')).toBe(
      'model = "coder"\nmodel_provider = "hearth"\nmodel_context_window = 32768\n\n[model_providers.hearth]\nname = "Hearth"\nbase_url = "http://127.0.0.1:11535/v1"\nwire_api = "responses"\n',
    );
    expect(statSync(at('.codex/config.toml')).mode & 0o777).toBe(0o600);
    await connect('claude-code');
    expect(JSON.parse(read('.claude/settings.json'))).toMatchObject({ env: { ANTHROPIC_AUTH_TOKEN: 'hearth' } });
    put('.codex/config.toml', '[tui]\nx = 1\n');
    await connect('codex');
    expect(read('.codex/config.toml')).toMatch(
      /^model = "coder"\n[^[]+\n\[tui\]\nx = 1\n\n\[model_providers\.hearth\]\n/,
    );
  });

  it('adds a model to those that Zed has, and no key', async () => {
    put(
      '.config/zed/settings.json',
      '// Zed\n{\n  "vim_mode": true,\n  "language_models": { "openai_compatible": { "Hearth": { "api_url": "http://127.0.0.1:1/v1", "available_models": [{ "name": "old", "max_tokens": 5 }] } } },\n}\n',
    );
    await connect('zed', 'o/n/a.gguf', SECRET);
    const text = read('.config/zed/settings.json');
    expect(text).toMatch(/^\/\/ Zed\n\{\n {2}"vim_mode": true,/);
    expect(text).not.toContain(SECRET);
    expect(JSON.parse(text.replace('// Zed', '').replace(/,\n\}\n$/, '}'))).toEqual({
      vim_mode: true,
      language_models: {
        openai_compatible: {
          Hearth: {
            api_url: 'http://127.0.0.1:11535/v1',
            available_models: [
              { name: 'old', max_tokens: 5 },
              { name: 'o/n/a.gguf', display_name: 'a.gguf', max_tokens: 32_768 },
            ],
          },
        },
      },
    });
    editors = withContext(null);
    await connect('zed', 'o/n/a.gguf');
    expect(read('.config/zed/settings.json').match(/o\/n\/a\.gguf/g)).toHaveLength(1);
  });

  it('adds an entry to the models of Continue and changes that one later', async () => {
    const before = [
      '# Continue',
      'name: Mine',
      'version: 0.0.1',
      'schema: v1',
      '',
      'models:',
      '  # the large one',
      '  - name: GPT',
      '    provider: openai',
      '    model: gpt-5 # cloud',
      '    apiKey: "sk-0123456789abcdef0123"',
      'rules: []',
      '',
    ].join('\n');
    put('.continue/config.yaml', before);
    const change = await editors.change({ editor: 'continue', model: 'coder', secret: SECRET });
    expect(change.after).not.toContain(SECRET);
    expect(change.after).toContain('apiKey: hearth-01234…');
    expect(`${change.before}${change.after}`).not.toContain('sk-0123456789');
    await editors.connect(change.token);
    const entry = [
      '  - name: Hearth',
      '    provider: openai',
      '    model: coder',
      '    apiBase: http://127.0.0.1:11535/v1',
      `    apiKey: ${SECRET}`,
      '    roles:',
      '      - chat',
      '      - edit',
      '      - apply',
      '    defaultCompletionOptions:',
      '      contextLength: 32768',
    ];
    expect(read('.continue/config.yaml')).toBe(before.replace('rules', `${entry.join('\n')}\nrules`));
    await connect('continue', 'other');
    expect(read('.continue/config.yaml')).toContain('# the large one\n');
    expect(read('.continue/config.yaml')).toMatch(/model: other\n/);
    expect(read('.continue/config.yaml')).not.toMatch(/model: coder|0123456789abcdefghijklmnop/);
  });

  it('makes no settings of Continue that would hide older ones', async () => {
    put('.continue/config.json', '{}');
    await expect(connect('continue')).rejects.toMatchObject({
      code: 'invalid_input',
      data: { reason: 'older_settings' },
    });
    rmSync(at('.continue/config.json'));
    await connect('continue');
    expect(read('.continue/config.yaml')).toMatch(/^name: Local Config\nversion: 1\.0\.0\nschema: v1\nmodels:\n/);
  });

  it.each([
    ['claude-code', '.claude/settings.json', '{ "env": { "A": '],
    ['claude-code', '.claude/settings.json', '[]'],
    ['claude-code', '.claude/settings.json', '{ "env": "A=1" }'],
    ['zed', '.config/zed/settings.json', '{ "language_models": [] }'],
    ['zed', '.config/zed/settings.json', '{ a: 1 }'],
    ['codex', '.codex/config.toml', 'model = '],
    ['codex', '.codex/config.toml', 'model_providers = { hearth = { name = "x" } }'],
    ['codex', '.codex/config.toml', '[model_providers]\nhearth = { name = "x" }\n'],
    ['continue', '.continue/config.yaml', 'models: {a: [}'],
    ['continue', '.continue/config.yaml', '- a\n- b\n'],
    ['continue', '.continue/config.yaml', 'models: x\n'],
    ['zed', '.config/zed/settings.json', '[1'.repeat(300_000)],
    ['codex', '.codex/config.toml', `a = ${'['.repeat(300_000)}`],
    ['continue', '.continue/config.yaml', `a: ${'['.repeat(300_000)}`],
  ] as const)('leaves damaged settings of %s alone (%s: %.60s)', async (editor, file, text) => {
    put(file, text);
    await expect(connect(editor)).rejects.toMatchObject({
      code: 'invalid_input',
      data: { reason: 'unreadable_settings' },
    });
    expect(read(file)).toBe(text);
    expect(readdirSync(path.dirname(at(file)))).toEqual([path.basename(file)]);
  });

  it('refuses what is no text of settings', async () => {
    put('.claude/settings.json', '{}');
    writeFileSync(at('.claude/settings.json'), Buffer.from([0x7b, 0xff, 0x7d]));
    await expect(connect('claude-code')).rejects.toMatchObject({ data: { where: 'not UTF-8' } });
    writeFileSync(at('.claude/settings.json'), ' '.repeat(1_000_001));
    await expect(connect('claude-code')).rejects.toMatchObject({ data: { reason: 'unreadable_settings' } });
    rmSync(at('.claude/settings.json'));
    mkdirSync(at('.claude/settings.json'));
    await expect(connect('claude-code')).rejects.toMatchObject({ data: { reason: 'unreadable_settings' } });
  });

  it('writes only what was shown, and only over the file that was shown', async () => {
    put('.claude/settings.json', '{}\n');
    const { token } = await editors.change({ editor: 'claude-code', model: 'coder', secret: null });
    await expect(editors.connect('0'.repeat(64))).rejects.toMatchObject({ code: 'not_found' });
    put('.claude/settings.json', '{ "theme": "light" }\n');
    await expect(editors.connect(token)).rejects.toMatchObject({ code: 'busy', data: { reason: 'settings_changed' } });
    expect(read('.claude/settings.json')).toBe('{ "theme": "light" }\n');
    expect(readdirSync(at('.claude'))).toEqual(['settings.json']);
  });

  const large = (line: (index: number) => string): string =>
    Array.from({ length: 20_000 }, (_, index) => line(index))
      .join('')
      .slice(0, 250_000);
  it.each([
    ['continue', '.continue/config.yaml', large((index) => `k${index}: 1\n`)],
    ['continue', '.continue/config.yaml', large((index) => `k${index}: &a${index} 1\n`)],
    ['continue', '.continue/config.yaml', `${'a: '.repeat(40_000)}`],
    ['continue', '.continue/config.yaml', `x: ${'['.repeat(100_000)}${']'.repeat(100_000)}`],
    ['codex', '.codex/config.toml', large((index) => `k${index} = 1\n`)],
    ['codex', '.codex/config.toml', `${Array(3000).fill('a').join('.')} = 1\n`],
    ['codex', '.codex/config.toml', `[${Array(100_000).fill('a').join('.')}]\n`],
    ['codex', '.codex/config.toml', `x = ${'['.repeat(2000)}${']'.repeat(2000)}\n`],
    ['zed', '.config/zed/settings.json', `{}${'/**/'.repeat(60_000)}`],
    ['zed', '.config/zed/settings.json', `{${large((index) => `"k${index}":1,`).replace(/,[^,]*$/, '')}}`],
  ] as const)('takes no long time for the large or deep settings of %s', async (editor, file, text) => {
    put(file, text);
    const started = performance.now();
    await editors.list();
    await editors.change({ editor, model: 'coder', secret: null }).catch((error: unknown) => {
      expect(error).toMatchObject({ code: 'invalid_input', data: { reason: 'unreadable_settings' } });
    });
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it('refuses a key that stands twice, and leaves an alias to its program', async () => {
    put('.continue/config.yaml', 'a: 1\nb:\n  c: 1\n  c: 2\n');
    await expect(editors.change({ editor: 'continue', model: 'coder', secret: null })).rejects.toMatchObject({
      data: { where: 'line 4' },
    });
    put('.continue/config.yaml', 'a: *b\nmodels: []\n');
    await connect('continue');
    expect(read('.continue/config.yaml')).toMatch(/^a: \*b\n/);
  });

  it('writes through a link whose file is not there yet', async () => {
    mkdirSync(at('.claude'));
    symlinkSync('../dotfiles/claude.json', at('.claude/settings.json'));
    expect(await connect('claude-code')).toBeNull();
    expect(lstatSync(at('.claude/settings.json')).isSymbolicLink()).toBe(true);
    expect(JSON.parse(read('dotfiles/claude.json'))).toHaveProperty('env');
  });

  it('writes through no link in the place of its own unfinished file', async () => {
    put('.claude/settings.json', '{}');
    put('precious', 'kept');
    symlinkSync(at('precious'), at(`.claude/settings.json.hearth-${process.pid}`));
    await connect('claude-code');
    expect(read('precious')).toBe('kept');
  });

  it('says where the place of a folder is taken', async () => {
    put('.claude', 'no folder');
    await expect(connect('claude-code')).rejects.toMatchObject({ code: 'disk.denied' });
  });

  it('follows a link, keeps the mode, and keeps every copy', async () => {
    put('dotfiles/claude.json', '{}\n');
    chmodSync(at('dotfiles/claude.json'), 0o640);
    mkdirSync(at('.claude'));
    symlinkSync('../dotfiles/claude.json', at('.claude/settings.json'));
    await connect('claude-code');
    await connect('claude-code', 'other');
    expect(realpathSync(at('.claude/settings.json'))).toBe(at('dotfiles/claude.json'));
    expect(statSync(at('dotfiles/claude.json')).mode & 0o777).toBe(0o640);
    expect(readdirSync(at('dotfiles')).sort()).toEqual([
      'claude.json',
      'claude.json.before-hearth',
      'claude.json.before-hearth-2',
    ]);
    expect(read('dotfiles/claude.json.before-hearth')).toBe('{}\n');
  });

  it('tells which programs are there and which use this server', async () => {
    put('.codex/config.toml', 'model = "x"\n[model_providers.local]\nbase_url = "http://localhost:11535/v1"\n');
    put('.claude/settings.json', '{ broken');
    put(
      '.config/zed/settings.json',
      '{ "language_models": { "openai_compatible": { "X": { "api_url": "not an address" } } } }',
    );
    const found = await editors.list();
    expect(found.map(({ id, isInstalled, isConnected }) => [id, isInstalled, isConnected])).toEqual([
      ['claude-code', true, false],
      ['codex', true, true],
      ['zed', true, false],
      ['continue', false, false],
      ['cline', false, false],
      ['open-webui', false, false],
    ]);
    expect(found[1]?.file).toBe(path.join('~', '.codex', 'config.toml'));
    expect(found[4]?.file).toBeNull();
    await connect('continue');
    await connect('zed');
    await expect(editors.change({ editor: 'cline', model: 'x', secret: null })).rejects.toMatchObject({
      code: 'unsupported',
    });
    expect((await editors.list()).filter(({ isConnected }) => isConnected).map(({ id }) => id)).toEqual([
      'codex',
      'zed',
      'continue',
    ]);
  });

  it('finds the folders that the programs themselves are told', async () => {
    editors = withContext(null, {
      CODEX_HOME: at('x/codex'),
      CLAUDE_CONFIG_DIR: at('x/claude'),
      XDG_CONFIG_HOME: at('x'),
      CONTINUE_GLOBAL_DIR: 'not/absolute',
    });
    await connect('codex');
    await connect('claude-code');
    await connect('zed');
    expect(readdirSync(at('x')).sort()).toEqual(['claude', 'codex', 'zed']);
    expect((await editors.list()).find(({ id }) => id === 'continue')?.file).toBe(
      path.join('~', '.continue', 'config.yaml'),
    );
  });
});
