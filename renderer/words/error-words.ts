/** The words for an error from main, by code and facts. Main's own sentence is only in the details. */
import type { ErrorBody } from '../../preload/wire/errors.ts';
import type { ErrorText } from './en/error-facts.ts';
import { formatBytes, formatDuration, formatInteger } from './format.ts';
import { words } from './words.ts';

export interface ShownError {
  readonly title: string;
  readonly text: string;
  /** Facts for the details: main's sentence, the numbers, the code. */
  readonly details: readonly { readonly name: string; readonly value: string }[];
}

/** Whether the error is caused by HEARTH_OFFLINE or HF_HUB_OFFLINE. */
export function isOfflineByChoice(error: ErrorBody): boolean {
  return error.code === 'hub.offline' && error.data?.['cause'] === 'offline_mode';
}

/** The words for an error. A reason without words of its own gets those of the code. */
export function wordsFor(error: ErrorBody): ShownError {
  const { errors } = words;
  const facts = error.data ?? {};
  const entry = isOfflineByChoice(error) ? errors.offlineByChoice : errors.byCode[error.code];
  const reason = facts['reason'];
  const ofReason =
    typeof reason === 'string' && entry.reasons !== undefined && Object.hasOwn(entry.reasons, reason)
      ? entry.reasons[reason]
      : undefined;
  const say = (text: ErrorText): string => (typeof text === 'string' ? text : text(facts));
  const { title, text: sentence } =
    typeof ofReason === 'object' ? ofReason : { title: entry.title, text: ofReason ?? entry.text };
  const text = say(sentence);
  const details = Object.entries(facts).flatMap(([name, value]) =>
    value === null ||
    value === '' ||
    (name === 'reason' && ofReason !== undefined) ||
    // Main's sentence again, or the one that is shown.
    (name === 'detail' && (value === error.message || value === text))
      ? []
      : [{ name: nameOfFact(name), value: figure(name, value) }],
  );
  if (error.message !== '' && error.message !== text) {
    details.unshift({ name: errors.whatHappened, value: error.message });
  }
  details.push({ name: errors.code, value: error.code });
  return { title, text, details };
}

/** `freeBytes` -> `Free`, `elapsedMs` -> `Elapsed`, `repoId` -> `Repository`. */
function nameOfFact(name: string): string {
  const known = words.errors.facts[name];
  if (known !== undefined) return known;
  const split = name
    .replace(/(Bytes|Ms)$/, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase();
  return split.charAt(0).toUpperCase() + split.slice(1);
}

function figure(name: string, value: string | number | boolean): string {
  if (typeof value === 'boolean') return value ? words.errors.yes : words.errors.no;
  if (typeof value === 'string') return value;
  if (name.endsWith('Bytes')) return formatBytes(value);
  if (name.endsWith('Ms')) return formatDuration(value);
  return Number.isInteger(value) ? formatInteger(value) : String(value);
}
