/** Short notices at the foot of the window, from anywhere in the renderer. The Toaster shows them. */
import { words } from '../../words/words.ts';

export interface ToastAction {
  readonly label: string;
  readonly run: () => void;
}

export interface ToastInput {
  readonly text: string;
  readonly detail?: string;
  readonly tone?: 'neutral' | 'green' | 'red';
  readonly action?: ToastAction;
  /** How long it stays. By default 10 s where something can be undone, else 5 s. Hover and focus stop the clock. */
  readonly ms?: number;
  /** What it is of, such as a job. A later notice of the same takes its place. */
  readonly subject?: string;
}

export interface ToastEntry extends ToastInput {
  readonly id: number;
  readonly ms: number;
}

/** More would cover the screen; the oldest is removed. */
const MAX_TOASTS = 4;

let nextId = 1;
let entries: readonly ToastEntry[] = [];
const listeners = new Set<() => void>();

function set(next: readonly ToastEntry[]): void {
  entries = next;
  for (const listener of [...listeners]) listener();
}

/** Shows a notice. Returns the id for `dismissToast`. */
export function toast(input: ToastInput): number {
  const id = nextId++;
  dismissSubject(input.subject);
  set([...entries, { ...input, id, ms: input.ms ?? (input.action ? 10_000 : 5000) }].slice(-MAX_TOASTS));
  return id;
}

/** The newest act that can be undone, while its notice is shown. */
export function undoable(): (() => void) | null {
  const entry = entries.findLast(({ action }) => action?.label === words.ui.undo);
  if (!entry) return null;
  return () => {
    dismissToast(entry.id);
    entry.action?.run();
  };
}

/** Removes a notice early. */
export function dismissToast(id: number): void {
  if (entries.some((entry) => entry.id === id)) set(entries.filter((entry) => entry.id !== id));
}

/** Removes the notice of a subject, which is told elsewhere. */
export function dismissSubject(subject: string | undefined): void {
  if (subject !== undefined && entries.some((entry) => entry.subject === subject))
    set(entries.filter((entry) => entry.subject !== subject));
}

export const toasts = {
  get: () => entries,
  subscribe: (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  },
};
