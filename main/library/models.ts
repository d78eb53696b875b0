/** The models on this computer: the built-in one, the cache's, and those of other places, with what their headers say and how they fit. */
import { stat } from 'node:fs/promises';
import { AppError, encodeError } from '../../preload/wire/errors.ts';
import type { LocalModel, ModelOrigin, ModelsEvent } from '../../preload/contract/library.ts';
import { createFeed } from '../base/feed.ts';
import { defaultContextSize, fitFromFileSize, fitFromSummary, type FreeMemory } from '../model-file/fit.ts';
import {
  auxiliaryError,
  readKeptAuxiliary,
  readKeptSummary,
  type ModelSummary,
  type AuxiliarySummary,
} from '../model-file/model-summary.ts';
import { quantizationFromFileName } from '../model-file/quantization.ts';
import type { EngineModel } from '../engine/engine.ts';
import { readHeader, readModelUse, readPins, writeHeader, writeModelUse, writePin } from '../store/model-records.ts';
import { transaction, type Store } from '../store/store.ts';
import {
  joinShards,
  nameFromFile,
  summarizeFile,
  type CacheEntry,
  type ModelFile,
  type PlacedOrigin,
} from './model-files.ts';

export { createImports, type Imports, type ImportsOptions } from './imports.ts';
export type { Programs } from './places/placed.ts';
export { listPlaces, type PlacesOptions } from './places/places.ts';
export {
  joinShards,
  nameFromFile,
  summarizeParts,
  type CacheEntry,
  type ModelFile,
  type PlacedOrigin,
} from './model-files.ts';

/** A deletion that can still be undone. */
export interface Removal {
  readonly token: string;
  readonly undoMs: number;
  readonly freedBytes: number;
}

export interface ModelsOptions {
  readonly store: Store;
  readonly builtIn: { readonly modelId: string; readonly path: string; readonly name: string };
  /** What the cache holds; with `fresh` after a look at the disk, else as it is known. */
  readonly listCache: (fresh: boolean) => Promise<readonly CacheEntry[]>;
  /** Files outside the cache, under names that stay the same. */
  readonly listPlaces: () => Promise<readonly CacheEntry[]>;
  /** Begins to delete a file of the cache, or one that was imported; it is not listed meanwhile. `before` is called before it goes. */
  readonly remove: (file: ModelFile, before: () => Promise<void>) => Removal;
  readonly undoRemoval: (token: string) => boolean;
  readonly freeMemory: () => FreeMemory;
  /** Called before a file goes: whatever holds it open must let go. */
  readonly beforeDelete: (modelId: string) => Promise<void>;
  /** The commit of each repository's branch, where somebody looked. */
  readonly branchHeads: () => ReadonlyMap<string, { readonly commit: string }>;
  /** Something about a model is different that the storage view shows as well. */
  readonly onMark?: () => void;
  readonly now?: () => number;
}

export interface Place {
  readonly origin: ModelOrigin;
  /** For people. */
  readonly label: string;
  readonly models: number;
  readonly sizeBytes: number;
}

export interface Models {
  watch(signal: AbortSignal): AsyncGenerator<ModelsEvent>;
  /** Makes the list again, by default after a look at the disk. */
  rescan(fresh?: boolean): Promise<ModelsEvent>;
  delete(modelId: string): Promise<{ undoMs: number; freedBytes: number }>;
  undoDelete(modelId: string): Promise<{ restored: boolean }>;
  /** Throws model.missing. */
  pin(modelId: string, pinned: boolean): Promise<void>;
  /** What the engine needs to load a model. Throws model.missing, model.corrupt, model.unsupported. */
  find(modelId: string): Promise<EngineModel>;
  /** A file that a model is loaded with: an adapter, or a whole model that guesses ahead. Throws model.missing, model.corrupt, model.unsupported. */
  findPartner(
    modelId: string,
    kind: 'adapter' | 'model',
  ): Promise<{ readonly path: string; readonly sizeBytes: number }>;
  /** Whether a complete file of that id is here. */
  has(modelId: string): boolean;
  /** The ids and commits of models that came from the Hub. */
  fromHub(): Promise<readonly { readonly repoId: string; readonly commit: string }[]>;
  /** How many models each place outside the cache has, as far as it is known now. */
  places(): readonly Place[];
  /** Tells the watchers again, after something that the list shows has changed elsewhere. */
  refresh(): void;
  markUsed(modelId: string): void;
}

/** A list older than this is read again when somebody looks. */
const STALE_MS = 2000;

interface Known {
  readonly file: ModelFile;
  readonly origin: ModelOrigin;
  readonly name: string;
  readonly summary: ModelSummary | null;
  /** Set for a file that is no model of its own. */
  readonly part: AuxiliarySummary | null;
  readonly problem: LocalModel['problem'];
}

