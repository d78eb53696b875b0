import { CircleAlert, CircleCheck, X } from 'lucide-react';
import { useEffect, useLayoutEffect, useRef, useState, useSyncExternalStore } from 'react';
import { Button } from '../controls/Button.tsx';
import { IconButton } from '../controls/IconButton.tsx';
import { dismissToast, toasts, type ToastEntry } from './toast.ts';
import { words } from '../../words/words.ts';
import './layers.css';

/** Shows the notices of `toast`. One per window. */
export function Toaster() {
  const entries = useSyncExternalStore(toasts.subscribe, toasts.get);
  const [held, setHeld] = useState(false);
  const list = useRef<HTMLOListElement>(null);
  useLayoutEffect(() => {
    const height = entries.length === 0 ? 0 : (list.current?.offsetHeight ?? 0);
    // The screens keep this much free.
    document.documentElement.style.setProperty('--notices', `${height}px`);
  }, [entries]);
  return (
    <section
      className="toaster"
      aria-label={words.ui.notices}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      {/* With `aria-live` written out it stays audible over a modal layer, which hides all else from screen readers. */}
      <div role="status" aria-live="polite" aria-atomic="false" aria-relevant="additions text">
        <ol ref={list}>
          {entries.map((entry) => (
            <ToastCard key={entry.id} entry={entry} held={held} />
          ))}
        </ol>
      </div>
    </section>
  );
}

function ToastCard({ entry, held }: { entry: ToastEntry; held: boolean }) {
  const { id, ms, text, detail, tone = 'neutral', action } = entry;
  const left = useRef(ms);
  useEffect(() => {
    if (held) return;
    const since = performance.now();
    const timer = setTimeout(() => dismissToast(id), left.current);
    return () => {
      clearTimeout(timer);
      // At least two seconds remain after hover, so that it does not vanish as the pointer leaves.
      left.current = Math.max(2000, left.current - (performance.now() - since));
    };
  }, [held, id]);
  return (
    <li className={`layer toast toast-${tone}`}>
      {tone === 'green' ? <CircleCheck size={16} className="toast-sign" aria-hidden="true" /> : null}
      {tone === 'red' ? <CircleAlert size={16} className="toast-sign" aria-hidden="true" /> : null}
      <div className="toast-words">
        <span>{text}</span>
        {detail ? <span className="secondary">{detail}</span> : null}
      </div>
      {action ? (
        <Button
          size="sm"
          variant="ghost"
          className="toast-action"
          onClick={() => {
            dismissToast(id);
            action.run();
          }}
        >
          {action.label}
        </Button>
      ) : null}
      <IconButton label={words.ui.dismiss} icon={X} size="sm" side="top" onClick={() => dismissToast(id)} />
      {action ? (
        <span
          className="toast-clock"
          style={{ animationDuration: `${ms}ms`, animationPlayState: held ? 'paused' : 'running' }}
        />
      ) : null}
    </li>
  );
}
