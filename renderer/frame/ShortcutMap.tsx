import { Dialog } from '../ui/layers/Dialog.tsx';
import { Kbd } from '../ui/display/Kbd.tsx';
import { keyGroups } from '../navigation/keymap.ts';
import { words } from '../words/words.ts';
import './palette.css';

/** Every key of the window, of all screens, by group. */
export function ShortcutMap({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={words.palette.shortcuts} size="lg">
      <div className="shortcut-map">
        {keyGroups().map(({ group, keys }) => (
          <div key={group} role="group" aria-label={group}>
            <h3 className="secondary">{group}</h3>
            <dl>
              {keys.map(({ id, title, shortcut, also = [] }) => (
                <div key={id}>
                  <dt>{title}</dt>
                  <dd>
                    {[shortcut ?? '', ...also].map((one) => (
                      <Kbd key={one} shortcut={one} />
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
