import { Dialog } from '../ui/layers/Dialog.tsx';
import { Kbd } from '../ui/display/Kbd.tsx';
import { groupCommands } from './CommandPalette.tsx';
import { useCommands } from '../navigation/commands.ts';
import { words } from '../words/words.ts';
import './palette.css';

/** The shortcuts of the open screen and of the window, by group. */
export function ShortcutMap({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const withShortcut = useCommands().filter(({ shortcut, hidden }) => shortcut !== undefined && !hidden);
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={words.palette.shortcuts}>
      <div className="shortcut-map">
        {groupCommands(withShortcut).map(({ group, commands }) => (
          <section key={group} aria-label={group}>
            <h3 className="secondary">{group}</h3>
            <dl>
              {commands.map(({ id, title, shortcut }) => (
                <div key={id}>
                  <dt>{title}</dt>
                  <dd>{shortcut ? <Kbd shortcut={shortcut} /> : null}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
