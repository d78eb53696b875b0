/** Ends a streamed text before the first of some stop texts, which may be spread over several pieces. */
import { heldBack } from '../../../chat-format/reply/held-back.ts';

export interface StopText {
  /** Returns the text that may be shown by now. `stopped` is the stop text that was met: from it on nothing is shown. */
  push(text: string): { readonly text: string; readonly stopped: string | null };
  /** Returns the text that was held back and is no stop text. */
  end(): string;
  /** Letters at the end of the text so far that are not shown: held back, or from the stop text on. */
  readonly hiddenChars: number;
}

/** Holds back only the longest suffix that may begin one of `stops`. Of two stop texts the earlier one ends the text. */
export function createStopText(stops: readonly string[]): StopText {
  let held = '';
  let stopped: string | null = null;
  let cutChars = 0;
  return {
    push(piece) {
      if (stopped !== null) {
        cutChars += piece.length;
        return { text: '', stopped };
      }
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
        cutChars = text.length - at;
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
    get hiddenChars() {
      return held.length + cutChars;
    },
  };
}
