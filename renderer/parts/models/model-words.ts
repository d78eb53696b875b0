/** Words for models: licenses, gating, fit, groups of files, origins. */
import type { ErrorBody } from '../../../preload/wire/errors.ts';
import type { HubModelSummary } from '../../../preload/contract/hub.ts';
import type { LocalModel, ModelOrigin, PlacedOrigin } from '../../../preload/contract/library.ts';
import type { FileGroup } from './model-files.ts';
import { words } from '../../words/words.ts';

/** A license of the Hub's list by the name that people know; an unknown one as it is, `other` and none in words. */
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

/** What a group of files is for, or how exact its weights are. */
export function groupWords(
  kind: FileGroup['kind'],
  bits: number | null,
): { readonly title: string; readonly note: string | null } {
  switch (kind) {
    case 'recommended':
      return { title: words.models.groups.recommended, note: null };
    case 'model':
      return bits === null
        ? { title: words.models.groups.models, note: null }
        : { title: words.models.groups.bits(bits), note: bitsNote(bits) };
    case 'projector':
      return { title: words.models.groups.projectors, note: words.models.groups.projectorsNote };
    case 'adapter':
      return { title: words.models.groups.adapters, note: words.models.groups.adaptersNote };
    default:
      return kind satisfies never;
  }
}

/** What the width means to somebody who chooses. */
function bitsNote(bits: number): string | null {
  const notes = words.models.groups.bitsNotes;
  if (bits <= 2) return notes.two;
  if (bits === 3) return notes.three;
  if (bits === 4) return notes.four;
  if (bits <= 6) return notes.six;
  if (bits === 8) return notes.eight;
  return bits >= 16 ? notes.full : null;
}

/** `owner/name` in its two parts; the owner is empty for the Hub's oldest repositories, which have none. */
export function splitRepoId(repoId: string): { readonly owner: string; readonly name: string } {
  const slash = repoId.indexOf('/');
  return { owner: repoId.slice(0, Math.max(0, slash)), name: repoId.slice(slash + 1) };
}

/** Tags worth reading: the Hub also writes what has its own place here (license, base model, region) into them. */
export function readableTags(tags: readonly string[]): readonly string[] {
  return tags.filter(
    (tag) => !/^(license|base_model|region|arxiv|doi|dataset|endpoints_compatible|autotrain_compatible)\b/.test(tag),
  );
}

/** What an auxiliary file is, and what can be done with it; null for a model. */
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
    default:
      return model.kind satisfies never;
  }
}

/** Where a local model comes from. */
export function originWords(model: LocalModel): string {
  switch (model.origin) {
    case 'built_in':
      return words.models.origins.built_in;
    case 'hub':
      return words.models.origins.hub(model.repoId);
    case 'imported':
      return words.models.origins.imported;
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

/** A place outside the cache that models are in. */
export function placeWords(origin: PlacedOrigin): string {
  switch (origin) {
    case 'imported':
      return words.storage.imported.place;
    case 'folder':
      return words.storage.userFolders;
    default:
      return ownerNames[origin];
  }
}

export const ownerNames = { lm_studio: 'LM Studio', ollama: 'Ollama', jan: 'Jan', gpt4all: 'GPT4All' } as const;

/** Whether the file is Hearth's to delete. Files of other programs are used in place and never deleted. */
export function isOwn(origin: ModelOrigin): boolean {
  return origin === 'hub' || origin === 'imported';
}

/** A title that says more of a file on this computer than the error's own; undefined where that one is right. */
export function problemTitle(problem: ErrorBody): string | undefined {
  return problem.code === 'model.corrupt' ? words.models.corruptTitle : undefined;
}