/** A list over the cache and the other places; it is read at the first use and at every `rescan`. */
export function createModels(options: ModelsOptions): Models {
  const { store } = options;
  const now = options.now ?? Date.now;
  const feed = createFeed<ModelsEvent>((_waiting, next) => next);
  const removals = new Map<string, string>();
  const unkept: {
    readonly modelId: string;
    readonly file: ModelFile;
    readonly summary: ModelSummary | AuxiliarySummary;
  }[] = [];
  let known = new Map<string, Known>();
  let revision = 0;
  let scanned: Promise<void> | undefined;
  let reading: Promise<void> = Promise.resolve();
  let waiting: { fresh: boolean; done: Promise<void> } | null = null;
  let scannedAt = 0;

  /** One reading at a time; calls that come meanwhile share the next one, for an older answer must not replace a newer. */
  function scan(fresh: boolean): Promise<void> {
    if (waiting) {
      waiting.fresh ||= fresh;
      return waiting.done;
    }
    const start = (): Promise<void> => {
      waiting = null;
      return readAll(own.fresh);
    };
    const own = { fresh, done: Promise.resolve() };
    own.done = reading.then(start);
    waiting = own;
    reading = own.done.catch(() => {});
    return own.done;
  }

  async function readAll(fresh: boolean): Promise<void> {
    const found = new Map<string, Known>();
    found.set(options.builtIn.modelId, await readBuiltIn());
    const [cached, placed] = await Promise.all([options.listCache(fresh), options.listPlaces()]);
    for (const file of joinShards([...cached, ...placed])) {
      const modelId = `${file.repoId}/${file.path}`;
      if (!found.has(modelId)) found.set(modelId, await examine(modelId, file));
    }
    keepHeaders();
    const before = JSON.stringify(places());
    known = found;
    scannedAt = now();
    if (JSON.stringify(places()) !== before) options.onMark?.();
  }

  async function readBuiltIn(): Promise<Known> {
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
    return { ...(await examine(builtIn.modelId, own)), origin: 'built_in', name: builtIn.name };
  }

  /** Reads a file's header, or takes what is remembered of the same file. A file that is no model is listed with what is wrong. */
  async function examine(modelId: string, file: ModelFile): Promise<Known> {
    const base = { file, origin: file.origin ?? 'hub', name: file.title ?? nameFromFile(file.path) } as const;
    const before = known.get(modelId);
    if (before && isSameFile(before.file, file)) return { ...before, ...base };
    try {
      const isSound = file.missingParts === 0 && !file.parts.some((part) => part.isDamaged);
      const kept = isSound ? readHeader(store, modelId, file.sizeBytes, file.modifiedAtMs) : undefined;
      let summary = readKeptSummary(kept) ?? readKeptAuxiliary(kept);
      if (!summary) {
        summary = await summarizeFile(file);
        unkept.push({ modelId, file, summary });
      }
      return 'kind' in summary
        ? { ...base, summary: null, part: summary, problem: null }
        : { ...base, summary, part: null, problem: null };
    } catch (error) {
      const body = encodeError(error);
      return { ...base, summary: null, part: null, problem: body.code.startsWith('model.') ? body : null };
    }
  }

  /** Remembers what was read, all at once: each write on its own would wait for the disk. */
  function keepHeaders(): void {
    const headers = unkept.splice(0);
    if (headers.length === 0) return;
    try {
      transaction(store, () => {
        for (const { modelId, file, summary } of headers)
          writeHeader(store, modelId, file.sizeBytes, file.modifiedAtMs, summary);
      });
    } catch {
      // A full disk: the files are read again at the next start.
    }
  }

  interface Marks {
    readonly use: ReadonlyMap<string, number>;
    readonly pins: ReadonlySet<string>;
    readonly heads: ReturnType<ModelsOptions['branchHeads']>;
    readonly memory: FreeMemory;
  }

  function describe(modelId: string, { file, origin, name, summary, part, problem }: Known, marks: Marks): LocalModel {
    const head = origin === 'hub' ? (marks.heads.get(file.repoId)?.commit ?? null) : null;
    return {
      id: modelId,
      kind: part?.kind ?? 'model',
      repoId: file.repoId,
      fileName: file.path.split('/').at(-1) ?? file.path,
      name,
      origin,
      pinned: marks.pins.has(modelId),
      updateRevision: head === file.commit ? null : head,
      revision: origin === 'hub' ? file.commit : null,
      sizeBytes: file.sizeBytes,
      quantization: quantizationFromFileName(file.path) ?? (summary ?? part)?.quantization ?? null,
      architecture: (summary ?? part)?.architecture ?? null,
      parameterCount: (summary ?? part)?.parameterCount ?? null,
      contextLength: summary?.contextLength ?? null,
      license: (summary ?? part)?.license ?? null,
      addedAt: Math.round(file.modifiedAtMs),
      lastUsedAt: marks.use.get(modelId) ?? null,
      fit: summary
        ? fitFromSummary(summary, marks.memory)
        : fitFromFileSize({ sizeBytes: file.sizeBytes, parameterCount: null, contextLength: null }, marks.memory),
      problem,
    };
  }

  function event(): ModelsEvent {
    const marks = {
      use: readModelUse(store),
      pins: readPins(store),
      heads: options.branchHeads(),
      memory: options.freeMemory(),
    };
    const models = [...known]
      .map(([modelId, one]) => describe(modelId, one, marks))
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
  const ready = (): Promise<void> => (scanned ??= scan(false));
  async function rescan(fresh = true): Promise<ModelsEvent> {
    const running = scan(fresh);
    scanned = running;
    await running;
    return publish();
  }

  function places(): Place[] {
    const found = new Map<ModelOrigin, Place>();
    for (const { origin, file } of known.values()) {
      if (origin === 'built_in' || origin === 'hub') continue;
      const place = found.get(origin) ?? { origin, label: placeLabels[origin], models: 0, sizeBytes: 0 };
      found.set(origin, { ...place, models: place.models + 1, sizeBytes: place.sizeBytes + file.sizeBytes });
    }
    return [...found.values()];
  }

  async function look(modelId: string): Promise<Known | undefined> {
    await ready();
    if (!known.has(modelId)) await rescan(); // another program may have fetched it since
    return known.get(modelId);
  }

  /** Throws model.missing, and the file's own problem. */
  async function usable(modelId: string): Promise<Known> {
    const one = modelId === options.builtIn.modelId ? await readBuiltIn() : await look(modelId);
    if (!one)
      throw new AppError(
        'model.missing',
        'This model is no longer on this computer. Choose another one, or download it again.',
        { modelId },
      );
    if (one.problem) throw new AppError(one.problem.code, one.problem.message, one.problem.data);
    return one;
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
      if (!one) throw new AppError('model.missing', 'This model is no longer on this computer.');
      assertOwn(one.origin);
      const removal = options.remove(one.file, () => options.beforeDelete(modelId));
      removals.set(modelId, removal.token);
      await rescan(false);
      return { undoMs: removal.undoMs, freedBytes: removal.freedBytes };
    },
    async undoDelete(modelId) {
      const token = removals.get(modelId);
      removals.delete(modelId);
      const restored = token !== undefined && options.undoRemoval(token);
      if (restored) await rescan(false);
      return { restored };
    },
    async pin(modelId, pinned) {
      await ready();
      if (pinned && !known.has(modelId))
        throw new AppError('model.missing', 'This model is no longer on this computer.');
      transaction(store, () => writePin(store, modelId, pinned));
      publish();
      options.onMark?.();
    },
    async find(modelId) {
      const one = await usable(modelId);
      if (one.part) throw auxiliaryError(one.part.kind);
      return {
        modelId,
        name: one.name,
        path: one.file.openPath,
        weightsBytes: one.summary?.weightsBytes ?? one.file.sizeBytes,
        summary: one.summary,
        contextSize: defaultContextSize(one.summary?.contextLength ?? null),
      };
    },
    async findPartner(modelId, kind) {
      const { file, part, name } = await usable(modelId);
      if ((part?.kind ?? 'model') !== kind)
        throw new AppError(
          'model.unsupported',
          kind === 'adapter'
            ? `${name} is no adapter. Take it out of the load settings.`
            : `${name} is no model, and cannot guess ahead. Choose another one in the load settings.`,
          { modelId },
        );
      return { path: file.openPath, sizeBytes: file.sizeBytes };
    },
    has: (modelId) => known.has(modelId),
    async fromHub() {
      await ready();
      return [...known.values()]
        .filter(({ origin }) => origin === 'hub')
        .map(({ file }) => ({ repoId: file.repoId, commit: file.commit }));
    },
    places,
    refresh: () => void publish(),
    markUsed(modelId) {
      transaction(store, () => writeModelUse(store, modelId, now()));
      publish();
      options.onMark?.();
    },
  };
}

