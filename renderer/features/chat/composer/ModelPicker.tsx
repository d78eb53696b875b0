/** A menu of models for the chat: loaded ones first, then those on this computer, those elsewhere, and a link to the Hub. */
import { ChevronDown, Download, Power, Server, TriangleAlert } from 'lucide-react';
import { LoadSettingsIcon } from '../../../parts/icons.ts';
import type { LocalModel } from '../../../../preload/contract/library.ts';
import type { ProviderEntry } from '../../../../preload/contract/providers.ts';
import { openLoadSettings } from '../../../navigation/load-sheet.ts';
import { navigate } from '../../../navigation/router.ts';
import { useLive } from '../../../connection/live.ts';
import { Button } from '../../../ui/controls/Button.tsx';
import { Menu, type MenuItem } from '../../../ui/layers/Menu.tsx';
import { unloadModel } from '../../../parts/models/model-actions.ts';
import { loadedWords } from '../../../parts/models/loaded-words.ts';
import { useNow } from '../../../ui/use-now.ts';
import { distinctNames, modelDetail, nameElsewhere, remoteDetail, type ModelChoice } from './model-choice.ts';
import { words } from '../../../words/words.ts';

interface ModelPickerProps {
  readonly models: readonly LocalModel[];
  /** The servers elsewhere, of which those that are on are shown. */
  readonly servers: readonly ProviderEntry[];
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
  const chosenId = choice.state === 'ready' || choice.state === 'elsewhere' ? choice.model.id : null;
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
    ...props.servers.flatMap((server) => elsewhereItems(server, chosenId, onChoose)),
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

/** Of a gateway with more models the first are shown: a menu of hundreds cannot be read. */
const MOST_SHOWN = 60;

/** The models of a server that is on, under its name and the mark that what is written to them leaves this computer. */
function elsewhereItems(
  { name, enabled, leavesComputer, models, status }: ProviderEntry,
  chosenId: string | null,
  onChoose: (modelId: string) => void,
): readonly MenuItem[] {
  if (!enabled) return [];
  const able = models.filter(({ abilities }) => abilities.chat !== false);
  const shown = able.filter(({ modelId }, index) => index < MOST_SHOWN || modelId === chosenId);
  const note =
    status.state === 'failed'
      ? words.elsewhere.notReached
      : able.length === 0 && status.state === 'ready'
        ? words.elsewhere.noModels
        : shown.length < able.length
          ? words.elsewhere.moreModels(able.length - shown.length)
          : null;
  return [
    { heading: words.elsewhere.group(name, leavesComputer) },
    ...shown.map((model) => ({
      label: nameElsewhere(model.name),
      detail: remoteDetail(model),
      checked: model.modelId === chosenId,
      run: () => onChoose(model.modelId),
    })),
    ...(note === null
      ? []
      : [{ label: note, icon: Server, run: () => navigate({ screen: 'settings', section: 'elsewhere' }) }]),
    { separator: true },
  ];
}

function nameOf(choice: ModelChoice, names: ReadonlyMap<string, string>): string {
  switch (choice.state) {
    case 'unknown':
      return words.picker.choose;
    case 'ready':
      return names.get(choice.model.id) ?? choice.model.name;
    case 'elsewhere':
      return choice.model.name;
    case 'gone':
      return choice.isOff ? words.elsewhere.off(choice.name) : words.picker.missing(choice.name);
    default:
      return choice satisfies never;
  }
}
