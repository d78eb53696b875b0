/** One question before an act that cannot be undone. The frame shows it. */
import { createLayerState } from './layer-state.ts';

export interface Question {
  readonly title: string;
  readonly text: string;
  /** The name of the act. */
  readonly confirm: string;
}

interface Asked extends Question {
  readonly answer: (yes: boolean) => void;
}

const asked = createLayerState<Asked | null>(null);

/** Resolves with whether the user wants it. An earlier question is answered with no. */
export async function ask(question: Question): Promise<boolean> {
  asked.get()?.answer(false);
  return await new Promise<boolean>((resolve) => {
    asked.set({
      ...question,
      answer(yes) {
        asked.set(null);
        resolve(yes);
      },
    });
  });
}

/** The open question; null without one. */
export function useQuestion(): Asked | null {
  return asked.useValue();
}
