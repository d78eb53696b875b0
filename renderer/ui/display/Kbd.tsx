import { shortcutKeys } from '../shortcut.ts';
import './display.css';

/** The keys of a shortcut such as `Mod+K`, as this machine's keyboard shows them. */
export function Kbd({ shortcut }: { shortcut: string }) {
  return (
    <span className="kbd">
      {shortcutKeys(shortcut).map((key) => (
        <kbd key={key}>{key}</kbd>
      ))}
    </span>
  );
}
