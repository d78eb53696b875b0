/** The page's view of a model on this computer, and the model's owner. */
import type { LocalModel, ModelOrigin, PlacedOrigin } from '../../../preload/contract/library.ts';
import type { ModelFileKind } from '../../../preload/contract/model.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import type { FitOf } from '../../model-file/fit-of.ts';
import { kindsByName } from '../../model-file/auxiliary.ts';
import { quantizationFromFileName } from '../../model-file/quantization.ts';
import { parseShard } from '../../model-file/shards.ts';
import type { ModelFile } from './model-files.ts';
import type { ModelHeader } from './model-header.ts';

export interface KnownModel extends ModelHeader {
  readonly file: ModelFile;
  readonly origin: ModelOrigin;
  readonly name: string;
}

/** Facts about models that are not in their files. */
export interface ModelMarks {
  /** When each model was last used, in milliseconds since the epoch. */
  readonly use: ReadonlyMap<string, number>;
  /** When each model last wrote a reply, in milliseconds since the epoch. */
  readonly replies: ReadonlyMap<string, number>;
  readonly pins: ReadonlySet<string>;
  /** The latest known commit of each repository's branch. */
  readonly heads: ReadonlyMap<string, { readonly commit: string }>;
  readonly fitOf: FitOf;
}

/** The kind of each file: by its header, else by its name among the files of its repository. */
export function kindsOf(
  models: ReadonlyMap<string, Pick<KnownModel, 'file' | 'summary' | 'auxiliary'>>,
): ReadonlyMap<string, ModelFileKind> {
  const kinds = new Map<string, ModelFileKind>();
  const unsure = [...models].filter(([modelId, { auxiliary }]) => {
    if (auxiliary !== null) kinds.set(modelId, auxiliary.kind);
    return auxiliary === null;
  });
  for (const group of Map.groupBy(unsure, ([, { file }]) => file.repoId).values()) {
    const byName = kindsByName(group.map(([, { file }]) => file));
    for (const [index, [modelId, { summary }]] of group.entries()) {
      const kind = byName[index] ?? 'model';
      // A header with layers is that of a model, which at most drafts for another one.
      kinds.set(modelId, summary === null || kind === 'draft' ? kind : 'model');
    }
  }
  return kinds;
}

export function describeModel(modelId: string, model: KnownModel, kind: ModelFileKind, marks: ModelMarks): LocalModel {
  const { file, origin, name, summary, auxiliary, problem } = model;
  const head = origin === 'hub' ? (marks.heads.get(file.repoId)?.commit ?? null) : null;
  const header = summary ?? auxiliary;
  const otherPaths = parseShard(file.path) === null ? file.shards.slice(1).map(({ path }) => path) : [];
  return {
    id: modelId,
    kind,
    repoId: file.repoId,
    fileName: file.path.split('/').at(-1) ?? file.path,
    ...(otherPaths.length > 0 && { otherPaths }),
    name,
    origin,
    pinned: marks.pins.has(modelId),
    updateRevision: head === file.commit ? null : head,
    revision: origin === 'hub' ? file.commit : null,
    sizeBytes: file.sizeBytes,
    quantization: quantizationFromFileName(file.path) ?? header?.quantization ?? null,
    architecture: header?.architecture ?? null,
    parameterCount: header?.parameterCount ?? null,
    contextLength: summary?.contextLength ?? null,
    license: header?.license ?? null,
    addedAt: Math.round(file.modifiedAtMs),
    lastUsedAt: marks.use.get(modelId) ?? null,
    lastRepliedAt: marks.replies.get(modelId) ?? null,
    fit: marks.fitOf({ modelId, sizeBytes: file.sizeBytes, summary }),
    problem,
    notes: header?.notes ?? [],
  };
}

/** Sorts the built-in model first, then by name. */
export function compareModels(a: LocalModel, b: LocalModel): number {
  return (
    Number(b.origin === 'built_in') - Number(a.origin === 'built_in') ||
    a.name.localeCompare(b.name) ||
    a.id.localeCompare(b.id)
  );
}

/** A place outside the cache with its number of models. */
export interface Place {
  readonly origin: PlacedOrigin;
  readonly models: number;
  readonly sizeBytes: number;
}

const programNames = { lm_studio: 'LM Studio', ollama: 'Ollama', jan: 'Jan', gpt4all: 'GPT4All' } as const;

/** Counts the models in each place outside the cache. */
export function placesOf(models: Iterable<KnownModel>): Place[] {
  const found = new Map<PlacedOrigin, Place>();
  for (const { origin, file } of models) {
    if (origin === 'built_in' || origin === 'hub') continue;
    const place = found.get(origin) ?? { origin, models: 0, sizeBytes: 0 };
    found.set(origin, { ...place, models: place.models + 1, sizeBytes: place.sizeBytes + file.sizeBytes });
  }
  return [...found.values()];
}

/** Throws unsupported for a model that Hearth must not delete. */
export function assertOwn(origin: ModelOrigin): void {
  switch (origin) {
    case 'hub':
    case 'imported':
    case 'converted':
      return;
    case 'built_in':
      throw new AppError('unsupported', 'The built-in model comes with Hearth and takes almost no room. It stays.', {
        reason: 'built_in',
      });
    case 'folder':
      throw new AppError(
        'unsupported',
        'This file lies in a folder of yours. Hearth uses it there and never deletes it.',
        { reason: 'in_user_folder' },
      );
    case 'lm_studio':
    case 'ollama':
    case 'jan':
    case 'gpt4all':
      throw new AppError(
        'unsupported',
        `This model belongs to ${programNames[origin]}. Hearth uses it where it lies and never deletes it.`,
        { reason: 'other_program', program: programNames[origin] },
      );
    default:
      origin satisfies never;
  }
}
