/** Documents of the notebook: what is stored, with several windows, over a restart, and after a deletion. */
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NotebookEvent, TextChange } from '../../../preload/contract/notebook.ts';
import type { Inference } from '../../../main/inference/inference.ts';
import { createNotebook, type Notebook } from '../../../main/notebook/notebook.ts';
import { withChanges } from '../../../main/notebook/text-changes.ts';
import { openStore, statement, type Store } from '../../../main/store/store.ts';
import { createRandom } from '../../support/random.ts';

const migrations = path.join(import.meta.dirname, '../../../main/store/migrations');
let folder: string;
let store: Store;
let notebook: Notebook;
let clock = 1_700_000_000_000;
let nextId = 0;

/** Nothing in this file runs a model. */
const inference = {} as Inference;
const editId = (): string => `edit-of-this-test-${++nextId}`;
const never = new AbortController().signal;

function open(undoMs = 10_000): void {
  store = openStore(folder, migrations);
  notebook = createNotebook({
    ...{ store, inference, builtInModelId: 'built/in/model.gguf', undoMs },
    now: () => ++clock,
    onModelUsed: () => {},
    onDefect(error) {
      throw error;
    },
  });
}
function close(): void {
  notebook.close();
  store.close();
}
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-documents-'));
  open();
});
afterEach(() => {
  close();
  rmSync(folder, { recursive: true, force: true });
});

const create = (text = ''): string => notebook.create({ title: '', text, modelId: null, sampling: null }).id;
async function snapshot(documentId: string): Promise<Extract<NotebookEvent, { type: 'snapshot' }>> {
  for await (const event of notebook.watch(documentId, never)) if (event.type === 'snapshot') return event;
  throw new Error('There was no snapshot.');
}
async function listed(): Promise<readonly string[]> {
  for await (const event of notebook.watchList(never))
    if (event.type === 'snapshot') return event.documents.map(({ id }) => id);
  return [];
}

describe('the text of a document', () => {
  it('is what its edits make of it, also after a restart without a farewell', async () => {
    const documentId = create('Once upon a time');
    const random = createRandom(11);
    let text = 'Once upon a time';
    // More edits than are kept beside the text, so that it is written in between.
    for (let version = 0; version < 1000; version++) {
      const from = random(text.length + 1);
      const to = Math.min(text.length, from + random(4));
      const changes: TextChange[] = [{ from, to, text: 'abé\n😀'.slice(0, random(5)) }];
      expect(notebook.edit({ documentId, version, editId: editId(), changes })).toEqual({
        ...{ taken: true, version: version + 1 },
      });
      text = withChanges(text, changes);
    }
    expect((await snapshot(documentId)).text).toBe(text);
    const rows = statement(store, 'SELECT count(*) FROM notebook_edits', 'values').get() as number;
    expect(rows).toBeLessThan(500);
    // As a killed process leaves it: nothing is closed but the file.
    store.close();
    open();
    // An edit within a surrogate pair leaves halves, which the database writes as U+FFFD: as long, and no text of a person.
    const halves = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
    const restored = await snapshot(documentId);
    expect(restored.text.replaceAll(halves, '\ufffd')).toBe(text.replaceAll(halves, '\ufffd'));
    expect(restored.version).toBe(1000);
    expect(restored.document.beginning).toBe(text.trim().slice(0, 120));
  });

  it('takes one of two edits that were made at once, and tells both windows', async () => {
    const documentId = create('one');
    const abort = new AbortController();
    const seen: NotebookEvent[] = [];
    const watching = (async () => {
      for await (const event of notebook.watch(documentId, abort.signal)) seen.push(event);
    })();
    const first = { documentId, version: 0, editId: editId(), changes: [{ from: 3, to: 3, text: ' two' }] };
    const second = { documentId, version: 0, editId: editId(), changes: [{ from: 0, to: 0, text: 'zero ' }] };
    await expect.poll(() => seen.length).toBe(1);
    expect(notebook.edit(first)).toEqual({ taken: true, version: 1 });
    expect(notebook.edit(second)).toEqual({ taken: false, version: 1 });
    expect(notebook.edit({ ...second, version: 1 })).toEqual({ taken: true, version: 2 });
    // A window that lost the answer sends its edit again.
    expect(notebook.edit(first)).toEqual({ taken: true, version: 2 });
    await expect.poll(() => seen.filter(({ type }) => type === 'edit').length).toBe(2);
    abort.abort();
    await watching;
    const { text, editIds } = await snapshot(documentId);
    expect(text).toBe('zero one two');
    expect(editIds).toEqual([first.editId, second.editId]);
  });

  it('has line ends of one character, whatever is pasted', async () => {
    const documentId = create('one\r\ntwo\rthree');
    notebook.edit({ documentId, version: 0, editId: editId(), changes: [{ from: 4, to: 7, text: 'a\r\nb' }] });
    expect((await snapshot(documentId)).text).toBe('one\na\nb\nthree');
  });

  it('refuses edits that do not fit, and stays as it was', async () => {
    const documentId = create('short');
    const edit = (changes: TextChange[]) => () => notebook.edit({ documentId, version: 0, editId: editId(), changes });
    const place = expect.objectContaining({ data: expect.objectContaining({ reason: 'edit_place' }) as object });
    expect(edit([{ from: 3, to: 9, text: '' }])).toThrow(place);
    expect(edit([{ from: 3, to: 2, text: '' }])).toThrow(place);
    expect(
      edit([
        { from: 3, to: 5, text: '' },
        { from: 1, to: 2, text: '' },
      ]),
    ).toThrow(place);
    expect(edit([{ from: 0, to: 0, text: 'x'.repeat(2_000_000) }])).toThrow(
      expect.objectContaining({ data: expect.objectContaining({ reason: 'document_too_long' }) as object }),
    );
    expect(await snapshot(documentId)).toMatchObject({ text: 'short', version: 0 });
  });

  it('writes little where a letter is typed into a text of two million', () => {
    const documentId = create(`\n${' '.repeat(3000)}x${'y'.repeat(1_996_000)}`);
    const size = (): number => readFileSync(path.join(folder, 'hearth.db-wal')).length;
    store.pragma('wal_checkpoint(TRUNCATE)');
    const from = performance.now();
    for (let version = 0; version < 100; version++)
      notebook.edit({ documentId, version, editId: editId(), changes: [{ from: 7, to: 7, text: 'y' }] });
    expect(size()).toBeLessThan(3_000_000);
    expect(performance.now() - from).toBeLessThan(5000);
  });

  it('ends at an edit that a damaged disk took away, and goes on from there', async () => {
    const documentId = create('a');
    for (let version = 0; version < 4; version++)
      notebook.edit({
        documentId,
        version,
        editId: editId(),
        changes: [{ from: version + 1, to: version + 1, text: 'b' }],
      });
    statement(store, 'DELETE FROM notebook_edits WHERE version = 3').run();
    store.close();
    open();
    expect(await snapshot(documentId)).toMatchObject({ text: 'abb', version: 2 });
    notebook.edit({ documentId, version: 2, editId: editId(), changes: [{ from: 0, to: 0, text: 'c' }] });
    expect((await snapshot(documentId)).text).toBe('cabb');
  });
});

