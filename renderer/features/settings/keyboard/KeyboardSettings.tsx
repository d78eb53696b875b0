/** The keys of every command: a click on one records another. */
import { RotateCcw, Search } from 'lucide-react';
import { useState } from 'react';
import type { ChosenKeys, Settings } from '../../../../preload/contract/settings.ts';
import { useCall } from '../../../connection/live.ts';
import { ErrorCard } from '../../../parts/ErrorCard.tsx';
import { Button } from '../../../ui/controls/Button.tsx';
import { TextField } from '../../../ui/controls/TextField.tsx';
import { toast } from '../../../ui/layers/toast.ts';
import { showShortcut } from '../../../ui/shortcut.ts';
import { words } from '../../../words/words.ts';
import { KeyRow } from './KeyRow.tsx';
import { matching, useChangeable } from './use-changeable.ts';

interface KeyboardSettingsProps {
  readonly settings: Settings;
  readonly isDesktop: boolean;
}

export function KeyboardSettings({ settings, isDesktop }: KeyboardSettingsProps) {
  const [search, setSearch] = useState('');
  const update = useCall('settings.update');
  const groups = useChangeable();
  const commands = groups.flatMap((group) => group.commands);
  const shown = matching(groups, search, showShortcut);
  const { chosenKeys } = settings;
  const resetAll = (): void => {
    const before: ChosenKeys = chosenKeys;
    void update.run({ chosenKeys: Object.fromEntries(Object.keys(before).map((id) => [id, null])) });
    toast({
      text: words.keyboard.resetDone,
      action: { label: words.ui.undo, run: () => void update.run({ chosenKeys: { ...before } }) },
    });
  };
  return (
    <div className="stack">
      <div className="settings-token">
        <TextField
          label={words.keyboard.search}
          labelHidden
          size="sm"
          icon={Search}
          placeholder={words.keyboard.search}
          value={search}
          onChange={setSearch}
        />
        <Button size="sm" icon={RotateCcw} disabled={Object.keys(chosenKeys).length === 0} onClick={resetAll}>
          {words.keyboard.resetAll}
        </Button>
      </div>
      {update.error ? <ErrorCard error={update.error} compact /> : null}
      <div className="card settings-keys" tabIndex={0} role="group" aria-label={words.settings.sections.keyboard.title}>
        {shown.length === 0 ? <p className="secondary">{words.keyboard.nothing}</p> : null}
        {shown.map(({ group, commands: list }) => (
          <section key={group} aria-label={group}>
            <h3 className="secondary">{group}</h3>
            <ul>
              {list.map((command) => (
                <KeyRow
                  key={command.id}
                  command={command}
                  isDesktop={isDesktop}
                  ownerOf={(key) =>
                    commands.find((one) => !one.isFixed && one.id !== command.id && one.keys.includes(key))?.title
                  }
                  onChange={(id, keys) => {
                    // A key has one command: where another one chose it, that one loses it.
                    const losers = Object.entries(chosenKeys).filter(
                      ([other, its]) => other !== id && its.some((key) => keys?.includes(key)),
                    );
                    const given = Object.fromEntries(
                      losers.map(([other, its]) => [other, its.filter((key) => keys?.includes(key) !== true)]),
                    );
                    void update.run({ chosenKeys: { ...given, [id]: keys === null ? null : [...keys] } });
                  }}
                />
              ))}
            </ul>
          </section>
        ))}
      </div>
    </div>
  );
}
