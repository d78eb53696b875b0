import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { MAX_PROMPTS } from '../../preload/contract/prompt-limits.ts';
import { promptSchema, type PromptsEvent } from '../../preload/contract/prompts.ts';
import { openStore } from '../store/store.ts';
import { readPromptFile } from './prompt-file.ts';
import { createPrompts, type Prompts } from './prompts.ts';

function library(undoMs = 10_000): { prompts: Prompts; reopen: () => Prompts; folder: string } {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-prompts-'));
  const open = () => openStore(folder, path.join(import.meta.dirname, '../store/migrations'));
  let store = open();
  onTestFinished(() => {
    store.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    folder,
    prompts: createPrompts({ store, undoMs, now: () => 5 }),
    reopen() {
      store.close();
      store = open();
      return createPrompts({ store });
    },
  };
}

const content = (name: string, text = `Text of ${name}`) => ({ name, description: '', text });
async function listed(prompts: Prompts): Promise<PromptsEvent['prompts']> {
  for await (const { prompts: list } of prompts.watch(AbortSignal.timeout(5000))) return list;
  return [];
}
const names = async (prompts: Prompts): Promise<string[]> => (await listed(prompts)).map(({ name }) => name);

describe('the library', () => {
  it('keeps prompts over a restart, by name, and changes them', async () => {
    const { prompts, reopen } = library();
    const { promptId } = prompts.save(null, { ...content('translate'), description: 'Into another language' });
    prompts.save(null, content('Summarize', 'Sum up:\n\n  {{text}}'));
    expect(await listed(prompts)).toMatchObject([
      { name: 'Summarize', beginning: 'Sum up: {{text}}', changedAt: 5 },
      { id: promptId, name: 'translate', description: 'Into another language' },
    ]);
    prompts.save(promptId, content('Translate', 'New'));
    expect(reopen().read(promptId)).toEqual({ id: promptId, ...content('Translate', 'New') });
  });

  it('refuses a taken name, whatever its case, a prompt that is gone, and too many', async () => {
    const { prompts } = library();
    const { promptId } = prompts.save(null, content('Fix'));
    prompts.save(null, content('Other'));
    expect(() => prompts.save(null, content('fIX'))).toThrow('has this name');
    expect(() => prompts.save(promptId, content('other'))).toThrow('has this name');
    prompts.delete([promptId]);
    expect(() => prompts.save(promptId, content('Fix'))).toThrow('no longer here');
    expect(() => prompts.read(promptId)).toThrow('no longer here');
    const many = Array.from({ length: MAX_PROMPTS }, (_, index) => content(`Prompt ${index}`));
    const report = prompts.import(JSON.stringify({ format: 'hearth-prompts', version: 1, prompts: many }));
    expect([report.added.length, report.refused]).toEqual([MAX_PROMPTS - 1, { library_full: 1 }]);
    expect(() => prompts.save(null, content('One more'))).toThrow('takes no more');
    expect(await names(prompts)).toHaveLength(MAX_PROMPTS);
  });

  it('tells every window of changes', async () => {
    const { prompts } = library();
    const seen: string[][] = [];
    const ending = new AbortController();
    const watching = (async () => {
      for await (const event of prompts.watch(ending.signal)) seen.push(event.prompts.map(({ name }) => name));
    })();
    await vi.waitFor(() => expect(seen).toEqual([[]]));
    const { promptId } = prompts.save(null, content('One'));
    await vi.waitFor(() => expect(seen.at(-1)).toEqual(['One']));
    prompts.delete([promptId]);
    await vi.waitFor(() => expect(seen.at(-1)).toEqual([]));
    ending.abort();
    await watching;
  });

  it('brings deleted prompts back, also under another name where theirs was given away', async () => {
    const { prompts } = library();
    const ids = ['One', 'Two'].map((name) => prompts.save(null, content(name)).promptId);
    prompts.delete(ids);
    expect(await names(prompts)).toEqual([]);
    prompts.save(null, content('one', 'Another'));
    expect(prompts.undoDelete(ids)).toEqual({ restored: true });
    expect(await names(prompts)).toEqual(['one', 'One (2)', 'Two']);
    // A window that missed the answer asks again.
    expect(prompts.undoDelete(ids)).toEqual({ restored: true });
  });

  it('really deletes: after the undo time the words are in no file', async () => {
    const { prompts, folder } = library(1);
    const { promptId } = prompts.save(null, content('Secret', 'rhubarb-marmalade'));
    const isStored = (): boolean =>
      ['hearth.db', 'hearth.db-wal'].some((name) =>
        readFileSync(path.join(folder, name)).includes('rhubarb-marmalade'),
      );
    expect(isStored()).toBe(true);
    prompts.delete([promptId]);
    await vi.waitFor(() => expect(isStored()).toBe(false), { timeout: 5000 });
    expect(prompts.undoDelete([promptId])).toEqual({ restored: false });
  });
});

describe('files of prompts', () => {
  it.each(['hearth', 'open-webui'] as const)('are read again as they were written (%s)', async (form) => {
    const { prompts } = library();
    const { promptId } = prompts.save(null, {
      ...content('Résumé of a text', '{{text | textarea}} “é” \u2028'),
      description: 'Short',
    });
    prompts.save(null, content('Other'));
    const { text } = prompts.export(form);
    expect(prompts.export(form, [promptId]).text).not.toContain('Other');
    expect(prompts.import(text)).toEqual({ added: [], same: 2, renamed: 0, refused: {} });
    const other = library().prompts;
    expect(other.import(text).added).toHaveLength(2);
    const [, back] = await listed(other);
    expect(back).toMatchObject({ name: 'Résumé of a text', description: form === 'hearth' ? 'Short' : '' });
  });

  it('are written with commands of their own for Open WebUI', () => {
    const { prompts } = library();
    for (const name of ['Fix it!', 'Fix it?', '!!']) prompts.save(null, content(name));
    const entries = JSON.parse(prompts.export('open-webui').text) as { command: string; title: string }[];
    expect(entries.map(({ command }) => command)).toEqual(['/prompt', '/fix-it', '/fix-it-2']);
  });

  it('of Open WebUI come over: older ones with a title, newer ones with a name, and what is none is counted', async () => {
    const { prompts } = library();
    prompts.save(null, content('Summarize', 'Mine'));
    const report = prompts.import(
      JSON.stringify([
        {
          command: '/summarize',
          user_id: 'u',
          title: 'Summarize',
          content: 'Sum up {{CLIPBOARD}}',
          timestamp: 1_700_000_000,
        },
        { id: 'x', command: 'tone', name: '', content: '{{tone | select:options=["a","b"]}}', data: {}, tags: [] },
        { command: '/mine', title: 'summarize', content: 'Mine' },
        { title: 'No text', content: ' \n' },
        { content: 'No name' },
        { title: 'Long', content: 'x'.repeat(100_001) },
        { title: 'A'.repeat(300), content: 'Cut name' },
        null,
        'text',
        { title: 'Number', content: 5 },
      ]),
    );
    expect(report).toMatchObject({
      same: 1,
      renamed: 1,
      refused: { no_text: 1, no_name: 1, too_long: 1, not_a_prompt: 3 },
    });
    expect(await names(prompts)).toEqual(['A'.repeat(100), 'Summarize', 'Summarize (2)', 'tone']);
    prompts.delete(report.added);
    expect(await names(prompts)).toEqual(['Summarize']);
  });

  it.each([
    ['{', 'file_not_json'],
    ['[]', 'no_prompts'],
    ['{"chats": []}', 'no_prompts'],
    ['[1, 2]', 'no_prompts'],
    ['"text"', 'no_prompts'],
    ['{"format": "hearth-prompts", "version": 2, "prompts": []}', 'prompts_newer'],
    [`[${'{"content":"x"},'.repeat(20_000)}{"content":"x"}]`, 'too_many_prompts'],
    ['['.repeat(100_000), 'file_not_json'],
  ])('are refused by reason: %.40s', (text, reason) => {
    expect(() => readPromptFile(text)).toThrow(
      expect.objectContaining({ data: expect.objectContaining({ reason }) as unknown }),
    );
  });

  it('keep characters whole where a name is cut, and no line breaks in one', () => {
    const [entry] = readPromptFile(JSON.stringify([{ title: `${'a'.repeat(99)}🦊b`, content: 'x' }]));
    expect(entry).toMatchObject({ name: 'a'.repeat(99) });
    expect(readPromptFile('\uFEFF{"title":" a\\n\\u0000b ","text":"x"}')).toMatchObject([{ name: 'a b' }]);
    expect(promptSchema.safeParse({ name: 'a\nb', description: '', text: 'x' }).success).toBe(false);
  });
});
