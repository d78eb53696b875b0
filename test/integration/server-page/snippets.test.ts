import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { parseTOML, getStaticTOMLValue } from 'toml-eslint-parser';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { editorIds as contractIds } from '../../../preload/contract/editor-ids.ts';
import { snippet, targets, type SnippetFacts } from '../../../renderer/features/server/connect/snippets.ts';

const facts: SnippetFacts = {
  ...{ origin: 'http://127.0.0.1:11535', model: 'o/n/it\'s a "b".gguf', key: 'hearth-KEY', keyless: 'not-needed' },
};

describe('snippet', () => {
  it('is there for each program of the contract, and leaves a key out where none is needed', () => {
    expect(targets.slice(3).toSorted()).toEqual([...contractIds].toSorted());
    for (const target of targets) {
      const text = snippet(target, facts);
      expect(text, target).toContain(target === 'open-webui' ? 'host.docker.internal:11535/v1' : '127.0.0.1:11535');
      if (target !== 'zed') expect(text, target).toContain('hearth-KEY');
      expect(snippet(target, { ...facts, key: null }), target).not.toContain('KEY=hearth');
      expect(snippet(target, { ...facts, key: null }), target).not.toContain('hearth-KEY');
    }
  });

  it('is a command that a shell divides as it should', async () => {
    const command = snippet('curl', facts).replace(/^curl /, 'printf "%s\\n" ');
    const { stdout } = await promisify(execFile)('sh', ['-c', command]);
    const words = stdout.trimEnd().split('\n');
    expect(words.slice(0, 6)).toEqual([
      'http://127.0.0.1:11535/v1/chat/completions',
      '-H',
      'Authorization: Bearer hearth-KEY',
      '-H',
      'Content-Type: application/json',
      '-d',
    ]);
    expect(JSON.parse(words[6] ?? '')).toEqual({
      model: facts.model,
      stream: true,
      messages: [{ role: 'user', content: 'Hello' }],
    });
  });

  it('is settings that their formats read', () => {
    expect(getStaticTOMLValue(parseTOML(snippet('codex', facts)))).toEqual({
      model: facts.model,
      model_provider: 'hearth',
      model_providers: {
        hearth: {
          name: 'Hearth',
          base_url: 'http://127.0.0.1:11535/v1',
          wire_api: 'responses',
          experimental_bearer_token: 'hearth-KEY',
        },
      },
    });
    expect(parseYaml(snippet('continue', facts))).toMatchObject({
      models: [{ model: facts.model, apiBase: 'http://127.0.0.1:11535/v1', apiKey: 'hearth-KEY' }],
    });
    expect(JSON.parse(snippet('claude-code', facts))).toMatchObject({ env: { ANTHROPIC_MODEL: facts.model } });
    expect(JSON.parse(snippet('zed', facts))).toHaveProperty('language_models.openai_compatible.Hearth.api_url');
  });
});
