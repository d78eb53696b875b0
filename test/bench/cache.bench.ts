/**
 * Listing a cache of 1,000 models and 10,000 files: cold, from the index, and by `find` on the same folder for
 * comparison.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createModelUse } from '../../main/library/models/model-use.ts';
import { createStorage, type Storage } from '../../main/library/storage/storage.ts';
import { openStore, type Store } from '../../main/store/store.ts';

const MODELS = 1000;
const FILES_EACH = 10;
const RUNS = 7;
const migrations = path.join(import.meta.dirname, '../../main/store/migrations');

/** As huggingface_hub writes it, with old modification times, as real caches have. */
function fill(folder: string): void {
  const old = new Date(Date.now() - 3_600_000);
  for (let model = 0; model < MODELS; model++) {
    const root = path.join(folder, `models--org-${model % 50}--model-${model}`);
    const commit = model.toString(16).padStart(40, '0');
    const snapshot = path.join(root, 'snapshots', commit);
    for (const inside of [path.join(root, 'blobs'), path.join(root, 'refs'), snapshot])
      mkdirSync(inside, { recursive: true });
    writeFileSync(path.join(root, 'refs/main'), commit);
    for (let file = 0; file < FILES_EACH; file++) {
      const blob = (model * FILES_EACH + file).toString(16).padStart(64, '0');
      writeFileSync(path.join(root, 'blobs', blob), 'x');
      symlinkSync(`../../blobs/${blob}`, path.join(snapshot, file === 0 ? 'model-Q4_K_M.gguf' : `file-${file}.json`));
    }
    for (const inside of ['refs/main', 'refs', 'blobs', `snapshots/${commit}`, 'snapshots', '.'])
      utimesSync(path.join(root, inside), old, old);
  }
}

function open(folder: string, store: Store): Storage {
  return createStorage({
    store,
    folder: () => folder,
    limitBytes: () => null,
    freeDiskBytes: async () => null,
    use: createModelUse(store, Date.now, () => {}),
    inUse: {
      loadedModels: () => [],
      leasedModels: () => [],
      unload: async () => {},
      isFetching: () => false,
      isAnyFetching: () => false,
    },
    adopted: () => [],
    run: () => ({ jobId: '' }),
    folderOfChoice: () => folder,
    useChoice: async () => {},
    onChange: () => {},
    onNotDeleted: () => {},
    log: () => {},
  });
}

/** Milliseconds until the first event of `library.watchStorage`, and the number of its files. */
async function firstAnswer(storage: Storage): Promise<{ ms: number; files: number }> {
  const abort = new AbortController();
  const start = performance.now();
  for await (const event of storage.watch(abort.signal)) {
    const ms = performance.now() - start;
    abort.abort();
    const files = event.repositories.flatMap(({ revisions }) => revisions.flatMap((revision) => revision.files));
    return { ms, files: files.length };
  }
  throw new Error('The watch ended without an event.');
}

async function timed(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

const median = (values: number[]): number =>
  Number(([...values].sort((a, b) => a - b)[values.length >> 1] ?? 0).toFixed(1));

/**
 * Prints the medians, and for the event loop's delay the maximum. The targets are 300 ms cold, 20 ms from the index and
 * 20 ms of delay.
 */
export async function run(print: (line: object) => void): Promise<void> {
  const base = mkdtempSync(path.join(os.tmpdir(), 'hearth-bench-'));
  const folder = path.join(base, 'cache');
  try {
    fill(folder);
    const times = { cold: [] as number[], index: [] as number[], rescan: [] as number[], find: [] as number[] };
    let worstDelayMs = 0;
    let files = 0;
    for (let turn = 0; turn < RUNS; turn++) {
      const store = openStore(path.join(base, `data-${turn}`), migrations);
      const cold = open(folder, store);
      // A new one each time, because a histogram would count the pause between runs as a delay.
      const delays = monitorEventLoopDelay({ resolution: 1 });
      delays.enable();
      const first = await firstAnswer(cold);
      delays.disable();
      worstDelayMs = Math.max(worstDelayMs, delays.percentile(99) / 1e6);
      await cold.close();
      const second = open(folder, store);
      const again = await firstAnswer(second);
      await second.rescan();
      times.rescan.push(await timed(() => second.rescan()));
      await second.close();
      store.close();
      if (first.files !== again.files) throw new Error('The index has other files than the disk.');
      files = first.files;
      times.cold.push(first.ms);
      times.index.push(again.ms);
      times.find.push(
        await timed(() => execFileSync('find', [folder, '-printf', '%p %s %T@ %l\\n'], { maxBuffer: 1 << 28 })),
      );
    }
    print({
      models: MODELS,
      files,
      runs: RUNS,
      coldMs: median(times.cold),
      fromIndexMs: median(times.index),
      nothingChangedMs: median(times.rescan),
      findMs: median(times.find),
      coldLoopDelayP99Ms: Number(worstDelayMs.toFixed(1)),
    });
  } finally {
    rmSync(base, { recursive: true, force: true });
  }
}
