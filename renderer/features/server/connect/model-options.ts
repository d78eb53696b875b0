/** What programs can send as `model`: the names that the user gave, then the models. */
import type { ModelName } from '../../../../preload/contract/server.ts';
import type { SelectOption } from '../../../ui/controls/Select.tsx';
import { words } from '../../../words/words.ts';

/** The name by which programs call the built-in model. */
const BUILT_IN = 'ember';

/** The options of a choice for programs. The built-in model has a short name, unless the user gave that to another one. */
export function modelOptions(
  choices: readonly SelectOption<string>[],
  names: readonly ModelName[],
  builtInModelId: string | null,
): readonly SelectOption<string>[] {
  const { connect } = words.server;
  const isTaken = names.some(({ name }) => name === BUILT_IN);
  return [
    ...names.map(({ name, modelId }) => ({ value: name, label: name, detail: connect.nameOf(modelId) })),
    ...choices.map((choice) =>
      choice.value === builtInModelId && !isTaken ? { ...choice, value: BUILT_IN, detail: connect.ember } : choice,
    ),
  ];
}
