/** What programs can send as `model`: the names that the user gave, then the models. */
import type { ModelName } from '../../../../preload/contract/server.ts';
import type { SelectOption } from '../../../ui/controls/Select.tsx';
import { words } from '../../../words/words.ts';

/** The options of a choice for programs. The built-in model has a short name, unless the user gave that to another one. */
export function modelOptions(
  choices: readonly SelectOption<string>[],
  names: readonly ModelName[],
  builtIn: { readonly modelId: string; readonly name: string },
): readonly SelectOption<string>[] {
  const { connect } = words.server;
  const isTaken = names.some(({ name }) => name === builtIn.name);
  return [
    ...names.map(({ name, modelId }) => ({ value: name, label: name, detail: connect.nameOf(modelId) })),
    ...choices.map((choice) =>
      choice.value === builtIn.modelId && !isTaken
        ? { ...choice, value: builtIn.name, detail: connect.builtIn }
        : choice,
    ),
  ];
}
