/** What a program means by `model`: a model of this computer or of a provider, or a name that was given to one. Nothing is swapped. */
import { givenNameOf } from '../../../preload/contract/given-names.ts';
import type { ModelName } from '../../../preload/contract/server.ts';
import { filesInRepository, modelsWithId, type Nameable } from '../../../preload/contract/named-models.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import { nearestNames } from '../../base/nearest-names.ts';

/** A model that programs can name. */
export interface NameableModel extends Nameable {
  /** `OWNER/NAME`; empty for one that is in no repository. */
  readonly repoId: string;
  /** Its path in the repository, or its file's name. */
  readonly path: string;
  readonly quantization: string | null;
}

/** The model that a request names, by the name that it used. */
export interface NamedModel {
  readonly name: string;
  readonly modelId: string;
  /** What goes with the name; null for a model's own name. */
  readonly preset: ModelName | null;
}

/** The name under which a model is listed: the shortest one that means no other. */
function listedName(model: NameableModel, all: readonly NameableModel[]): string {
  if (model.shortName !== null) return model.shortName;
  const { repoId, quantization } = model;
  if (repoId !== '' && quantization !== null) {
    const name = `${repoId}:${quantization}`;
    if (all.filter((one) => one.repoId === repoId && one.quantization === quantization).length === 1) return name;
  }
  return model.modelId;
}

/** The names of the models and those that were given, to find one by. */
export function createNames<Model extends NameableModel>(models: readonly Model[], given: readonly ModelName[]) {
  const listed = models.map((model) => ({ model, name: listedName(model, models) }));

  function matches(name: string): readonly NameableModel[] {
    const byId = modelsWithId(models, name);
    if (byId.length > 0) return byId;
    const wanted = name.toLowerCase();
    const byFile = models.filter(({ path }) => path.toLowerCase() === wanted || stemOf(path).toLowerCase() === wanted);
    if (byFile.length > 0) return byFile;
    const found = filesInRepository(
      models.map((model) => ({ ...model, kind: 'model' })),
      name,
    );
    if (found === null) return [];
    const { choice, files } = found;
    switch (choice.kind) {
      case 'open':
        return files;
      case 'file':
        return [choice.file];
      case 'several':
        return choice.files;
      case 'none':
        return [];
      default:
        return choice satisfies never;
    }
  }

  // Ollama's programs write `:latest` behind a name that has no tag.
  function found(name: string): readonly NameableModel[] {
    const own = matches(name);
    return own.length > 0 ? own : matches(name.replace(/:latest$/i, ''));
  }

  return {
    listed,
    /** Whether a name means one or several models. */
    means: (name: string): boolean => found(name).length > 0,
    /** @throws AppError `model.missing` with the nearest names in `nearest`, `invalid_input` for a name that means several models. */
    find(name: string): NamedModel {
      const preset = givenNameOf(given, name);
      if (preset) return { name, modelId: preset.modelId, preset };
      const meant = found(name);
      const [only, ...others] = meant;
      if (only === undefined) throw missing(name, [...listed.map((one) => one.name), ...given.map((one) => one.name)]);
      if (others.length > 0) {
        const names = meant.map((model) => listedName(model, models)).join(', ');
        throw new AppError('invalid_input', `"${name}" means several models. Name one of them: ${names}.`, {
          field: 'model',
          names,
        });
      }
      return { name, modelId: only.modelId, preset: null };
    },
  };
}
export type Names = ReturnType<typeof createNames>;

const stemOf = (path: string): string => (path.split('/').at(-1) ?? '').replace(/\.gguf$/i, '');

function missing(name: string, names: readonly string[]): AppError {
  const near = nearest(name, names);
  const hint =
    near.length > 0 ? ` Did you mean ${near.join(' or ')}?` : ' GET /v1/models lists the models that are here.';
  return new AppError('model.missing', `There is no model "${name.slice(0, 200)}" here.${hint}`, {
    nearest: near.join(', '),
  });
}

/** At most so many names are suggested. */
const SUGGESTED = 3;

/** The names that are like a wrong one as a whole, in their last segment, or have it inside without its punctuation. */
function nearest(wrong: string, names: readonly string[]): readonly string[] {
  const wanted = plain(wrong);
  const inside =
    wanted.length < 3 ? [] : names.filter((name) => plain(name).includes(wanted) || wanted.includes(plain(name)));
  const ends = names.filter((name) => nearestNames(wrong, [name.split('/').at(-1) ?? ''], 1).length > 0);
  return [...new Set([...nearestNames(wrong, names, SUGGESTED), ...ends, ...inside])].slice(0, SUGGESTED);
}

const plain = (text: string): string => text.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
