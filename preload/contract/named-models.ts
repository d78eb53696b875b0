/** Which models a text names: by their ids, and as files of a repository. One rule for commands and for programs. Without zod. */
import { parseModelReference, type ModelReference } from './model-reference.ts';
import { chooseFile, type FileChoice, type TaggedFile } from './model-tags.ts';

/** A model that can be named. */
export interface Nameable {
  readonly modelId: string;
  /** A short name of its own, such as `ember`. */
  readonly shortName: string | null;
}

/** The model with exactly this id, else those whose id or short name it is in other letters, upper or lower. */
export function modelsWithId<Model extends Nameable>(models: readonly Model[], text: string): readonly Model[] {
  const exact = models.filter(({ modelId }) => modelId === text);
  if (exact.length > 0) return exact;
  const wanted = text.toLowerCase();
  return models.filter(
    ({ modelId, shortName }) => modelId.toLowerCase() === wanted || shortName?.toLowerCase() === wanted,
  );
}

/** A text as a repository, with what is here of it. */
export interface InRepository<File> {
  readonly reference: ModelReference;
  /** All files of the repository. Upper and lower case of its name are the same. */
  readonly files: readonly File[];
  /** Which of them are meant. */
  readonly choice: FileChoice<File>;
}

/** The files that `OWNER/NAME`, with a tag or a path, means among `files`; null for any other text. */
export function filesInRepository<File extends TaggedFile & { readonly repoId: string }>(
  all: readonly File[],
  text: string,
): InRepository<File> | null {
  const reference = parseModelReference(text);
  if (reference === null) return null;
  const files = all.filter(({ repoId }) => repoId.toLowerCase() === reference.repoId.toLowerCase());
  return { reference, files, choice: chooseFile(files, reference) };
}
