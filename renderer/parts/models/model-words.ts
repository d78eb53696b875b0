/** Words for models: licenses, gating, fit, groups of files, origins. */
import type { LoadedModel } from '../../../preload/contract/engine.ts';
import type { HubModelSummary } from '../../../preload/contract/hub.ts';
import type { LocalModel, ModelOrigin, PlacedOrigin } from '../../../preload/contract/library.ts';
import type { FileGroup } from './model-files.ts';
import { formatRelativeDate } from '../../words/format.ts';
import { words } from '../../words/words.ts';

/**
 * The familiar name of a license in the Hub's list. An unknown one stays as it is; `other` and a missing one are words.
 */
export function licenseName(license: string | null): string {
  if (license === null || license === '') return words.models.licenses.none;
  return words.models.licenses.byId[license.toLowerCase()] ?? license;
}

/** How to get access to a gated model, in one sentence; null for an open one. */
export function gatingSentence(gated: HubModelSummary['gated']): string | null {
  switch (gated) {
    case false:
      return null;
    case 'auto':
      return words.models.gating.auto;
    case 'manual':
      return words.models.gating.manual;
    default:
      return gated satisfies never;
  }
}

/** The heading of a group of auxiliary files; models need none. */
export function groupWords(kind: FileGroup['kind']): { readonly title: string; readonly note: string } | null {
  switch (kind) {
    case 'model':
      return null;
    case 'projector':
      return { title: words.models.groups.projectors, note: words.models.groups.projectorsNote };
    case 'adapter':
      return { title: words.models.groups.adapters, note: words.models.groups.adaptersNote };
    case 'draft':
      return { title: words.models.groups.drafts, note: words.models.groups.draftsNote };
    case 'vocoder':
      return { title: words.models.groups.vocoders, note: words.models.groups.vocodersNote };
    case 'imatrix':
      return { title: words.models.groups.matrices, note: words.models.groups.matricesNote };
    default:
      return kind satisfies never;
  }
}

/** What the width of a model's weights means for its quality. */
export function bitsNote(bits: number | null): string | null {
  if (bits === null) return null;
  const notes = words.models.groups.bitsNotes;
  if (bits <= 2) return notes.two;
  if (bits === 3) return notes.three;
  if (bits === 4) return notes.four;
  if (bits <= 6) return notes.six;
  if (bits === 8) return notes.eight;
  return bits >= 16 ? notes.full : null;
}

/** `owner/name` in its two parts. The owner is empty for the Hub's oldest repositories. */
export function splitRepoId(repoId: string): { readonly owner: string; readonly name: string } {
  const slash = repoId.indexOf('/');
  return { owner: repoId.slice(0, Math.max(0, slash)), name: repoId.slice(slash + 1) };
}

/**
 * Tags worth showing. The Hub also writes facts as tags that have a place of their own here: license, base model,
 * region.
 */
export function readableTags(tags: readonly string[]): readonly string[] {
  return tags.filter(
    (tag) => !/^(license|base_model|region|arxiv|doi|dataset|endpoints_compatible|autotrain_compatible)\b/.test(tag),
  );
}

/** The kind of an auxiliary file and its use; null for a model. */
export function auxiliaryWords(model: LocalModel): { readonly word: string; readonly sentence: string } | null {
  switch (model.kind) {
    case 'model':
      return null;
    case 'adapter':
      return {
        word: words.models.auxiliary.adapter,
        sentence: words.models.auxiliary.adapterText(model.architecture),
      };
    case 'projector':
      return {
        word: words.models.auxiliary.projector,
        sentence: words.models.auxiliary.projectorText,
      };
    case 'draft':
      return { word: words.models.auxiliary.draft, sentence: words.models.auxiliary.draftText };
    case 'vocoder':
      return { word: words.models.auxiliary.vocoder, sentence: words.models.auxiliary.vocoderText };
    case 'imatrix':
      return { word: words.models.auxiliary.imatrix, sentence: words.models.auxiliary.imatrixText };
    default:
      return model.kind satisfies never;
  }
}

/** The name of a model that is not in the list, from the file in its id. */
export function nameOfFile(modelId: string): string {
  return (modelId.split('/').at(-1) ?? modelId).replace(/\.gguf$/i, '');
}

/** The origin of a local model. */
export function originWords(model: LocalModel): string {
  switch (model.origin) {
    case 'built_in':
      return words.models.origins.built_in;
    case 'hub':
      return words.models.origins.hub(model.repoId);
    case 'imported':
      return words.models.origins.imported;
    case 'converted':
      return words.models.origins.converted;
    case 'folder':
      return words.models.origins.folder;
    case 'lm_studio':
    case 'ollama':
    case 'jan':
    case 'gpt4all':
      return words.models.origins.program(ownerNames[model.origin]);
    default:
      return model.origin satisfies never;
  }
}

/** A place outside the cache that contains models. */
export function placeWords(origin: PlacedOrigin): string {
  switch (origin) {
    case 'imported':
      return words.storage.imported.place;
    case 'converted':
      return words.storage.converted.place;
    case 'folder':
      return words.storage.userFolders;
    default:
      return ownerNames[origin];
  }
}

const ownerNames = { lm_studio: 'LM Studio', ollama: 'Ollama', jan: 'Jan', gpt4all: 'GPT4All' } as const;

/** Whether Hearth may delete the file. Files of other programs are used in place and never deleted. */
export function isOwn(origin: ModelOrigin): boolean {
  return origin === 'hub' || origin === 'imported' || origin === 'converted';
}

/** When a model was used last: null while it is in use, which a mark beside it says. */
export function lastUseWords(lastUsedAt: number | null, inUse: boolean, nowMs: number = Date.now()): string | null {
  if (inUse) return null;
  return lastUsedAt === null ? words.models.notUsed : words.models.usedAgo(formatRelativeDate(lastUsedAt, nowMs));
}

/** Whether replies, measurements or programs hold the model at this moment. A loaded one that waits is not in use. */
export function isInUse(loaded: LoadedModel | undefined): boolean {
  return loaded !== undefined && (loaded.status === 'generating' || loaded.leases > 0);
}

/** Whether one of the models is in use. A download of another file of their repository does not count. */
export function isAnyInUse(modelIds: readonly string[], loaded: ReadonlyMap<string, LoadedModel>): boolean {
  return modelIds.some((modelId) => isInUse(loaded.get(modelId)));
}
