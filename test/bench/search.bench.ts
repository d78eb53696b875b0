/**
 * The search over 100,000 generated messages: frequent and rare words, beginnings, phrases, filters, and scripts without spaces. Words are as
 * frequent as in real texts (Zipf); every tenth message is Chinese. Times are those of the processor for `chat.search`, without the transport. Also the sizes of the
 * indexes. HEARTH_BENCH_MESSAGES sets another number.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { SearchFilters } from '../../preload/contract/chat.ts';
import { addFolder, placeChat } from '../../main/store/chat-order.ts';
import { putChat } from '../../main/store/chats.ts';
import { putMessage } from '../../main/store/messages.ts';
import { searchChats } from '../../main/store/search.ts';
import { transaction, type Store } from '../../main/store/store.ts';
import { createRandom, inStore } from '../support/generated-chats.ts';

const MESSAGES = Number(process.env['HEARTH_BENCH_MESSAGES'] ?? 100_000);
const MESSAGES_OF_CHAT = 10;
const VOCABULARY = 30_000;
const SIGNS = 3000;
const ROUNDS = 20;

/** One of `count` by its rank: the word of rank n is 1/n as frequent as the first. */
const zipf = (random: () => number, count: number): number =>
  Math.min(count - 1, Math.floor(Math.exp(random() * Math.log(count))) - 1);

function vocabulary(random: () => number): { readonly words: readonly string[]; readonly signs: readonly string[] } {
  const letters = 'etaoinshrdlcumwfgypbvk';
  const word = (): string =>
    Array.from({ length: 2 + Math.floor(random() * 9) }, () => letters[Math.floor(random() * random() * 22)]).join('');
  return {
    words: Array.from({ length: VOCABULARY }, word),
    signs: Array.from({ length: SIGNS }, (_, index) => String.fromCodePoint(0x4e00 + index * 6)),
  };
}

function fill(store: Store, { words, signs }: ReturnType<typeof vocabulary>, random: () => number): number {
  let bytes = 0;
  const folderId = addFolder(store, 'Work', 1);
  for (let chat = 0; chat < MESSAGES / MESSAGES_OF_CHAT; chat++)
    transaction(store, () => {
      const id = `chat-${chat}`;
      const title = Array.from({ length: 5 }, () => words[zipf(random, VOCABULARY)]).join(' ');
      putChat(store, {
        ...{ id, title, pinned: false, modelId: null, systemPrompt: '', sampling: null, contextPolicy: 'roll' },
        ...{ leafId: null, createdAt: chat, updatedAt: chat },
      });
      if (chat % 20 === 0) placeChat(store, id, { folderId, tags: ['later'] });
      for (let index = 0; index < MESSAGES_OF_CHAT; index++) {
        const length = 20 + Math.floor(random() * 120);
        const text =
          index === 3
            ? Array.from({ length: length * 2 }, () => signs[zipf(random, SIGNS)]).join('')
            : Array.from({ length }, () => words[zipf(random, VOCABULARY)]).join(' ');
        bytes += Buffer.byteLength(text);
        putMessage(store, {
          ...{ id: `message-${chat}-${index}`, chatId: id, parentId: null, role: 'user', status: 'complete' },
          ...{ parts: [{ type: 'text', text }], error: null, modelId: null, modelName: null, sampling: null },
          ...{ timing: null, createdAt: chat },
        });
      }
    });
  return bytes;
}

/** The bytes of the pages of an index. */
function sizeOf(store: Store, index: string): number {
  const sql = 'SELECT coalesce(sum(pgsize), 0) FROM dbstat WHERE name LIKE ?';
  return store.prepare(sql).pluck().get(`${index}%`) as number;
}

const quantile = (sorted: readonly number[], share: number): number =>
  Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0) * 100) / 100;

export async function run(print: (line: object) => void): Promise<void> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-bench-search-'));
  const random = createRandom();
  const { words, signs } = vocabulary(random);
  const word = (rank: number): string => words[rank] ?? '';
  const sign = (...ranks: readonly number[]): string => ranks.map((rank) => signs[rank] ?? '').join('');
  const kinds: Readonly<Record<string, (round: number) => { query: string } & SearchFilters>> = {
    frequent: (round) => ({ query: `"${word(round)}"` }),
    rare: (round) => ({ query: word(20_000 + round * 97) }),
    'two frequent': (round) => ({ query: `${word(round)} "${word(round + 1)}"` }),
    'frequent and rare': (round) => ({ query: `${word(round)} ${word(9000 + round)}` }),
    'one letter': (round) => ({ query: 'etaoinshrdlcumwfgypbvk'[round] ?? 'e' }),
    'two letters': (round) => ({ query: word(100 + round).slice(0, 2) }),
    'three letters': (round) => ({ query: word(500 + round).slice(0, 3) }),
    'word and letter': (round) => ({ query: `${word(round)} ${word(round + 1).slice(0, 1)}` }),
    phrase: (round) => ({ query: `"${word(round)} ${word(0)}"` }),
    excluded: (round) => ({ query: `"${word(round)}" -${word(round + 1)}` }),
    'nothing found': (round) => ({ query: `zzxqj${round}` }),
    'in a chat': (round) => ({ query: `"${word(round)}"`, chatId: `chat-${round * 7}` }),
    'in a folder': () => ({ query: `"${word(0)}"`, tag: 'later' }),
    'one sign': (round) => ({ query: sign(round * 20) }),
    'two signs': (round) => ({ query: sign(round, round + 1) }),
    'three signs': (round) => ({ query: sign(round, 0, 1) }),
    'rare signs': (round) => ({ query: sign(2000 + round, 1500 + round) }),
  };
  inStore(folder, (store) => {
    // The store is thrown away.
    store.pragma('synchronous = OFF');
    const begun = performance.now();
    const textBytes = fill(store, vocabulary(createRandom()), random);
    store.exec("INSERT INTO texts_fts (texts_fts) VALUES ('optimize')");
    print({
      metric: 'store',
      ...{ messages: MESSAGES, textBytes, fillMs: Math.round(performance.now() - begun) },
      ...{ words: sizeOf(store, 'texts_fts'), threeLetters: sizeOf(store, 'unspaced_fts') },
    });
    const all: number[] = [];
    for (const [kind, ask] of Object.entries(kinds)) {
      const times: number[] = [];
      let hits = 0;
      for (let round = 0; round < ROUNDS; round++) {
        const { query, ...filters } = ask(round);
        // Of the processor: other programs of the machine are no part of it.
        const before = process.cpuUsage();
        hits += searchChats(store, query, filters).length;
        const { user, system } = process.cpuUsage(before);
        times.push((user + system) / 1000);
      }
      all.push(...times);
      times.sort((a, b) => a - b);
      print({ metric: kind, hits, p50Ms: quantile(times, 0.5), p95Ms: quantile(times, 0.95), maxMs: times.at(-1) });
    }
    all.sort((a, b) => a - b);
    print({ metric: 'all', searches: all.length, p50Ms: quantile(all, 0.5), p95Ms: quantile(all, 0.95), limitMs: 50 });
  });
  rmSync(folder, { recursive: true });
  await Promise.resolve();
}
