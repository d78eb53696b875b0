/** The models that keys, names and programs can be about: those on this computer, then those of servers elsewhere. */
import type { LocalModel } from '../../../preload/contract/library.ts';
import type { ProviderEntry } from '../../../preload/contract/providers.ts';
import { distinctNames, sortLocal } from './local-list.ts';
import type { SelectOption } from '../../ui/controls/Select.tsx';
import { words } from '../../words/words.ts';

/** Options by the id of the model; the last used model first, the built-in one last of those that are here. */
export function modelChoices(
  models: readonly LocalModel[],
  providers: readonly ProviderEntry[],
): readonly SelectOption<string>[] {
  const usable = sortLocal(models.filter(({ kind, problem }) => kind === 'model' && problem === null));
  const names = distinctNames(usable);
  return [
    ...[
      ...usable.filter(({ origin }) => origin !== 'built_in'),
      ...usable.filter(({ origin }) => origin === 'built_in'),
    ].map(({ id, name }) => ({ value: id, label: names.get(id) ?? name, detail: id })),
    ...providers
      .filter(({ enabled }) => enabled)
      .flatMap(({ name: server, leavesComputer, models: elsewhere }) =>
        elsewhere.map(({ modelId, name }) => ({
          ...{ value: modelId, label: name, detail: words.elsewhere.group(server, leavesComputer) },
        })),
      ),
  ];
}
