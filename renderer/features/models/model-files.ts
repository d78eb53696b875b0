/** The files of a repository: their order, their groups, and where each of them stands on this computer. */
import type { HubFile } from '../../../preload/contract/hub.ts';
import type { Job } from '../../../preload/contract/jobs.ts';

export interface FileGroup {
  readonly kind: HubFile['kind'];
  readonly files: readonly HubFile[];
}

const kindOrder: readonly HubFile['kind'][] = ['model', 'projector', 'adapter'];

/** Models first, then what goes with them; within a group the recommended file, then from small to large. Empty groups are left out. */
export function groupFiles(files: readonly HubFile[]): readonly FileGroup[] {
  return kindOrder
    .map((kind) => ({ kind, files: files.filter((file) => file.kind === kind).toSorted(bySize) }))
    .filter((group) => group.files.length > 0);
}

function bySize(a: HubFile, b: HubFile): number {
  const recommendedFirst = Number(b.recommended !== null) - Number(a.recommended !== null);
  return recommendedFirst || a.sizeBytes - b.sizeBytes || (a.path < b.path ? -1 : 1);
}

/** The file that the fit bar shows when the user has chosen none: the recommended one, else the smallest model. */
export function fileToShow(files: readonly HubFile[], chosenPath: string | null): HubFile | null {
  const models = groupFiles(files).find((group) => group.kind === 'model')?.files ?? [];
  return (
    models.find((file) => file.path === chosenPath) ??
    models.find((file) => file.recommended !== null) ??
    models[0] ??
    null
  );
}

export type FilePlace =
  | { readonly at: 'remote' }
  | { readonly at: 'local' }
  /** Under way, paused or failed: the tray has the same job. */
  | { readonly at: 'job'; readonly job: Job };

/**
 * Where a file stands now. The live lists are newer than the answer that `file` came with; `jobs` and `localIds` are null
 * until they are known. Only models are in the local list, so for projectors and adapters a finished job or the answer decides.
 */
export function placeOf(file: HubFile, jobs: readonly Job[] | null, localIds: ReadonlySet<string> | null): FilePlace {
  const job = jobs?.find((candidate) => candidate.modelId === file.modelId && candidate.state !== 'done');
  if (job) return { at: 'job', job };
  if (localIds?.has(file.modelId)) return { at: 'local' };
  if (file.kind === 'model' && localIds !== null) return { at: 'remote' };
  const done = jobs?.some((candidate) => candidate.modelId === file.modelId && candidate.state === 'done') ?? false;
  return done || file.state === 'local' ? { at: 'local' } : { at: 'remote' };
}
