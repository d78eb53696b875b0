/** The models on this computer: the built-in one and what the cache holds, with what their headers say and how they fit. */
import { stat } from 'node:fs/promises';
import { AppError, encodeError } from '../../preload/contract/errors.ts';
import type { LocalModel, ModelsEvent } from '../../preload/contract/models.ts';
import { createFeed } from '../core/feed.ts';
import { defaultContextSize, fitFromFileSize, fitFromSummary, type FreeMemory } from '../core/fit.ts';
import type { ModelSummary } from '../core/model-summary.ts';
import { quantizationFromFileName } from '../core/quantization.ts';
import type { EngineModel } from '../engine/engine.ts';
import { readHeader, readModelUse, writeHeader, writeModelUse } from '../store/model-records.ts';
import { transaction, type Store } from '../store/store.ts';
import { joinShards, nameFromFile, summarizeParts, type CacheEntry, type ModelFile } from './model-files.ts';

export { joinShards, nameFromFile, summarizeParts, type CacheEntry, type ModelFile } from './model-files.ts';

export interface ModelsOptions {
  readonly store: Store;
  readonly builtIn: { readonly modelId: string; readonly path: string; readonly name: string };
  readonly listCache: () => Promise<readonly CacheEntry[]>;
  readonly removeFromCache: (file: CacheEntry) => Promise<void>;
  readonly freeMemory: () => FreeMemory;
  /** Called before a file goes: whatever holds it open must let go. */
  readonly beforeDelete: (modelId: string) => Promise<void>;
  readonly now?: () => number;
  readonly undoMs?: number;
}

export interface Models {
  watch(signal: AbortSignal): AsyncGenerator<ModelsEvent>;
  rescan(): Promise<ModelsEvent>;
  delete(modelId: string): Promise<{ undoMs: number; freedBytes: number }>;
  undoDelete(modelId: string): Promise<{ restored: boolean }>;
  /** What the engine needs to load a model. Throws model.missing, model.corrupt, model.unsupported. */
  find(modelId: string): Promise<EngineModel>;
  /** Whether a complete file of that id is here. */
  has(modelId: string): boolean;
  markUsed(modelId: string): void;
  /** Carries out what can no longer be undone. */
  close(): Promise<void>;
}

const UNDO_MS = 10_000;
/** A list older than this is read again when somebody looks. */
const STALE_MS = 2000;

interface Known {
  readonly file: ModelFile;
  readonly builtIn: boolean;
  readonly name: string;
  readonly summary: ModelSummary | null;
  readonly problem: LocalModel['problem'];
}

