/** A menu of models for the chat: loaded ones first, then those on this computer, then a link to the Hub. */
import { ChevronDown, Download, Power, TriangleAlert } from 'lucide-react';
import { LoadSettingsIcon } from '../../../parts/icons.ts';
import type { LocalModel } from '../../../../preload/contract/library.ts';
import { openLoadSettings } from '../../../navigation/load-sheet.ts';
import { navigate } from '../../../navigation/router.ts';
import { useLive } from '../../../connection/live.ts';
import { Button } from '../../../ui/controls/Button.tsx';
import { Menu, type MenuItem } from '../../../ui/layers/Menu.tsx';
import { unloadModel } from '../../../parts/models/model-actions.ts';
import { loadedWords } from '../../../parts/models/loaded-words.ts';
import { useNow } from '../../../ui/use-now.ts';
import { distinctNames, modelDetail, type ModelChoice } from './model-choice.ts';
import { words } from '../../../words/words.ts';

interface ModelPickerProps {
  readonly models: readonly LocalModel[];
  readonly choice: ModelChoice;
  readonly onChoose: (modelId: string) => void;
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}

export function ModelPicker(props: ModelPickerProps): React.JSX.Element {
  const { choice, onChoose, open, onOpenChange } = props;
  const models = props.models.filter(({ kind }) => kind === 'model');
  const engine = useLive('engine.watch', {});
  const now = useNow();
  const loaded = new Map(
    (engine.value?.loaded ?? []).filter((model) => model.status !== 'failed').map((model) => [model.modelId, model]),
  );
  const chosenId = choice.state === 'ready' ? choice.model.id : null;
  const names = distinctNames(models);
  const nameOfModel = (model: LocalModel): string => names.get(model.id) ?? model.name;
  const itemOf = (model: LocalModel): MenuItem => {
    const inMemory = loaded.get(model.id);
    return {
      label: nameOfModel(model),
      detail: inMemory ? loadedWords(inMemory, now) : modelDetail(model),
      checked: model.id === chosenId,
      disabled: model.problem !== null,
      run: () => onChoose(model.id),
    };
  };
  const group = (heading: string, items: readonly MenuItem[]): readonly MenuItem[] =>
    items.length === 0 ? [] : [{ heading }, ...items, { separator: true }];

  const loadedModels = models.filter((model) => loaded.has(model.id));
  const items: readonly MenuItem[] = [
    ...group(words.picker.loaded, loadedModels.map(itemOf)),
    ...group(words.picker.local, models.filter((model) => !loaded.has(model.id)).map(itemOf)),
    ...(choice.state === 'ready'
      ? [
          {
            label: words.models.loadSettingsFor(nameOfModel(choice.model)),
            icon: LoadSettingsIcon,
            run: () => openLoadSettings(choice.model.id),
          },
        ]
      : []),
    ...loadedModels.map((model) => ({
      label: words.models.unload(nameOfModel(model)),
      icon: Power,
      run: () => void unloadModel(model.id),
    })),
    {
      label: words.picker.more,
      icon: Download,
      run: () => navigate({ screen: 'models', tab: 'discover', repoId: null }),
    },
  ];

  const name = nameOf(choice, names);
  return (
    <Menu
      label={words.picker.label}
      items={items}
      open={open}
      onOpenChange={onOpenChange}
      trigger={
        <Button
          variant="ghost"
          className="chat-model"
          iconEnd={ChevronDown}
          aria-label={words.picker.named(name)}
          {...(choice.state === 'gone' ? { icon: TriangleAlert } : {})}
        >
          {name}
        </Button>
      }
    />
  );
}

function nameOf(choice: ModelChoice, names: ReadonlyMap<string, string>): string {
  switch (choice.state) {
    case 'unknown':
      return words.picker.choose;
    case 'ready':
      return names.get(choice.model.id) ?? choice.model.name;
    case 'gone':
      return words.picker.missing(choice.name);
    default:
      return choice satisfies never;
  }
}