/** Whether nothing that the summary rests on has changed. */
function isSameFile(a: ModelFile, b: ModelFile): boolean {
  return (
    a.missingParts === b.missingParts &&
    a.parts.length === b.parts.length &&
    a.parts.every((part, index) => {
      const other = b.parts[index];
      return (
        part.openPath === other?.openPath &&
        part.sizeBytes === other.sizeBytes &&
        part.modifiedAtMs === other.modifiedAtMs &&
        part.isDamaged === other.isDamaged
      );
    })
  );
}

const placeLabels: Readonly<Record<PlacedOrigin, string>> = {
  imported: 'Imported files',
  lm_studio: 'LM Studio',
  ollama: 'Ollama',
  jan: 'Jan',
  gpt4all: 'GPT4All',
  folder: 'Your folders',
};

/** Throws unsupported for a model that is not Hearth's to delete. */
function assertOwn(origin: ModelOrigin): void {
  switch (origin) {
    case 'hub':
    case 'imported':
      return;
    case 'built_in':
      throw new AppError('unsupported', 'The built-in model comes with Hearth and takes almost no room. It stays.');
    case 'folder':
      throw new AppError(
        'unsupported',
        'This file lies in a folder of yours. Hearth uses it there and never deletes it.',
      );
    case 'lm_studio':
    case 'ollama':
    case 'jan':
    case 'gpt4all':
      throw new AppError(
        'unsupported',
        `This model belongs to ${placeLabels[origin]}. Hearth uses it where it lies and never deletes it.`,
      );
    default:
      origin satisfies never;
  }
}
