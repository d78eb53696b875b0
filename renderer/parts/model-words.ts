/** Words and figures for models, as people read them. */
import type { ErrorBody } from '../../preload/wire/errors.ts';
import type { HubModelSummary } from '../../preload/contract/hub.ts';
import type { FitVerdict } from '../../preload/contract/model.ts';
import type { LocalModel, ModelOrigin } from '../../preload/contract/library.ts';
import type { FileGroup } from './model-files.ts';

/** A licence of the Hub's list by the name that people know; an unknown one as it is, `other` and none in words. */
export function licenceName(licence: string | null): string {
  if (licence === null || licence === '') return 'No licence stated';
  return licenceNames[licence.toLowerCase()] ?? licence;
}

const licenceNames: Readonly<Record<string, string>> = {
  'apache-2.0': 'Apache 2.0',
  mit: 'MIT',
  'bsd-2-clause': 'BSD 2-Clause',
  'bsd-3-clause': 'BSD 3-Clause',
  'cc0-1.0': 'CC0 1.0 (public domain)',
  'cc-by-4.0': 'CC BY 4.0',
  'cc-by-sa-4.0': 'CC BY-SA 4.0',
  'cc-by-nc-4.0': 'CC BY-NC 4.0 (no commercial use)',
  'cc-by-nc-sa-4.0': 'CC BY-NC-SA 4.0 (no commercial use)',
  gemma: 'Gemma terms of use',
  llama2: 'Llama 2 Community License',
  llama3: 'Llama 3 Community License',
  'llama3.1': 'Llama 3.1 Community License',
  'llama3.2': 'Llama 3.2 Community License',
  'llama3.3': 'Llama 3.3 Community License',
  llama4: 'Llama 4 Community License',
  'gpl-3.0': 'GPL 3.0',
  'agpl-3.0': 'AGPL 3.0',
  openrail: 'OpenRAIL',
  unknown: 'Licence unknown',
  other: 'A licence of its own',
};

/** How one gets at a gated model, in one sentence; null for an open one. */
export function gatingSentence(gated: HubModelSummary['gated']): string | null {
  switch (gated) {
    case false:
      return null;
    case 'auto':
      return 'The owner asks you to accept the licence on the Hub first. Access is granted at once.';
    case 'manual':
      return 'The owner asks you to accept the licence on the Hub first, and looks at each request. Access can take a while.';
    default:
      return gated satisfies never;
  }
}

/** The verdict as the badge says it. */
export function fitWord(verdict: FitVerdict): string {
  switch (verdict) {
    case 'fits':
      return 'Fits';
    case 'tight':
      return 'May be tight';
    case 'too_big':
      return 'Won’t fit';
    case 'unknown':
      return 'Unknown';
    default:
      return verdict satisfies never;
  }
}

/** What a group of files is for, or how exact its weights are. */
export function groupWords(
  kind: FileGroup['kind'],
  bits: number | null,
): { readonly title: string; readonly note: string | null } {
  switch (kind) {
    case 'recommended':
      return { title: 'For this computer', note: null };
    case 'model':
      return bits === null ? { title: 'Models', note: null } : { title: `${bits}-bit`, note: bitsNote(bits) };
    case 'projector':
      return { title: 'Projectors', note: 'Let a model see pictures or hear sound. Not models by themselves.' };
    case 'adapter':
      return { title: 'Adapters (LoRA)', note: 'Change the manner of the base model. Not models by themselves.' };
    default:
      return kind satisfies never;
  }
}

/** What the width means to somebody who chooses. */
function bitsNote(bits: number): string | null {
  if (bits <= 2) return 'Smallest, with a loss that shows plainly.';
  if (bits === 3) return 'Small, with a loss that shows.';
  if (bits === 4) return 'The usual choice.';
  if (bits <= 6) return 'Closer to the original.';
  if (bits === 8) return 'Hardly any loss.';
  return bits >= 16 ? 'As it was trained, or nearly. Large and slow.' : null;
}

/** `owner/name` in its two parts; the owner is empty for the Hub's oldest repositories, which have none. */
export function splitRepoId(repoId: string): { readonly owner: string; readonly name: string } {
  const slash = repoId.indexOf('/');
  return { owner: repoId.slice(0, Math.max(0, slash)), name: repoId.slice(slash + 1) };
}

/** Tags worth reading: the Hub also writes what has its own place here (licence, base model, region) into them. */
export function readableTags(tags: readonly string[]): readonly string[] {
  return tags.filter(
    (tag) => !/^(license|base_model|region|arxiv|doi|dataset|endpoints_compatible|autotrain_compatible)\b/.test(tag),
  );
}

/** What a file is that is no model of its own, and what can be done with it; null for a model. */
export function partWords(model: LocalModel): { readonly word: string; readonly sentence: string } | null {
  switch (model.kind) {
    case 'model':
      return null;
    case 'adapter':
      return {
        word: 'Adapter (LoRA)',
        sentence: `Changes the manner of a model${model.architecture ? ` of the ${model.architecture} family` : ''}. Choose it where the model’s loading is set (“How it loads…”).`,
      };
    case 'projector':
      return {
        word: 'Projector',
        sentence: 'Lets the model that it was made for see pictures or hear sound. It is not a model by itself.',
      };
    default:
      return model.kind satisfies never;
  }
}

/** Where a local model comes from. */
export function originWords(model: LocalModel): string {
  switch (model.origin) {
    case 'built_in':
      return 'Built in';
    case 'hub':
      return `From ${model.repoId}`;
    case 'imported':
      return 'Added from a file';
    case 'folder':
      return 'In one of your folders';
    case 'lm_studio':
    case 'ollama':
    case 'jan':
    case 'gpt4all':
      return `Belongs to ${ownerNames[model.origin]}`;
    default:
      return model.origin satisfies never;
  }
}

export const ownerNames = { lm_studio: 'LM Studio', ollama: 'Ollama', jan: 'Jan', gpt4all: 'GPT4All' } as const;

/** Whether the file is Hearth's to delete: of other programs it uses files where they lie, and leaves them there. */
export function isOwn(origin: ModelOrigin): boolean {
  return origin === 'hub' || origin === 'imported';
}

/** A title that says more of a file on this computer than the error's own; undefined where that one is right. */
export function problemTitle(problem: ErrorBody): string | undefined {
  return problem.code === 'model.corrupt' ? 'This file is not a model, or only a part of one' : undefined;
}
