import { ChangeSet, type Text } from '@codemirror/state';
import { describe, expect, it } from 'vitest';
import type { TextChange } from '../../../preload/contract/notebook.ts';
import { withChanges } from '../../../main/notebook/text-changes.ts';
import { createRandom } from '../../support/random.ts';
import {
  asTextChanges,
  createDocumentSync,
  difference,
  textOf,
  type DocumentSync,
} from '../../../renderer/features/notebook/editor/document-sync.ts';

/** Main as the windows see it: it takes an edit of the newest text, and tells it to all of them. */
function startMain(text: string) {
  const main = { text, version: 0, editIds: [] as string[] };
  type Window = { sync: DocumentSync; doc: Text; isConnected: boolean; loses: boolean; deliver: (() => void)[] };
  const windows: Window[] = [];
  const edit = (given: { version: number; editId: string; changes: TextChange[] }) => {
    if (main.editIds.includes(given.editId)) return { taken: true, version: main.version };
    if (given.version !== main.version) return { taken: false, version: main.version };
    main.text = withChanges(main.text, given.changes);
    main.version++;
    main.editIds.push(given.editId);
    const event = { type: 'edit' as const, version: main.version, editId: given.editId, changes: given.changes };
    for (const one of windows) if (one.isConnected) one.deliver.push(() => one.sync.edit(event));
    return { taken: true, version: main.version };
  };
  let id = 0;
  const open = (): Window => {
    const one: Window = {
      ...{ doc: textOf(main.text), isConnected: true, loses: false, deliver: [] },
      sync: createDocumentSync(main, {
        send: (given) =>
          new Promise((resolve, reject) => {
            if (!one.isConnected) return reject(new Error('disconnected'));
            one.deliver.push(() => {
              const answer = edit(given);
              // The answer is lost with the connection.
              if (one.loses) reject(new Error('disconnected'));
              else one.deliver.push(() => resolve(answer));
            });
          }),
        apply: (changes) => void (one.doc = changes.apply(one.doc)),
        onChange: () => {},
        onError: () => {},
        newId: () => `edit-${++id}`,
        waitMs: 1_000_000,
      }),
    };
    windows.push(one);
    return one;
  };
  const reconnect = (one: Window): void => {
    Object.assign(one, { isConnected: true, loses: false, deliver: [] });
    one.sync.snapshot({ ...main, editIds: main.editIds.slice(-64) });
  };
  return { main, open, reconnect };
}
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

describe('two windows with one document', () => {
  it.each(Array.from({ length: 25 }, (_, seed) => seed))(
    'have the same text in the end, with all that was written, whatever comes late or is lost (%i)',
    async (seed) => {
      const random = createRandom(seed);
      const { main, open, reconnect } = startMain('In the beginning\nthere was text.');
      const windows = [open(), open()] as const;
      const written: string[] = [];
      for (let step = 0; step < 300; step++) {
        const one = windows[random(2) === 0 ? 0 : 1];
        const act = random(10);
        if (act < 4) {
          const from = random(one.doc.length + 1);
          const mark = `<${written.length}>`;
          written.push(mark);
          const changes = ChangeSet.of({ from, to: from, insert: mark }, one.doc.length);
          one.doc = changes.apply(one.doc);
          one.sync.local(changes);
        } else if (act < 6) one.sync.flush();
        else if (act < 9) {
          one.deliver.shift()?.();
          await settle();
        } else if (one.isConnected) {
          // The connection is lost, now or just before the next answer.
          if (random(2) === 0) Object.assign(one, { isConnected: false, deliver: [] });
          else one.loses = true;
        } else reconnect(one);
      }
      for (const one of windows) reconnect(one);
      for (let round = 0; round < 20; round++)
        for (const one of windows) {
          one.sync.flush();
          while (one.deliver.length > 0) {
            one.deliver.shift()?.();
            await settle();
          }
        }
      expect(windows[0].doc.toString()).toBe(main.text);
      expect(windows[1].doc.toString()).toBe(main.text);
      // Nothing was lost, and nothing written twice. A mark may have another within it.
      expect(main.text.length).toBe('In the beginning\nthere was text.'.length + written.join('').length);
    },
  );
});

describe('difference', () => {
  it.each([
    ['', 'a'],
    ['a', ''],
    ['aaa', 'aa'],
    ['one two', 'one three two'],
    ['same', 'same'],
    ['x\ny', 'x\n\ny'],
  ])('makes %j to %j', (before, after) => {
    const changes = difference(textOf(before), textOf(after));
    expect(changes.apply(textOf(before)).toString()).toBe(after);
    expect(withChanges(before, asTextChanges(changes))).toBe(after);
  });
});
