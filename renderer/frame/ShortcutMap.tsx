import { Dialog } from '../ui/layers/Dialog.tsx';
import { Kbd } from '../ui/display/Kbd.tsx';
import { useKeyGroups } from '../navigation/keymap.ts';
import { href } from '../navigation/router.ts';
import { words } from '../words/words.ts';
import './palette.css';

/** Every key of the window, of all screens, by group. */
export function ShortcutMap({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const groups = useKeyGroups();
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={words.palette.shortcuts} size="lg">
      <p className="shortcut-change">
        <a href={href({ screen: 'settings', section: 'keyboard' })} onClick={() => onOpenChange(false)}>
          {words.keyboard.change}
        </a>
      </p>
      <div className="shortcut-map">
        {groups.map(({ group, rows }) => (
          <div key={group} role="group" aria-label={group}>
            <h3 className="secondary">{group}</h3>
            <dl>
              {rows
                .filter(({ keys }) => keys.length > 0)
                .map(({ id, title, keys }) => (
                  <div key={id}>
                    <dt>{title}</dt>
                    <dd>
                      {keys.map((key) => (
                        <Kbd key={key} shortcut={key} />
                      ))}
                    </dd>
                  </div>
                ))}
            </dl>
          </div>
        ))}
      </div>
    </Dialog>
  );
}
