/** The models that programs can name, with what lists tell of them. */
import type { LocalModel } from '../../../preload/contract/library.ts';
import type { RemoteAbilities } from '../../../preload/contract/providers.ts';
import { AppError, isAppError } from '../../../preload/wire/errors.ts';
import { isRemoteModelId } from '../../../preload/contract/remote-model-id.ts';
import type { Inference } from '../../inference/inference.ts';
import type { Library } from '../../library/library.ts';
import { mayUseModel, type Caller } from '../keys/keys.ts';
import type { GivenNames } from './given-names.ts';
import { createNames, type NameableModel, type NamedModel, type Names } from './names.ts';

export interface ApiModel extends NameableModel {
  /** For people. */
  readonly title: string;
  /** What the library knows of it; null for a model of a provider elsewhere. */
  readonly local: LocalModel | null;
  /** Tokens of one conversation, as the server of a model elsewhere tells them; null for models here, and where it does not. */
  readonly remoteContextSize: number | null;
  /** What that server tells of it; null for models here. */
  readonly remoteAbilities: RemoteAbilities | null;
}

/** A model, or a name that was given to one, as lists show it. */
export interface ListedModel extends NamedModel {
  readonly model: ApiModel;
  /** When it came or was changed, in milliseconds since the epoch. */
  readonly changedAt: number;
}

export interface ApiModels {
  all(): Promise<readonly ApiModel[]>;
  /** The names that a caller may use, models first. */
  list(caller: Caller | null): Promise<readonly ListedModel[]>;
  /**
   * The model of a name. @throws AppError `model.missing` with the nearest names, `invalid_input` for a name that means several models,
   * `unauthorized` with the reason `scope` for a model that the caller's key may not use.
   */
  find(name: string, caller: Caller | null): Promise<ListedModel>;
}

interface ApiModelsOptions {
  readonly library: Pick<Library, 'list'>;
  readonly inference: Pick<Inference, 'list' | 'find'>;
  /** Whether the present request came back by other Hearths: it is told the models of this computer alone. */
  readonly isRing?: () => boolean;
  readonly given: () => Pick<GivenNames, 'list'>;
  /** The model that ships with Hearth, and its short name. */
  readonly builtIn: { readonly modelId: string; readonly shortName: string };
}

/** The model among the names that a caller may use. One that may not be used is found too, and errors name no other such model. */
function findNamed(name: string, own: Names, all: Names): NamedModel {
  try {
    return own.find(name);
  } catch (error) {
    if (!isAppError(error, 'model.missing')) throw error;
    try {
      return all.find(name);
    } catch {
      throw error;
    }
  }
}

export function createApiModels({ library, inference, given, builtIn, isRing }: ApiModelsOptions): ApiModels {
  async function all(where?: 'here'): Promise<readonly ApiModel[]> {
    const place = isRing?.() === true ? 'here' : where;
    const [local, runnable] = await Promise.all([library.list(), inference.list(place)]);
    const known = new Map(local.map((model) => [model.id, model]));
    return runnable.map(({ modelId, name, contextSize, abilities }): ApiModel => {
      const model = known.get(modelId) ?? null;
      return {
        ...{ modelId, title: name, local: model, remoteContextSize: contextSize ?? null },
        remoteAbilities: abilities ?? null,
        repoId: model?.repoId ?? '',
        path: model?.fileName ?? modelId,
        quantization: model?.quantization ?? null,
        shortName: modelId === builtIn.modelId ? builtIn.shortName : null,
      };
    });
  }

  /** The model of a name among `models`. @throws as `find`. */
  function findAmong(models: readonly ApiModel[], name: string, caller: Caller | null): ListedModel {
    const stored = given().list();
    const namesOf = (isShown: (modelId: string) => boolean) =>
      createNames(
        models.filter(({ modelId }) => isShown(modelId)),
        stored.flatMap(({ definition }) => (isShown(definition.modelId) ? definition : [])),
      );
    const named = findNamed(
      name,
      namesOf((modelId) => mayUseModel(caller, modelId)),
      namesOf(() => true),
    );
    const model = models.find(({ modelId }) => modelId === named.modelId);
    if (!model)
      throw new AppError('model.missing', `"${name}" stands for ${named.modelId}, which is not here any more.`, {
        stands_for: named.modelId,
      });
    if (!mayUseModel(caller, model.modelId))
      throw new AppError('unauthorized', 'This key may not use that model.', { reason: 'scope', field: 'model' });
    const changedAt = stored.find(({ definition }) => definition === named.preset)?.changedAt;
    return { ...named, model, changedAt: changedAt ?? model.local?.addedAt ?? 0 };
  }

  return {
    all: () => all(),
    async list(caller) {
      const models = await all();
      const byId = new Map(models.map((model) => [model.modelId, model]));
      const own = createNames(models, []).listed.map(({ model, name }): ListedModel => ({
        ...{ name, modelId: model.modelId, preset: null, model },
        changedAt: model.local?.addedAt ?? 0,
      }));
      const names = given()
        .list()
        .flatMap(({ definition, changedAt }): ListedModel[] => {
          const model = byId.get(definition.modelId);
          return model
            ? [{ name: definition.name, modelId: definition.modelId, preset: definition, model, changedAt }]
            : [];
        });
      return [...own, ...names].filter(({ modelId }) => mayUseModel(caller, modelId));
    },
    async find(name, caller) {
      // Servers elsewhere may be slow to tell their models, and those of this computer do not wait for them.
      try {
        return findAmong(await all('here'), name, caller);
      } catch (error) {
        if (!isAppError(error, 'model.missing')) throw error;
      }
      try {
        return findAmong(await all(), name, caller);
      } catch (error) {
        if (!isAppError(error, 'model.missing')) throw error;
        // Where its server does not answer, the reason is that one, and not that there is no such model.
        const modelId = String(error.data?.['stands_for'] ?? name);
        if (isRemoteModelId(modelId) && isRing?.() !== true && mayUseModel(caller, modelId))
          await inference.find(modelId);
        throw error;
      }
    },
  };
}