describe('documents', () => {
  it('are listed, the last changed first, and keep their own model and sampling', async () => {
    const [first, second] = [create('first'), create('second')];
    expect(await listed()).toEqual([second, first]);
    const sampling = { temperature: 1, topK: 0, topP: 1, minP: 0, repeatPenalty: 1, maxTokens: 5, seed: null };
    notebook.update({ documentId: first, title: 'A title', modelId: 'a/b/c.gguf', sampling });
    notebook.edit({ documentId: first, version: 0, editId: editId(), changes: [{ from: 0, to: 5, text: 'changed' }] });
    expect(await listed()).toEqual([first, second]);
    close();
    open();
    expect((await snapshot(first)).document).toMatchObject({
      ...{ title: 'A title', modelId: 'a/b/c.gguf', sampling, beginning: 'changed' },
    });
  });

  it('come back when a deletion is undone, and leave nothing on the disk when it is over', async () => {
    const words = 'a sentence that nobody else writes';
    const documentId = create(words);
    notebook.edit({ documentId, version: 0, editId: editId(), changes: [{ from: 0, to: 0, text: 'quixotic ' }] });
    notebook.delete(documentId);
    expect(await listed()).toEqual([]);
    await expect(snapshot(documentId)).rejects.toMatchObject({ code: 'not_found', data: { reason: 'document' } });
    expect(notebook.undoDelete(documentId)).toEqual({ restored: true });
    expect((await snapshot(documentId)).text).toBe(`quixotic ${words}`);
    notebook.delete(documentId);
    close();
    const onDisk = readdirSync(folder).map((name) => readFileSync(path.join(folder, name)).toString('latin1'));
    expect(onDisk.some((bytes) => bytes.includes(words) || bytes.includes('quixotic'))).toBe(false);
    open();
    expect(notebook.undoDelete(documentId)).toEqual({ restored: false });
  });

  it('that an earlier process hid are purged at the next start', async () => {
    const documentId = create('hidden words of an earlier process');
    notebook.delete(documentId);
    store.close();
    open();
    expect(statement(store, 'SELECT count(*) FROM notebook_documents', 'values').get()).toBe(0);
    const onDisk = readdirSync(folder).map((name) => readFileSync(path.join(folder, name)).toString('latin1'));
    expect(onDisk.some((bytes) => bytes.includes('hidden words'))).toBe(false);
    expect(await listed()).toEqual([]);
  });

  it('end for the windows that show them when they are deleted', async () => {
    const documentId = create();
    const types: string[] = [];
    const watching = (async () => {
      for await (const { type } of notebook.watch(documentId, never)) types.push(type);
    })();
    await expect.poll(() => types).toEqual(['snapshot']);
    notebook.update({ documentId, title: 'x' });
    notebook.delete(documentId);
    await watching;
    expect(types).toEqual(['snapshot', 'document', 'removed']);
  });
});
