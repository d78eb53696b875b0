import { RotateCcw, X } from 'lucide-react';
import { useState, type KeyboardEvent } from 'react';
import { isDesktopKey, keyProblem, type KeyProblem } from '../../../navigation/key-problems.ts';
import { Button } from '../../../ui/controls/Button.tsx';
import { IconButton } from '../../../ui/controls/IconButton.tsx';
import { Kbd } from '../../../ui/display/Kbd.tsx';
import { shortcutOf, showShortcut } from '../../../ui/shortcut.ts';
import { words } from '../../../words/words.ts';
import type { ChangeableKeys } from './use-changeable.ts';
import './keyboard.css';

interface KeyRowProps {
  readonly command: ChangeableKeys;
  readonly isDesktop: boolean;
  /** The title of another command that has the key now. */
  readonly ownerOf: (key: string) => string | undefined;
  /** Null gives the command its own keys back. */
  readonly onChange: (id: string, keys: readonly string[] | null) => void;
}

/** What the last recorded key led to, where it is not simply used. */
type Outcome =
  | { readonly kind: 'refused'; readonly problem: KeyProblem }
  | { readonly kind: 'taken'; readonly key: string; readonly by: string };

/** A command with its keys: a click records another one. */
export function KeyRow({ command, isDesktop, ownerOf, onChange }: KeyRowProps) {
  const { id, title, keys, isFixed, isChosen } = command;
  const [recording, setRecording] = useState(false);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const change = (next: readonly string[] | null): void => {
    setOutcome(null);
    onChange(id, next);
  };
  const record = (key: string): void => {
    setRecording(false);
    const problem = keyProblem(key, isDesktop);
    const by = ownerOf(key);
    if (problem !== null) setOutcome({ kind: 'refused', problem });
    else if (by !== undefined) setOutcome({ kind: 'taken', key, by });
    else change([key]);
  };
  return (
    <li className="settings-key">
      <span className="settings-key-title">{title}</span>
      {isFixed ? (
        <span className="settings-key-keys">
          {keys.map((key) => (
            <Kbd key={key} shortcut={key} />
          ))}
          <span className="secondary">{words.keyboard.fixed}</span>
        </span>
      ) : (
        <span className="settings-key-keys">
          <KeyButton
            command={command}
            recording={recording}
            onRecording={(on) => {
              setOutcome(null);
              setRecording(on);
            }}
            onKey={record}
          />
          {keys.length > 0 ? (
            <IconButton
              size="sm"
              icon={X}
              label={words.keyboard.remove(title, keys.map((key) => showShortcut(key)).join(', '))}
              onClick={() => change([])}
            />
          ) : null}
          {isChosen ? (
            <IconButton size="sm" icon={RotateCcw} label={words.keyboard.reset(title)} onClick={() => change(null)} />
          ) : null}
        </span>
      )}
      <Note outcome={outcome} keys={keys} isDesktop={isDesktop} onUse={(key) => change([key])} />
    </li>
  );
}

/** While it records, it keeps the focus, so that no command and no other control gets the key. */
function KeyButton({
  command: { title, keys, isChosen },
  recording,
  onRecording,
  onKey,
}: {
  command: ChangeableKeys;
  recording: boolean;
  onRecording: (on: boolean) => void;
  onKey: (key: string) => void;
}) {
  const take = (event: KeyboardEvent): void => {
    event.preventDefault();
    event.stopPropagation();
    if (event.key === 'Escape') return onRecording(false);
    const key = event.repeat ? null : shortcutOf(event);
    if (key !== null) onKey(key);
  };
  const said = recording ? [words.keyboard.recording] : keys.map((key) => showShortcut(key));
  return (
    <button
      type="button"
      className="settings-key-button"
      data-chosen={isChosen || undefined}
      data-recording={recording || undefined}
      onClick={() => onRecording(!recording)}
      {...(recording ? { onKeyDown: take, onBlur: () => onRecording(false) } : {})}
    >
      <span className="visually-hidden">{[words.keyboard.record(title), ...said].join(': ')}</span>
      <span aria-hidden="true" className="settings-key-button-keys">
        {recording ? words.keyboard.recording : null}
        {!recording && keys.length === 0 ? <span className="secondary">{words.keyboard.noKey}</span> : null}
        {recording ? null : keys.map((key) => <Kbd key={key} shortcut={key} />)}
      </span>
    </button>
  );
}

function Note({
  outcome,
  keys,
  isDesktop,
  onUse,
}: {
  outcome: Outcome | null;
  keys: readonly string[];
  isDesktop: boolean;
  onUse: (key: string) => void;
}) {
  if (outcome === null) {
    // Chosen in the desktop app, or on another system.
    if (isDesktop || !keys.some(isDesktopKey)) return null;
    return <p className="settings-key-note secondary">{words.keyboard.desktopOnly}</p>;
  }
  switch (outcome.kind) {
    case 'refused':
      return (
        <p className="settings-key-note" role="alert">
          {words.keyboard.problems[outcome.problem]}
        </p>
      );
    case 'taken':
      return (
        <p className="settings-key-note row" role="alert">
          {words.keyboard.taken(showShortcut(outcome.key), outcome.by)}
          <Button size="sm" onClick={() => onUse(outcome.key)}>
            {words.keyboard.useHere}
          </Button>
        </p>
      );
    default:
      return outcome satisfies never;
  }
}
