import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { StateFile } from '../engine/engine.ts';
import { listChatStates, putChatState } from '../store/chat-states.ts';
import { putChat } from '../store/chats.ts';
import { openStore, type Store } from '../store/store.ts';
import { createChatStates, type ChatStates, type ChatStatesOptions } from './states.ts';

type LoadedModel = ReturnType<ChatStatesOptions['inference']['loaded']>[number];

let folder: string;
let store: Store;
let states: ChatStates;
/** Chats whose state was asked for, in order, and those whose state the engine was told to drop. */
let asked: string[];
let dropped: string[];
/** Gates of saves, by chat; a save without one ends at once. */
let gates: Map<string, Promise<void>>;
let loaded: readonly Pick<LoadedModel, 'modelId' | 'activeSequences' | 'sequences'>[];
let fails: boolean;
let nowMs: number;
let budgetBytes: number;
const SIZE_BYTES = 5;

function open(more: Partial<ChatStatesOptions> = {}): void {
  states = createChatStates({
    store,
    folder: path.join(folder, 'states'),
    inference: {
      loaded: () => loaded as readonly LoadedModel[],
      dropState: async (chatId) => void dropped.push(chatId),
      async saveState(_modelId, { chatKey, path: file }): Promise<StateFile> {
        asked.push(chatKey);
        await gates.get(chatKey);
        writeFileSync(file, 'state');
        if (fails) throw new Error('the model was unloaded');
        return { path: file, stateKey: 'k', tokenCount: 500, tokenHash: 'h', sizeBytes: SIZE_BYTES };
      },
    },
    budgetBytes: () => budgetBytes,
    now: () => nowMs,
    idleMs: 1000,
    ...more,
  });
}
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-states-'));
  store = openStore(folder, path.join(import.meta.dirname, '../store/migrations'));
  for (const id of ['a', 'b', 'c'])
    putChat(store, {
      ...{ id, title: '', pinned: false, modelId: null, systemPrompt: '', sampling: null, contextPolicy: 'roll' },
      ...{ leafId: null, createdAt: 1, updatedAt: 1 },
    });
  [asked, dropped, gates, loaded, fails, nowMs, budgetBytes] = [[], [], new Map(), [], false, 1, 1e6];
  open();
});
afterEach(async () => {
  vi.useRealTimers();
  await states.close();
  store.close();
  rmSync(folder, { recursive: true });
});

const onDisk = (): string[] => readdirSync(path.join(folder, 'states')).sort();
const rows = (): string[] => listChatStates(store).map(({ chatId }) => chatId);
/** Lets the time pass after which a state is saved. */
const idle = (ms = 1000): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
/** A save that ends when the test says so. */
function gate(chatId: string): () => void {
  const { promise, resolve } = Promise.withResolvers<void>();
  gates.set(chatId, promise);
  return resolve;
}

describe('a state that is being written', () => {
  it('is waited for at the end of the app', async () => {
    const finish = gate('a');
    states.afterTurn('a', 'm', 500);
    await idle();
    const closed = states.close();
    finish();
    await closed;
    expect(listChatStates(store)).toMatchObject([{ chatId: 'a', sizeBytes: SIZE_BYTES }]);
    expect(existsSync(states.find('a')?.path ?? '')).toBe(true);
  });

  it('is waited for no longer than the limit, and a state that had not begun is saved as well', async () => {
    open({ closeMs: 3000 });
    const finish = gate('a');
    states.afterTurn('a', 'm', 500);
    states.afterTurn('b', 'm', 500);
    let isClosed = false;
    const closed = states.close().then(() => (isClosed = true));
    await idle(2999);
    expect([isClosed, rows()]).toEqual([false, ['b']]);
    await idle(1);
    await closed;
    finish();
  });

  it('goes with its chat when that is deleted meanwhile', async () => {
    const finish = gate('a');
    states.afterTurn('a', 'm', 500);
    await idle();
    states.forget('a');
    finish();
    await states.close();
    expect([rows(), onDisk(), dropped]).toEqual([[], [], ['a']]);
  });

  it('that fails leaves nothing, and the one before stays', async () => {
    states.afterTurn('a', 'm', 500);
    await idle();
    const before = onDisk();
    [nowMs, fails] = [2, true];
    states.afterTurn('a', 'm', 600);
    await idle();
    expect(asked).toEqual(['a', 'a']);
    expect(onDisk()).toEqual(before);
    expect(states.find('a')?.path).toBe(path.join(folder, 'states', before[0] ?? ''));
  });
});

