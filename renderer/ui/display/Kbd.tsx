import { shortcutKeys } from '../shortcut.ts';
import './display.css';

/** The keys of a shortcut such as `Mod+K`, as they are printed on this machine's keyboard. */
export function Kbd({ shortcut }: { shortcut: string }) {
  return (
    <span className="kbd">
      {shortcutKeys(shortcut).map((key) => (
        <kbd key={key}>{key}</kbd>
      ))}
    </span>
  );
}
