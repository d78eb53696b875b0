import type { ChatTitles as ChatTitlesSetting, Settings } from '../../../preload/contract/settings.ts';
import { useCall } from '../../connection/live.ts';
import { ErrorCard } from '../../parts/ErrorCard.tsx';
import { SegmentedControl } from '../../ui/controls/SegmentedControl.tsx';
import { words } from '../../words/words.ts';

const { titles } = words.chatList;
const options: readonly { readonly value: ChatTitlesSetting; readonly label: string }[] = [
  { value: 'model', label: titles.model },
  { value: 'words', label: titles.words },
];

/** Who writes the titles of chats. */
export function ChatTitles({ settings }: { settings: Settings }): React.JSX.Element {
  const update = useCall('settings.update');
  return (
    <div className="stack">
      <h3>{titles.label}</h3>
      <SegmentedControl
        label={titles.label}
        value={settings.chatTitles}
        options={options}
        onChange={(chatTitles) => void update.run({ chatTitles })}
      />
      <p className="field-hint">{titles.hint}</p>
      {update.error ? <ErrorCard error={update.error} compact /> : null}
    </div>
  );
}
