/** Ends a streamed text before the first of some stop texts, also where one is spread over several pieces. */
import { heldBack } from './held-back.ts';

export interface StopText {
  /** What may be shown by now; `stopped` is the stop text that was met, after which nothing more is shown. */
  push(text: string): { readonly text: string; readonly stopped: string | null };
  /** What was held back and turned out not to be a stop text. */
  end(): string;
}

/** Holds back no more than the longest end of the text that begins one of `stops`. Where two begin, the earlier counts. */
export function createStopText(stops: readonly string[]): StopText {
  let held = '';
  let stopped: string | null = null;
  return {
    push(piece) {
      if (stopped !== null) return { text: '', stopped };
      const text = held + piece;
      let at = -1;
      for (const stop of stops) {
        const index = text.indexOf(stop);
        if (index >= 0 && (at < 0 || index < at)) {
          at = index;
          stopped = stop;
        }
      }
      if (stopped !== null) {
        held = '';
        return { text: text.slice(0, at), stopped };
      }
      const hold = Math.max(0, ...stops.map((stop) => heldBack(text, stop)));
      held = text.slice(text.length - hold);
      return { text: text.slice(0, text.length - hold), stopped: null };
    },
    end() {
      const rest = held;
      held = '';
      return rest;
    },
  };
}
