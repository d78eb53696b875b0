/** Exports and imports over a real store and real files, without a model. */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type {
  ExportEvent,
  ExportFormat,
  ExportLabels,
  ImportEvent,
  ImportPreview,
} from '../../preload/contract/exchange.ts';
import { createChats, type Chats } from '../../main/chat/chat.ts';
import { createExchange, type Exchange } from '../../main/chat/exchange/exchange.ts';
import { createFiles, type Files } from '../../main/store/files.ts';
import { openStore, type Store } from '../../main/store/store.ts';

export const labels: ExportLabels = {
  ...{ language: 'en', user: 'You', assistant: 'Assistant', system: 'System prompt', tool: 'Tool' },
  ...{ reasoning: 'Reasoning', file: 'File', untitled: 'New chat' },
};

export interface ExchangeSetup {
  readonly folder: string;
  readonly store: Store;
  readonly files: Files;
  readonly chats: Chats;
  readonly exchange: Exchange;
  /** The whole export. */
  exported(
    format: ExportFormat,
    more?: { chatIds?: string[]; archive?: boolean; reasoning?: boolean },
  ): Promise<Buffer>;
  look(bytes: string | Uint8Array, name?: string): Promise<ImportPreview>;
  /** Looks and stores. */
  bring(
    bytes: string | Uint8Array,
    skipDuplicates?: boolean,
  ): Promise<ImportPreview & Extract<ImportEvent, { type: 'end' }>>;
  close(): Promise<void>;
}

const refuse = (): never => {
  throw new Error('No model is used here.');
};

export function setUpExchange(folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-exchange-'))): ExchangeSetup {
  const store = openStore(folder, path.join(import.meta.dirname, '../../main/store/migrations'));
  const files = createFiles({ store, folder: path.join(folder, 'files') });
  const chats = createChats({
    store,
    files,
    inference: {
      generate: refuse,
      prompt: refuse,
      count: refuse,
      render: refuse,
      keep: () => () => {},
      loaded: () => [],
      saveState: refuse,
      dropState: () => Promise.resolve(),
    },
    builtInModelId: 'hearth/ember/ember.gguf',
    defaultSampling: () => ({
      ...{ temperature: 0, topK: 0, topP: 1, minP: 0, repeatPenalty: 1, maxTokens: null, seed: 1 },
    }),
    onModelUsed: () => {},
  });
  const exchange = createExchange({ store, files, chats, pickTarget: null, folder: path.join(folder, 'importing') });
  const never = new AbortController().signal;
  const look: ExchangeSetup['look'] = (bytes, name = 'x.json') =>
    exchange.preview(name, pieces(typeof bytes === 'string' ? Buffer.from(bytes) : bytes), never);
  return {
    ...{ folder, store, files, chats, exchange, look },
    async exported(format, { chatIds, archive = false, reasoning = true } = {}) {
      const order = { chatIds: chatIds ?? null, format, reasoning, archive, labels, target: 'page' as const };
      const events: ExportEvent[] = [];
      for await (const event of exchange.export(order, never)) events.push(event);
      return Buffer.concat(
        events.map((event) => (event.type === 'piece' ? Buffer.from(event.base64, 'base64') : Buffer.alloc(0))),
      );
    },
    async bring(bytes, skipDuplicates = true) {
      const preview = await look(bytes);
      for await (const event of exchange.import(preview.importId, skipDuplicates, never))
        if (event.type === 'end') return { ...preview, ...event };
      throw new Error('The import did not end.');
    },
    async close() {
      await chats.close();
      exchange.close();
      store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Odd pieces, so that values and characters are cut. */
async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  const size = Math.max(1, Math.ceil(bytes.length / 997));
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
