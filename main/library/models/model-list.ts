/** The list of all model files on this computer with their headers. Made at the first use, and again on request. */
import { stat } from 'node:fs/promises';
import type { Store } from '../../store/store.ts';
import { isLasting } from './kept-refusal.ts';
import type { KnownModel } from './local-model.ts';
import { joinByHeader, joinShards, loneShard, nameFromFile, type CacheEntry, type ModelFile } from './model-files.ts';
import { createModelHeaders } from './model-headers.ts';

export interface BuiltIn {
  readonly modelId: string;
  readonly path: string;
  readonly name: string;
}

export interface ModelListOptions {
  readonly store: Store;
  readonly builtIn: BuiltIn;
  /** Every GGUF file of the cache and of other places; with `fresh` after reading the disk. */
  readonly listFiles: (fresh: boolean) => Promise<readonly CacheEntry[]>;
  /** Finds out which files of these repositories of the cache are one model. True when `listFiles` tells more now. */
  readonly noteShards: (repoIds: ReadonlySet<string>) => Promise<boolean>;
  readonly now: () => number;
}

export interface ModelList {
  /** The list by model id; empty before the first reading. */
  known(): ReadonlyMap<string, KnownModel>;
  /** The model that a file belongs to, by the id that the file has alone. */
  ofFile(fileId: string): (KnownModel & { readonly id: string }) | undefined;
  /** Settles when the list was read at least once. */
  ready(): Promise<void>;
  /** Reads the files and makes the list, with `fresh` after reading the disk. Simultaneous calls share one reading. */
  update(fresh: boolean): Promise<void>;
  /** The built-in model, which needs no list. */
  builtIn(): Promise<KnownModel>;
  /** When the list was read, in milliseconds since the epoch. */
  readAt(): number;
}

export function createModelList({ store, builtIn, listFiles, noteShards, now }: ModelListOptions): ModelList {
  const headers = createModelHeaders(store);
  let known = new Map<string, KnownModel>();
  let byFile = new Map<string, string>();
  /** The models of the last reading before those were joined whose headers say that they are one. */
  let unjoined: readonly KnownModel[] = [];
  let readAt = 0;
  let first: Promise<void> | undefined;
  let reading: Promise<void> = Promise.resolve();
  let next: { fresh: boolean; done: Promise<void> } | null = null;

  /** One reading at a time, so that an older result never replaces a newer one. Calls during a reading share the next one. */
  function update(fresh: boolean): Promise<void> {
    if (next) {
      next.fresh ||= fresh;
      return next.done;
    }
    const own = { fresh, done: Promise.resolve() };
    own.done = reading.then(() => {
      next = null;
      return readAll(own.fresh);
    });
    next = own;
    reading = own.done.catch(() => {});
    first = own.done;
    return own.done;
  }

  async function readAll(fresh: boolean): Promise<void> {
    const found = new Map([[builtIn.modelId, await readBuiltIn()]]);
    await readUnjoined(fresh);
    const lone = unjoined.filter(({ file, problem }) => file.origin === undefined && loneShard(problem) !== null);
    if (lone.length > 0 && (await noteShards(new Set(lone.map(({ file }) => file.repoId))))) await readUnjoined(false);
    const models = unjoined;
    for (const model of await joinByHeader(models, (file) => read(idOf(file), file))) {
      const modelId = idOf(model.file);
      if (!found.has(modelId)) found.set(modelId, model);
    }
    headers.keep();
    known = found;
    byFile = new Map(
      [...found].flatMap(([modelId, { file }]) => file.shards.map((shard) => [idOf(shard), modelId] as const)),
    );
    readAt = now();
  }

  async function readUnjoined(fresh: boolean): Promise<void> {
    const before = new Map(unjoined.map((model) => [idOf(model.file), model]));
    const models: KnownModel[] = [];
    for (const file of joinShards(await listFiles(fresh)))
      models.push(await read(idOf(file), file, before.get(idOf(file))));
    unjoined = models;
  }

  async function read(modelId: string, file: ModelFile, before = known.get(modelId)): Promise<KnownModel> {
    const base = { file, origin: file.origin ?? 'hub', name: file.title ?? nameFromFile(file.path) } as const;
    const header = before && isKnown(before, file) ? before : await headers.read(modelId, file);
    return { summary: header.summary, auxiliary: header.auxiliary, problem: header.problem, ...base };
  }

  async function readBuiltIn(): Promise<KnownModel> {
    const { size, mtimeMs } = await stat(builtIn.path);
    const [owner = '', name = '', ...rest] = builtIn.modelId.split('/');
    const entry: CacheEntry = {
      repoId: `${owner}/${name}`,
      commit: '',
      path: rest.join('/'),
      openPath: builtIn.path,
      sizeBytes: size,
      modifiedAtMs: mtimeMs,
    };
    const file: ModelFile = { ...entry, shards: [entry], missingShards: 0 };
    return { ...(await read(builtIn.modelId, file)), origin: 'built_in', name: builtIn.name };
  }

  return {
    known: () => known,
    ofFile(fileId) {
      const id = known.has(fileId) ? fileId : byFile.get(fileId);
      const model = id === undefined ? undefined : known.get(id);
      return model && id !== undefined ? { ...model, id } : undefined;
    },
    ready: () => first ?? update(false),
    update,
    builtIn: readBuiltIn,
    readAt: () => readAt,
  };
}

const idOf = ({ repoId, path }: CacheEntry): string => `${repoId}/${path}`;

/** Whether what was read before still holds. What kept a file from being read may be mended without a change of the file. */
function isKnown({ file: read, problem }: KnownModel, file: ModelFile): boolean {
  return isSameFile(read, file) && isLasting(problem);
}

/** Whether two files have the same header, judged by their facts on the disk. */
function isSameFile(a: ModelFile, b: ModelFile): boolean {
  return (
    a.missingShards === b.missingShards &&
    a.shards.length === b.shards.length &&
    a.shards.every((shard, index) => {
      const other = b.shards[index];
      return (
        shard.openPath === other?.openPath &&
        shard.sizeBytes === other.sizeBytes &&
        shard.modifiedAtMs === other.modifiedAtMs &&
        shard.isDamaged === other.isDamaged
      );
    })
  );
}
