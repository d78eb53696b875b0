import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StateFile } from '../engine/engine.ts';
import { listChatStates } from '../store/chat-states.ts';
import { openStore, type Store } from '../store/store.ts';
import { createChatStates, type ChatStates } from './states.ts';

let folder: string;
let store: Store;
let states: ChatStates;
/** Ends a save that is under way. */
let finish: () => void;
let begun: Promise<void>;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-states-'));
  store = openStore(folder, path.join(import.meta.dirname, '../store/migrations'));
  const gate = Promise.withResolvers<void>();
  const start = Promise.withResolvers<void>();
  finish = gate.resolve;
  begun = start.promise;
  states = createChatStates({
    store,
    folder: path.join(folder, 'states'),
    inference: {
      loaded: () => [],
      dropState: async () => {},
      async saveState(_modelId, { path: file }): Promise<StateFile> {
        start.resolve();
        await gate.promise;
        writeFileSync(file, 'state');
        return { path: file, stateKey: 'k', tokenCount: 500, tokenHash: 'h', sizeBytes: 5 };
      },
    },
    budgetBytes: () => 1e6,
    now: () => 1,
    idleMs: 1,
  });
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

describe('a state that is being written', () => {
  it('is waited for at the end of the app', async () => {
    states.afterTurn('a', 'm', 500);
    await begun;
    const closed = states.close();
    finish();
    await closed;
    expect(listChatStates(store)).toMatchObject([{ chatId: 'a', sizeBytes: 5 }]);
    expect(existsSync(states.find('a')?.path ?? '')).toBe(true);
  });

  it('goes with its chat when that is deleted meanwhile', async () => {
    states.afterTurn('a', 'm', 500);
    await begun;
    states.forget('a');
    finish();
    await states.close();
    expect(listChatStates(store)).toEqual([]);
    expect(readdirSync(path.join(folder, 'states'))).toEqual([]);
  });
});
