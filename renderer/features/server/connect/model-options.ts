/** The models that a program may name: the names that the user gave, then what is on this computer. */
import type { LocalModel } from '../../../../preload/contract/library.ts';
import type { ModelName } from '../../../../preload/contract/server.ts';
import { distinctNames, sortLocal } from '../../../parts/models/local-list.ts';
import type { SelectOption } from '../../../ui/controls/Select.tsx';
import { words } from '../../../words/words.ts';

/** The name by which programs call the built-in model. */
const BUILT_IN = 'ember';

/** By what programs send as `model`. The model that was used last comes before the built-in one. */
export function modelOptions(
  models: readonly LocalModel[],
  names: readonly ModelName[],
): readonly SelectOption<string>[] {
  const usable = sortLocal(models.filter(({ kind, problem }) => kind === 'model' && problem === null));
  const own = usable.filter(({ origin }) => origin !== 'built_in');
  const builtIn = usable.find(({ origin }) => origin === 'built_in');
  const shown = distinctNames(usable);
  return [
    ...names.map(({ name, modelId }) => ({ value: name, label: name, detail: words.server.connect.nameOf(modelId) })),
    ...own.map(({ id, name }) => ({ value: id, label: shown.get(id) ?? name, detail: id })),
    ...(builtIn && !names.some(({ name }) => name === BUILT_IN)
      ? [{ value: BUILT_IN, label: builtIn.name, detail: words.server.connect.ember }]
      : []),
  ];
}
