import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SUMMARY_FORMAT, type ModelSummary } from '../model-file/model-summary.ts';
import { readBranchHeads, writeBranchHeads } from './branch-heads.ts';
import { createHubRecords, readAnswer, readRemoteHeaders, writeAnswer, writeRemoteHeader } from './hub-answers.ts';
import { openStore, statement, transaction, type Store } from './store.ts';

function open(): Store {
  const folder = mkdtempSync(path.join(tmpdir(), 'hearth-answers-'));
  const store = openStore(folder, path.join(import.meta.dirname, 'migrations'));
  onTestFinished(() => {
    store.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return store;
}
const count = (store: Store, table: string): number =>
  (statement(store, `SELECT COUNT(*) AS n FROM ${table}`).get() as { n: number }).n;

const summary = { format: SUMMARY_FORMAT, architecture: 'llama', layers: [] } as unknown as ModelSummary;

describe('answers', () => {
  it('are replaced and read back with their time', () => {
    const store = open();
    expect(readAnswer(store, 'a')).toBeUndefined();
    writeAnswer(store, 'a', { models: ['ä'] }, 10);
    writeAnswer(store, 'a', { models: ['b'] }, 20);
    expect(readAnswer(store, 'a')).toEqual({ answer: { models: ['b'] }, fetchedAt: 20 });
    expect(count(store, 'hub_answers')).toBe(1);
  });

  it('are at most 2,000, and the oldest go', () => {
    const store = open();
    transaction(store, () => {
      const fill = statement(store, "INSERT INTO hub_answers (key, answer, fetched_at) VALUES (?, '1', ?)");
      for (let index = 0; index < 2000; index++) fill.run(`k${String(index)}`, 1000 + index);
    });
    writeAnswer(store, 'new', 1, 5000);
    expect(count(store, 'hub_answers')).toBe(2000);
    expect([readAnswer(store, 'k0'), readAnswer(store, 'k1')?.fetchedAt]).toEqual([undefined, 1001]);
  });

  it('are at most 50 MB, counted in bytes', () => {
    const store = open();
    // 8 million characters that take 16 MB.
    const long = 'ä'.repeat(8_000_000);
    for (const [index, key] of ['a', 'b', 'c', 'd'].entries()) writeAnswer(store, key, long, index);
    expect(['a', 'b', 'c', 'd'].filter((key) => readAnswer(store, key) !== undefined)).toEqual(['b', 'c', 'd']);
  });
});

describe('headers and heads', () => {
  it('are kept by repository, commit and path', () => {
    const store = open();
    writeRemoteHeader(store, 'a/b', 'c1', 'x.gguf', summary);
    writeRemoteHeader(store, 'a/b', 'c1', 'x.gguf', { ...summary, name: 'again' });
    writeRemoteHeader(store, 'a/b', 'c2', 'y.gguf', summary);
    expect([...readRemoteHeaders(store, 'a/b', 'c1')]).toEqual([['x.gguf', { ...summary, name: 'again' }]]);
    expect(readRemoteHeaders(store, 'a/c', 'c1').size).toBe(0);
  });

  it('of an older form are as if they were not there', () => {
    const store = open();
    writeRemoteHeader(store, 'a/b', 'c', 'x.gguf', { ...summary, format: 1 } as unknown as ModelSummary);
    expect(readRemoteHeaders(store, 'a/b', 'c').size).toBe(0);
  });

  it('are bounded, the first written going first', () => {
    const store = open();
    transaction(store, () => {
      for (let index = 0; index < 2003; index++) writeRemoteHeader(store, 'a/b', 'c', `${String(index)}.gguf`, summary);
    });
    const kept = readRemoteHeaders(store, 'a/b', 'c');
    expect([kept.size, kept.has('2.gguf'), kept.has('3.gguf')]).toEqual([2000, false, true]);
  });

  it('tell where main is', () => {
    const store = open();
    writeBranchHeads(store, new Map([['a/b', 'c1']]), 10);
    createHubRecords(store).writeHeads(
      new Map([
        ['a/b', 'c2'],
        ['d/e', 'c3'],
      ]),
      20,
    );
    expect([...readBranchHeads(store)]).toEqual([
      ['a/b', { commit: 'c2', checkedAt: 20 }],
      ['d/e', { commit: 'c3', checkedAt: 20 }],
    ]);
  });
});
