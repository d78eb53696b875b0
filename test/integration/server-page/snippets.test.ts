import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { editorIds as contractIds } from '../../../preload/contract/editor-ids.ts';
import { createEditors } from '../../../main/api/editors/editors.ts';
import {
  isWritten,
  snippet,
  type SnippetFacts,
  type Target,
} from '../../../renderer/features/server/connect/snippets.ts';

const facts: SnippetFacts = {
  ...{ origin: 'http://127.0.0.1:11535', model: 'o/n/it\'s a "b".gguf', key: 'hearth-KEY', keyless: 'not-needed' },
};

describe('snippet', () => {
  it('is there for each program whose settings main does not write, and leaves a key out where none is needed', async () => {
    const editors = createEditors({
      places: { home: '/nowhere', platform: 'linux', env: {} },
      origin: () => facts.origin,
      contextSize: async () => null,
      isKey: () => false,
    });
    const targets: readonly Target[] = ['curl', 'python', 'javascript', ...contractIds];
    for (const target of targets) {
      if (isWritten(target)) {
        const { text } = await editors.settings({ editor: target, model: 'coder', placeholder: null });
        expect(text, target).toContain('127.0.0.1:11535');
        continue;
      }
      const text = snippet(target, facts);
      expect(text, target).toContain(target === 'open-webui' ? 'host.docker.internal:11535/v1' : '127.0.0.1:11535');
      expect(text, target).toContain('hearth-KEY');
      expect(snippet(target, { ...facts, key: null }), target).not.toContain('hearth-KEY');
      const editor = contractIds.find((id) => id === target);
      if (editor !== undefined)
        expect(await editors.settings({ editor, model: 'coder', placeholder: null })).toEqual({ text: null });
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
});
