/**
 * The states of chats on the disk: saved some time after a reply and when the app ends, so that a long chat that is opened again
 * answers at once. Kept within a budget, what was used longest ago goes first; a chat that is deleted takes its state along.
 */
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
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
  /** Only states lie in it. */
  readonly folder: string;
  readonly inference: Pick<Inference, 'saveState' | 'dropState' | 'loaded'>;
  /** Room for all states together; 0 keeps none. */
  readonly budgetBytes: () => number;
  readonly now: () => number;
  /** From the end of a reply to the save: the next message mostly comes sooner, and a state may be large. */
  readonly idleMs?: number;
  /** How long the end of the app waits for what is being saved. */
  readonly closeMs?: number;
}

export interface ChatStates {
  /** The chat's state for its next turn, when there is one. */
  find(chatId: string): StateFile | undefined;
  /** Before a turn: what would be pushed out of the engine by it is saved first. */
  beforeTurn(chatId: string, modelId: string): Promise<void>;
  /** After a turn whose context had so many tokens. */
  afterTurn(chatId: string, modelId: string, tokens: number): void;
  /** Deletes a chat's state, here and in the engine. */
  forget(chatId: string): void;
  /** Saves what was not saved yet. */
  close(): Promise<void>;
}

const IDLE_MS = 15_000;
/** Fewer are evaluated about as fast as a file is read. */
const MIN_TOKENS = 128;
/** A slow disk must not keep the app from ending. */
const CLOSE_MS = 3000;

/** Chat states over a store and an engine. Files that no row knows, and rows whose file is gone, are cleared away. */
export function createChatStates(options: ChatStatesOptions): ChatStates {
  const { store, folder, inference, now } = options;
  const idleMs = options.idleMs ?? IDLE_MS;
  const pending = new Map<string, { readonly modelId: string; readonly timer: NodeJS.Timeout }>();
  /** What is being written to the disk; a chat that is deleted meanwhile no longer wants it. */
  const writing = new Map<string, { readonly unwanted: AbortController; readonly done: Promise<void> }>();
  tidy();

  function fileOf(row: Pick<ChatStateRow, 'fileName'>): string {
    return path.join(folder, row.fileName);
  }

  function tidy(): void {
    try {
      mkdirSync(folder, { recursive: true });
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
    const unwanted = new AbortController();
    const one = { unwanted, done: write(chatId, entry.modelId, unwanted.signal) };
    writing.set(chatId, one);
    await one.done;
    if (writing.get(chatId) === one) writing.delete(chatId);
  }

  /** Never throws. */
  async function write(chatId: string, modelId: string, unwanted: AbortSignal): Promise<void> {
    const fileName = `${chatId}-${now().toString(36)}.state`;
    try {
      const state = await inference.saveState(modelId, { chatKey: chatId, path: path.join(folder, fileName) });
      if (!state) return;
      if (unwanted.aborted) return void rmSync(path.join(folder, fileName), { force: true });
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
      if (before && before.fileName !== fileName) rmSync(fileOf(before), { force: true });
      keepWithinBudget();
    } catch {
      // No room, or the model is gone: the chat is evaluated from its start next time.
      rmSync(path.join(folder, fileName), { force: true });
    }
  }

  /** Not while the model writes: its replies would pause meanwhile. */
  function saveLater(chatId: string, modelId: string): void {
    const timer = setTimeout(() => {
      if (inference.loaded().some((model) => model.modelId === modelId && model.activeSequences > 0))
        saveLater(chatId, modelId);
      else void save(chatId);
    }, idleMs);
    timer.unref();
    pending.set(chatId, { modelId, timer });
  }

  return {
    find(chatId) {
      const row = getChatState(store, chatId);
      if (!row) return undefined;
      try {
        if (statSync(fileOf(row)).size !== row.sizeBytes) throw new Error('another file');
        transaction(store, () => touchChatState(store, chatId, now()));
      } catch {
        return undefined;
      }
      return {
        path: fileOf(row),
        stateKey: row.engineKey,
        tokenCount: row.tokenCount,
        tokenHash: row.tokenHash,
        sizeBytes: row.sizeBytes,
      };
    },

    async beforeTurn(chatId, modelId) {
      const own = pending.get(chatId);
      if (own) clearTimeout(own.timer);
      pending.delete(chatId);
      const others = [...pending].filter(([, entry]) => entry.modelId === modelId).map(([id]) => id);
      const sequences = inference.loaded().find((model) => model.modelId === modelId)?.sequences ?? 1;
      // The oldest goes when all sequences are taken.
      if (others.length >= sequences && others[0] !== undefined) await save(others[0]);
    },

    afterTurn(chatId, modelId, tokens) {
      if (tokens < MIN_TOKENS || options.budgetBytes() === 0) return;
      saveLater(chatId, modelId);
    },

    forget(chatId) {
      clearTimeout(pending.get(chatId)?.timer);
      pending.delete(chatId);
      writing.get(chatId)?.unwanted.abort();
      const row = getChatState(store, chatId);
      if (row) remove(row);
      void inference.dropState(chatId);
    },

    async close() {
      const waiting = [...pending.keys()];
      let timer: NodeJS.Timeout | undefined;
      const enough = new Promise<void>((resolve) => (timer = setTimeout(resolve, options.closeMs ?? CLOSE_MS)));
      await Promise.race([
        Promise.all([...[...writing.values()].map(({ done }) => done), ...waiting.map(save)]),
        enough,
      ]);
      clearTimeout(timer);
      for (const entry of pending.values()) clearTimeout(entry.timer);
      pending.clear();
    },
  };
}
