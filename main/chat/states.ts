/**
 * The states of chats on disk. A state is saved some time after a reply and when the app ends, so that a long chat answers at once when
 * it is opened again. All states together stay within a budget: the least recently used are deleted first. Deleting a chat deletes its
 * state.
 */
import { chmodSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import type { StateFile } from '../engine/engine.ts';
import type { Inference } from '../inference/inference.ts';
import {
  deleteChatState,
  deleteOrphanedChatStates,
  getChatState,
  listChatStates,
  putChatState,
  touchChatState,
  type ChatStateRow,
} from '../store/chat-states.ts';
import { transaction, type Store } from '../store/store.ts';

export interface ChatStatesOptions {
  readonly store: Store;
  /** Holds nothing but states. */
  readonly folder: string;
  readonly inference: Pick<Inference, 'saveState' | 'dropState' | 'loaded'>;
  /** Disk space for all states together; with 0 no state is kept. */
  readonly budgetBytes: () => number;
  readonly now: () => number;
  /** Delay from the end of a reply to the save. The next message mostly comes sooner, and a state may be large. */
  readonly idleMs?: number;
  /** Limit for saving when the app ends. Default: 3 s. */
  readonly closeMs?: number;
}

export interface ChatStates {
  /** The chat's saved state; undefined when it has none. */
  find(chatId: string): StateFile | undefined;
  /** Call it before a turn. Saves the unsaved state of the chat whose sequence this turn would take. */
  beforeTurn(chatId: string, modelId: string): Promise<void>;
  /** Call it after a turn. Schedules a save of the state; `tokens` is the length of the conversation. */
  afterTurn(chatId: string, modelId: string, tokens: number): void;
  /** Deletes a chat's state, here and in the engine. Never throws. */
  forget(chatId: string): void;
  /** Saves the states that are not saved yet. */
  close(): Promise<void>;
}

const IDLE_MS = 15_000;
/** A shorter conversation is evaluated about as fast as its state is read from a file. */
const MIN_TOKENS = 128;
/** Limit for saving when the app ends, for the case of a slow disk. */
const CLOSE_MS = 3000;

/** Chat states over a store and an engine. Deletes files without a row and rows without a file first. */
export function createChatStates(options: ChatStatesOptions): ChatStates {
  const { store, folder, inference, now } = options;
  const idleMs = options.idleMs ?? IDLE_MS;
  const pending = new Map<string, { readonly modelId: string; readonly timer: NodeJS.Timeout }>();
  /** Saves under way by chat. `discard` is aborted when the chat is deleted meanwhile. */
  const writing = new Map<string, { readonly discard: AbortController; readonly done: Promise<void> }>();
  tidy();

  function fileOf(row: Pick<ChatStateRow, 'fileName'>): string {
    return path.join(folder, row.fileName);
  }

  function tidy(): void {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      chmodSync(folder, 0o700); // an earlier version left it open to others where the data folder is
      transaction(store, () => deleteOrphanedChatStates(store));
      const known = new Map(listChatStates(store).map((row) => [row.fileName, row]));
      for (const name of readdirSync(folder))
        if (/\.state(\.part)?$/.test(name) && !known.delete(name)) rmSync(path.join(folder, name), { force: true });
      for (const row of known.values()) remove(row);
      keepWithinBudget();
    } catch {
      // Without states everything works, only slower.
    }
  }

  /** Never throws: a file that cannot be deleted now, as on a disk that became read-only, is deleted by the next start. */
  function discardFile(fileName: string): void {
    try {
      rmSync(path.join(folder, fileName), { force: true });
    } catch {
      // It has no row, or one of a chat that is gone.
    }
  }

  function remove(row: ChatStateRow): void {
    rmSync(fileOf(row), { force: true });
    transaction(store, () => deleteChatState(store, row.chatId));
  }

  function keepWithinBudget(): void {
    const rows = listChatStates(store);
    let total = rows.reduce((sum, row) => sum + row.sizeBytes, 0);
    for (const row of rows) {
      if (total <= options.budgetBytes()) return;
      remove(row);
      total -= row.sizeBytes;
    }
  }

  async function save(chatId: string): Promise<void> {
    const entry = pending.get(chatId);
    if (!entry) return;
    clearTimeout(entry.timer);
    pending.delete(chatId);
    if (options.budgetBytes() === 0) return;
    const discard = new AbortController();
    const write = { discard, done: writeState(chatId, entry.modelId, discard.signal) };
    writing.set(chatId, write);
    await write.done;
    if (writing.get(chatId) === write) writing.delete(chatId);
  }

  /** Never throws. */
  async function writeState(chatId: string, modelId: string, discard: AbortSignal): Promise<void> {
    const fileName = `${chatId}-${now().toString(36)}.state`;
    try {
      const state = await inference.saveState(modelId, { chatKey: chatId, path: path.join(folder, fileName) });
      if (!state) return;
      if (discard.aborted) return discardFile(fileName);
      const before = getChatState(store, chatId);
      transaction(store, () =>
        putChatState(store, {
          chatId,
          fileName,
          sizeBytes: state.sizeBytes,
          engineKey: state.stateKey,
          tokenCount: state.tokenCount,
          tokenHash: state.tokenHash,
          lastUsedAt: now(),
        }),
      );
      if (before && before.fileName !== fileName) discardFile(before.fileName);
      keepWithinBudget();
    } catch {
      // The disk is full or the model was unloaded: the next turn evaluates the chat from its start.
      discardFile(fileName);
    }
  }

  /** Saves when the model is idle, because a save pauses its replies. */
  function saveLater(chatId: string, modelId: string): void {
    const timer = setTimeout(() => {
      if (inference.loaded().some((model) => model.modelId === modelId && model.activeSequences > 0))
        saveLater(chatId, modelId);
      else void save(chatId);
    }, idleMs);
    timer.unref();
    clearTimeout(pending.get(chatId)?.timer);
    pending.set(chatId, { modelId, timer });
  }

  return {
    find(chatId) {
      try {
        const row = getChatState(store, chatId);
        if (!row || statSync(fileOf(row)).size !== row.sizeBytes) return undefined;
        transaction(store, () => touchChatState(store, chatId, now()));
        return {
          path: fileOf(row),
          stateKey: row.engineKey,
          tokenCount: row.tokenCount,
          tokenHash: row.tokenHash,
          sizeBytes: row.sizeBytes,
        };
      } catch {
        // Without its state the chat is evaluated from its start.
        return undefined;
      }
    },

    async beforeTurn(chatId, modelId) {
      const own = pending.get(chatId);
      if (own) clearTimeout(own.timer);
      pending.delete(chatId);
      const others = [...pending].filter(([, entry]) => entry.modelId === modelId).map(([id]) => id);
      const sequences = inference.loaded().find((model) => model.modelId === modelId)?.sequences ?? 1;
      // When all sequences are taken, the engine gives this turn the oldest one.
      if (others.length >= sequences && others[0] !== undefined) await save(others[0]);
    },

    afterTurn(chatId, modelId, tokens) {
      if (tokens < MIN_TOKENS || options.budgetBytes() === 0) return;
      saveLater(chatId, modelId);
    },

    forget(chatId) {
      clearTimeout(pending.get(chatId)?.timer);
      pending.delete(chatId);
      writing.get(chatId)?.discard.abort();
      void inference.dropState(chatId);
      try {
        const row = getChatState(store, chatId);
        if (row) remove(row);
      } catch {
        // The next start deletes the states of chats that are gone.
      }
    },

    async close() {
      const unsaved = [...pending.keys()];
      let timer: NodeJS.Timeout | undefined;
      const timeLimit = new Promise<void>((resolve) => (timer = setTimeout(resolve, options.closeMs ?? CLOSE_MS)));
      await Promise.race([
        Promise.all([...[...writing.values()].map(({ done }) => done), ...unsaved.map(save)]),
        timeLimit,
      ]);
      clearTimeout(timer);
      for (const entry of pending.values()) clearTimeout(entry.timer);
      pending.clear();
    },
  };
}
