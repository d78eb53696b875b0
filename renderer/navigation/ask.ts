/** One question before an act that cannot be undone. The frame shows it. */
import { useSyncExternalStore } from 'react';

export interface Question {
  readonly title: string;
  readonly text: string;
  /** The name of the act. */
  readonly confirm: string;
}

interface Asked extends Question {
  readonly answer: (yes: boolean) => void;
}

let asked: Asked | null = null;
const listeners = new Set<() => void>();
function set(next: Asked | null): void {
  asked = next;
  for (const listener of [...listeners]) listener();
}

/** Resolves with whether the user wants it. An earlier question is answered with no. */
export async function ask(question: Question): Promise<boolean> {
  asked?.answer(false);
  return await new Promise<boolean>((resolve) => {
    set({
      ...question,
      answer(yes) {
        set(null);
        resolve(yes);
      },
    });
  });
}

/** The open question; null without one. */
export function useQuestion(): Asked | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => asked,
  );
}
