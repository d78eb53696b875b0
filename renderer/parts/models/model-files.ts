/** The files of a repository: their order, their groups, and the state of each on this computer. */
import type { ErrorBody } from '../../../preload/wire/errors.ts';
import type { HubFile } from '../../../preload/contract/hub.ts';
import type { ModelReference } from '../../../preload/contract/model-reference.ts';
import { chooseFile } from '../../../preload/contract/model-tags.ts';
import type { Job } from '../../../preload/contract/jobs.ts';
import type { LocalModel } from '../../../preload/contract/library.ts';

export interface FileGroup {
  readonly kind: HubFile['kind'];
  readonly files: readonly HubFile[];
}

const kindOrder: readonly HubFile['kind'][] = ['model', 'projector', 'draft', 'vocoder', 'adapter', 'imatrix'];

/**
 * Models, then auxiliary files. In each group the recommended file is first; the others follow by the width of their
 * weights, then by size. Empty groups are left out.
 */
export function groupFiles(files: readonly HubFile[]): readonly FileGroup[] {
  const first = (file: HubFile): number => (file.recommended === null ? 1 : 0);
  return kindOrder
    .map((kind) => ({
      kind,
      files: files
        .filter((file) => file.kind === kind)
        .toSorted((a, b) => first(a) - first(b) || widthOf(a) - widthOf(b) || bySize(a, b)),
    }))
    .filter((group) => group.files.length > 0);
}

/** Files of unknown width are last. */
function widthOf(file: HubFile): number {
  return bitWidth(file) ?? Number.MAX_SAFE_INTEGER;
}

function bySize(a: HubFile, b: HubFile): number {
  return a.sizeBytes - b.sizeBytes || (a.path < b.path ? -1 : 1);
}

/**
 * The bits in the name of a quantization (`IQ4_XS` and `Q4_K_M`: 4), else the bits that follow from the size, else
 * null.
 */
export function bitWidth(file: Pick<HubFile, 'quantization' | 'bitsPerWeight'>): number | null {
  const named = /^(?:I?Q|TQ|B?F|MXFP|NVFP)(\d+)/i.exec(file.quantization ?? '')?.[1];
  if (named !== undefined) return Number(named);
  return file.bitsPerWeight === null ? null : Math.round(file.bitsPerWeight);
}

/** The path of the file that a reference names; null when it names none, or no single one. */
export function wantedPath(
  files: readonly HubFile[],
  wanted: Pick<ModelReference, 'path' | 'tag'> | null,
): string | null {
  const choice = wanted === null ? null : chooseFile(files, wanted);
  return choice?.kind === 'file' ? choice.file.path : null;
}

/** The file that the fit bar shows when the user has selected none: the recommended one, else the smallest model. */
export function fileToShow(files: readonly HubFile[], chosenPath: string | null): HubFile | null {
  const models = files.filter((file) => file.kind === 'model').toSorted(bySize);
  return (
    models.find((file) => file.path === chosenPath) ??
    models.find((file) => file.recommended !== null) ??
    models[0] ??
    null
  );
}

export type FilePlace =
  | { readonly at: 'remote' }
  /** `usable`: it has no problem that another download would not mend. */
  | { readonly at: 'local'; readonly usable: boolean }
  /** Running, paused or failed: the tray shows the same job. */
  | { readonly at: 'job'; readonly job: Job };

/**
 * The state of a file now. The watched lists are newer than the response that `file` is from. `jobs` and `localModels`
 * are null until they are known; until the local list arrives, a finished job or that response decides. A damaged
 * or incomplete file is not here, so that it can be downloaded again.
 */
export function placeOf(
  file: HubFile,
  jobs: readonly Job[] | null,
  localModels:
    readonly (Pick<LocalModel, 'id' | 'problem'> & Partial<Pick<LocalModel, 'repoId' | 'otherPaths'>>)[] | null,
): FilePlace {
  const job = jobs?.find((candidate) => candidate.modelId === file.modelId && candidate.state !== 'done');
  if (job) return { at: 'job', job };
  if (localModels !== null) {
    const local =
      localModels.find(({ id }) => id === file.modelId) ??
      localModels.find(({ repoId, otherPaths }) =>
        otherPaths?.some((path) => `${String(repoId)}/${path}` === file.modelId),
      );
    if (local === undefined || canDownloadAgain(local.problem)) return { at: 'remote' };
    return { at: 'local', usable: local.problem === null };
  }
  const done = jobs?.some((candidate) => candidate.modelId === file.modelId && candidate.state === 'done') ?? false;
  return done || file.state === 'local' ? { at: 'local', usable: true } : { at: 'remote' };
}

/** Whether a problem of a local file is one that another download mends: damage, or missing shards. */
export function canDownloadAgain(problem: ErrorBody | null): boolean {
  return problem?.code === 'model.corrupt';
}