/** A list over the cache; it is read at the first use and at every `rescan`. */
export function createModels(options: ModelsOptions): Models {
  const { store } = options;
  const now = options.now ?? Date.now;
  const undoMs = options.undoMs ?? UNDO_MS;
  const feed = createFeed<ModelsEvent>((_waiting, next) => next);
  const deleting = new Map<string, { timer: NodeJS.Timeout; file: ModelFile }>();
  let known = new Map<string, Known>();
  let revision = 0;
  let scanned: Promise<void> | undefined;
  let scannedAt = 0;

  async function scan(): Promise<void> {
    const found = new Map<string, Known>();
    const { builtIn } = options;
    const builtInStat = await stat(builtIn.path);
    const [owner = '', name = '', ...rest] = builtIn.modelId.split('/');
    const entry: CacheEntry = {
      repoId: `${owner}/${name}`,
      commit: '',
      path: rest.join('/'),
      openPath: builtIn.path,
      sizeBytes: builtInStat.size,
      modifiedAtMs: builtInStat.mtimeMs,
    };
    const own: ModelFile = { ...entry, parts: [entry], missingParts: 0 };
    found.set(builtIn.modelId, { ...(await examine(builtIn.modelId, own)), builtIn: true, name: builtIn.name });
    for (const file of joinShards(await options.listCache())) {
      const modelId = `${file.repoId}/${file.path}`;
      if (!found.has(modelId)) found.set(modelId, await examine(modelId, file));
    }
    known = found;
    scannedAt = now();
  }

  /** Reads a file's header, or takes what is remembered of the same file. A file that is no model is listed with what is wrong. */
  async function examine(modelId: string, file: ModelFile): Promise<Known> {
    const base = { file, builtIn: false, name: nameFromFile(file.path) };
    try {
      let summary = readHeader(store, modelId, file.sizeBytes, file.modifiedAtMs) as ModelSummary | undefined;
      if (!summary) {
        summary = await summarizeParts(file);
        const kept = summary;
        transaction(store, () => writeHeader(store, modelId, file.sizeBytes, file.modifiedAtMs, kept));
      }
      return { ...base, summary, problem: null };
    } catch (error) {
      const body = encodeError(error);
      // A full disk is the database's trouble, not the file's: it will be read again.
      return { ...base, summary: null, problem: body.code.startsWith('model.') ? body : null };
    }
  }

  function describe(
    modelId: string,
    { file, builtIn, name, summary, problem }: Known,
    use: Map<string, number>,
  ): LocalModel {
    const memory = options.freeMemory();
    return {
      id: modelId,
      repoId: file.repoId,
      fileName: file.path.split('/').at(-1) ?? file.path,
      name,
      origin: builtIn ? 'built_in' : 'hub',
      revision: builtIn ? null : file.commit,
      sizeBytes: file.sizeBytes,
      quantization: quantizationFromFileName(file.path) ?? summary?.quantization ?? null,
      architecture: summary?.architecture ?? null,
      parameterCount: summary?.parameterCount ?? null,
      contextLength: summary?.contextLength ?? null,
      licence: summary?.licence ?? null,
      addedAt: Math.round(file.modifiedAtMs),
      lastUsedAt: use.get(modelId) ?? null,
      fit: summary
        ? fitFromSummary(summary, memory)
        : fitFromFileSize({ sizeBytes: file.sizeBytes, parameterCount: null, contextLength: null }, memory),
      problem,
    };
  }

  function event(): ModelsEvent {
    const use = readModelUse(store);
    const models = [...known]
      .filter(([modelId]) => !deleting.has(modelId))
      .map(([modelId, one]) => describe(modelId, one, use))
      .sort(
        (a, b) =>
          Number(b.origin === 'built_in') - Number(a.origin === 'built_in') ||
          a.name.localeCompare(b.name) ||
          a.id.localeCompare(b.id),
      );
    return { revision, models };
  }
  function publish(): ModelsEvent {
    revision++;
    const published = event();
    feed.publish(published);
    return published;
  }
  const ready = (): Promise<void> => (scanned ??= scan());
  async function rescan(): Promise<ModelsEvent> {
    const running = scan();
    scanned = running;
    await running;
    return publish();
  }

  async function remove(modelId: string): Promise<void> {
    const pending = deleting.get(modelId);
    if (!pending) return;
    clearTimeout(pending.timer);
    await options.beforeDelete(modelId);
    for (const part of pending.file.parts) await options.removeFromCache(part);
    known.delete(modelId);
    deleting.delete(modelId);
    publish();
  }

  return {
    async *watch(signal) {
      const reader = feed.open(signal);
      await ready();
      yield event();
      // A window that opens sees what other programs fetched since; the answer comes as an event.
      if (now() - scannedAt > STALE_MS) void rescan().catch(() => {});
      yield* reader;
    },
    rescan,
    async delete(modelId) {
      await ready();
      const one = known.get(modelId);
      if (!one || deleting.has(modelId))
        throw new AppError('model.missing', 'This model is no longer on this computer.');
      if (one.builtIn)
        throw new AppError('unsupported', 'The built-in model comes with Hearth and takes almost no room. It stays.');
      const timer = setTimeout(() => {
        remove(modelId).catch(() => {
          // The file could not be deleted: it is shown again, for that is the truth.
          deleting.delete(modelId);
          publish();
        });
      }, undoMs);
      timer.unref();
      deleting.set(modelId, { timer, file: one.file });
      publish();
      return { undoMs, freedBytes: one.file.sizeBytes };
    },
    async undoDelete(modelId) {
      const pending = deleting.get(modelId);
      if (!pending) return { restored: false };
      clearTimeout(pending.timer);
      deleting.delete(modelId);
      publish();
      return { restored: true };
    },
    async find(modelId) {
      await ready();
      if (!known.has(modelId)) await rescan(); // another program may have fetched it since
      const one = known.get(modelId);
      if (!one || deleting.has(modelId))
        throw new AppError(
          'model.missing',
          'The model of this chat is no longer on this computer. Choose another one, or download it again.',
          { modelId },
        );
      if (one.problem) throw new AppError(one.problem.code, one.problem.message, one.problem.data);
      return {
        modelId,
        name: one.name,
        path: one.file.openPath,
        weightsBytes: one.summary?.weightsBytes ?? one.file.sizeBytes,
        contextSize: defaultContextSize(one.summary?.contextLength ?? null),
      };
    },
    has: (modelId) => known.has(modelId) && !deleting.has(modelId),
    markUsed(modelId) {
      transaction(store, () => writeModelUse(store, modelId, now()));
      publish();
    },
    async close() {
      for (const modelId of [...deleting.keys()]) await remove(modelId).catch(() => {});
    },
  };
}
