import { useLocalModels, useProviders } from '../watched.ts';
import type { SelectOption } from '../../ui/controls/Select.tsx';
import { modelChoices } from './model-choices.ts';

/** The choices, live; undefined until the models of this computer are known. */
export function useModelChoices(): readonly SelectOption<string>[] | undefined {
  const models = useLocalModels().value?.models;
  const providers = useProviders().value?.providers;
  return models && modelChoices(models, providers ?? []);
}