describe('a state', () => {
  it('is saved once the chat was quiet, and takes the place of the one before', async () => {
    states.afterTurn('a', 'm', 500);
    await idle(999);
    expect(asked).toEqual([]);
    states.afterTurn('a', 'm', 600);
    await idle(999);
    expect(asked).toEqual([]);
    await idle(1);
    expect(asked).toEqual(['a']);
    const first = onDisk();
    nowMs = 2;
    states.afterTurn('a', 'm', 700);
    await idle();
    expect([onDisk().length, onDisk()[0] === first[0], rows()]).toEqual([1, false, ['a']]);
  });

  it('is not saved while its model writes, but afterwards', async () => {
    loaded = [
      { modelId: 'm', activeSequences: 1, sequences: 2 },
      { modelId: 'other', activeSequences: 0, sequences: 1 },
    ];
    states.afterTurn('a', 'm', 500);
    states.afterTurn('b', 'other', 500);
    await idle(5000);
    expect(asked).toEqual(['b']);
    loaded = [{ modelId: 'm', activeSequences: 0, sequences: 2 }];
    await idle();
    expect(asked).toEqual(['b', 'a']);
  });

  it('of a short conversation is not saved, nor any without room for it', async () => {
    states.afterTurn('a', 'm', 10);
    await idle();
    budgetBytes = 0;
    states.afterTurn('b', 'm', 500);
    await idle();
    budgetBytes = 1e6;
    states.afterTurn('c', 'm', 500);
    budgetBytes = 0;
    await idle();
    expect(asked).toEqual([]);
  });

  it('that was used longest ago is deleted for another one', async () => {
    budgetBytes = 2 * SIZE_BYTES;
    for (const [index, chatId] of ['a', 'b'].entries()) {
      nowMs = 10 + index;
      states.afterTurn(chatId, 'm', 500);
      await idle();
    }
    nowMs = 20;
    expect(states.find('a')).toMatchObject({ stateKey: 'k', tokenCount: 500, tokenHash: 'h', sizeBytes: SIZE_BYTES });
    nowMs = 30;
    states.afterTurn('c', 'm', 500);
    await idle();
    expect(rows()).toEqual(['a', 'c']);
    expect(onDisk()).toHaveLength(2);
    expect(states.find('b')).toBeUndefined();
  });

  it('whose file has another length is none', async () => {
    states.afterTurn('a', 'm', 500);
    await idle();
    const file = states.find('a')?.path ?? '';
    for (const text of ['stat', 'state and more', '']) {
      writeFileSync(file, text);
      expect(states.find('a'), text).toBeUndefined();
    }
    rmSync(file);
    expect(states.find('a')).toBeUndefined();
  });
});

describe('a file that cannot be deleted', () => {
  /** Puts a folder in the place of the chat's state, which no deletion of a file removes. */
  function block(chatId: string): string {
    const file = states.find(chatId)?.path ?? '';
    rmSync(file);
    mkdirSync(path.join(file, 'inside'), { recursive: true });
    return file;
  }

  it('costs the next state of its chat nothing', async () => {
    states.afterTurn('a', 'm', 500);
    await idle();
    block('a');
    nowMs = 2;
    states.afterTurn('a', 'm', 600);
    await idle();
    expect(states.find('a')).toMatchObject({ sizeBytes: SIZE_BYTES });
  });

  it('is no error of the deletion of its chat, and goes with the next start', async () => {
    states.afterTurn('a', 'm', 500);
    await idle();
    const file = block('a');
    states.forget('a');
    expect(dropped).toEqual(['a']);
    rmSync(file, { recursive: true });
    writeFileSync(file, 'state');
    store.prepare("DELETE FROM chats WHERE id = 'a'").run();
    open();
    expect([rows(), onDisk()]).toEqual([[], []]);
  });
});

describe('before a turn', () => {
  it('the own unsaved state is not saved any more: the turn changes it', async () => {
    states.afterTurn('a', 'm', 500);
    await states.beforeTurn('a', 'm');
    await idle(60_000);
    await states.close();
    expect(asked).toEqual([]);
  });

  it.each([
    [1, ['a'], ['a']],
    [2, ['a'], []],
    [2, ['a', 'b'], ['a']],
    [3, ['a', 'b'], []],
  ])('with %i sequences and %j unsaved it saves %j', async (sequences, unsaved, saved) => {
    loaded = [{ modelId: 'm', activeSequences: 0, sequences }];
    // Another model's chats have sequences of their own.
    states.afterTurn('x', 'other', 500);
    for (const chatId of unsaved) states.afterTurn(chatId, 'm', 500);
    const finish = gate('a');
    const turn = states.beforeTurn('c', 'm');
    let isReady = false;
    void turn.then(() => (isReady = true));
    await idle(0);
    // The turn takes the sequence only when its state is on the disk.
    expect([asked, isReady]).toEqual([saved, saved.length === 0]);
    finish();
    await turn;
    expect(rows()).toEqual(saved);
  });
});

describe('what a kill left', () => {
  it('is tidied at the next start: files without a row, rows without a file or a chat, and nothing else', () => {
    const at = path.join(folder, 'states');
    mkdirSync(at, { recursive: true });
    const row = (chatId: string, fileName: string): void =>
      putChatState(store, {
        ...{ chatId, fileName, sizeBytes: SIZE_BYTES, engineKey: 'k', tokenCount: 9, tokenHash: 'h', lastUsedAt: 1 },
      });
    // Between the file and its row; between two files of one chat; in the middle of a file; between a chat and its row.
    for (const name of ['b-1.state', 'a-1.state', 'a-2.state', 'c-1.state.part', 'notes.txt'])
      writeFileSync(path.join(at, name), 'state');
    row('a', 'a-2.state');
    row('c', 'c-0.state');
    store.pragma('foreign_keys = OFF');
    row('gone', 'gone-1.state');
    store.pragma('foreign_keys = ON');
    open();
    expect(onDisk()).toEqual(['a-2.state', 'notes.txt']);
    expect(rows()).toEqual(['a']);
    expect(states.find('a')).toMatchObject({ path: path.join(at, 'a-2.state') });
  });

  it('is brought within a budget that is smaller by now', async () => {
    for (const chatId of ['a', 'b']) {
      states.afterTurn(chatId, 'm', 500);
      await idle();
      nowMs++;
    }
    budgetBytes = SIZE_BYTES;
    open();
    expect([rows(), onDisk().length]).toEqual([['b'], 1]);
  });

  it('keeps no chat from being used when the folder cannot be', async () => {
    rmSync(path.join(folder, 'states'), { recursive: true });
    writeFileSync(path.join(folder, 'states'), 'a file in its place');
    onTestFinished(() => rmSync(path.join(folder, 'states'), { force: true }));
    open();
    states.afterTurn('a', 'm', 500);
    await idle();
    expect([asked, rows(), states.find('a')]).toEqual([['a'], [], undefined]);
    states.forget('a');
  });
});
