import { Command as Cmdk } from 'cmdk';
import { Search } from 'lucide-react';
import { Dialog } from 'radix-ui';
import { useRef, useState } from 'react';
import { useLayerFocus } from '../ui/focus.ts';
import { Kbd } from '../ui/display/Kbd.tsx';
import { matchesShortcut } from '../ui/shortcut.ts';
import { matchScore, useCommands, type Command } from '../navigation/commands.ts';
import { useKeyOf } from '../navigation/keymap.ts';
import { paletteGroups } from './palette-groups.ts';
import { usePaletteEntries } from './palette-places.tsx';
import { words } from '../words/words.ts';
import './palette.css';

/** A searchable list of all commands with their shortcuts. */
export function CommandPalette({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const shown = useCommands().filter(({ hidden, id }) => !hidden && id !== 'frame.palette');
  const [search, setSearch] = useState('');
  const entries = usePaletteEntries(open, search);
  const chosen = useRef<Pick<Command, 'run'>>(null);
  const ownKey = useKeyOf('frame.palette');
  const focus = useLayerFocus();
  // Runs after the dialog has returned the focus, so that a command can move the focus itself.
  const runChosen = (): void => {
    const command = chosen.current;
    chosen.current = null;
    if (command) setTimeout(command.run, 0);
  };
  const choose = (command: Pick<Command, 'run'>): void => {
    chosen.current = command;
    setSearch('');
    onOpenChange(false);
  };
  const list: readonly Command[] = [...entries, ...shown];
  return (
    <Dialog.Root
      open={open}
      onOpenChange={(next) => {
        setSearch('');
        onOpenChange(next);
      }}
    >
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content
          className="layer palette"
          aria-describedby={undefined}
          onOpenAutoFocus={focus.onOpenAutoFocus}
          onCloseAutoFocus={(event) => {
            focus.onCloseAutoFocus(event);
            runChosen();
          }}
          onKeyDown={(event) => {
            if (ownKey === undefined || !matchesShortcut(ownKey, event)) return;
            event.preventDefault();
            onOpenChange(false);
          }}
        >
          <Dialog.Title className="visually-hidden">{words.palette.title}</Dialog.Title>
          <Cmdk label={words.palette.commands} loop filter={(_id, search, texts) => matchScore(search, texts ?? [])}>
            <div className="palette-search">
              <Search size={16} aria-hidden="true" />
              <Cmdk.Input placeholder={words.palette.placeholder} value={search} onValueChange={setSearch} />
            </div>
            <Cmdk.List className="palette-list" label={words.palette.commands}>
              <Cmdk.Empty className="palette-empty">{words.palette.nothing}</Cmdk.Empty>
              {paletteGroups(list).map(({ group, commands }) => (
                <Cmdk.Group key={group} heading={group}>
                  {commands.map((command) => (
                    <Cmdk.Item
                      key={command.id}
                      value={command.id}
                      keywords={[command.title, group, ...(command.keywords ?? [])]}
                      disabled={command.enabled === false}
                      onSelect={() => choose(command)}
                    >
                      {command.icon ? (
                        <command.icon size={15} aria-hidden="true" />
                      ) : (
                        <span className="palette-no-icon" />
                      )}
                      <span className="truncate">{command.title}</span>
                      {command.shortcut ? <Kbd shortcut={command.shortcut} /> : null}
                    </Cmdk.Item>
                  ))}
                </Cmdk.Group>
              ))}
            </Cmdk.List>
          </Cmdk>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
