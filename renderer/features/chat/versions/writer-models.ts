/** The models that can write a reply, for menus and fields. */
import type { LocalModel } from '../../../../preload/contract/library.ts';
import type { ProviderEntry } from '../../../../preload/contract/providers.ts';
import { canChat, distinctNames, modelDetail, nameElsewhere, remoteDetail } from '../composer/model-choice.ts';

export interface WriterModel {
  readonly id: string;
  readonly name: string;
  readonly detail: string;
}

/** The models here that can chat, loaded ones first; then those of servers elsewhere that are on. */
export function writerModels(
  models: readonly LocalModel[],
  servers: readonly ProviderEntry[],
  isLoaded: (modelId: string) => boolean,
): readonly WriterModel[] {
  const usable = models.filter(canChat);
  const names = distinctNames(usable);
  const here = [...usable.filter(({ id }) => isLoaded(id)), ...usable.filter(({ id }) => !isLoaded(id))];
  return [
    ...here.map((model) => ({ id: model.id, name: names.get(model.id) ?? model.name, detail: modelDetail(model) })),
    ...servers
      .filter(({ enabled }) => enabled)
      .flatMap((server) =>
        server.models
          .filter(({ abilities }) => abilities.chat !== false)
          .map((model) => ({
            id: model.modelId,
            name: `${nameElsewhere(model.name)} · ${server.name}`,
            detail: remoteDetail(model),
          })),
      ),
  ];
}
