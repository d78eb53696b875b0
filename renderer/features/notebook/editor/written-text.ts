/** The text that a model writes into the document: where it stands, and that undo takes one generation at a time. */
import { history, isolateHistory } from '@codemirror/commands';
import { Annotation, StateEffect, StateField, Transaction, type EditorState, type Extension } from '@codemirror/state';
import type { EditorView } from '@codemirror/view';
import type { PlacedToken } from '../../../../preload/contract/notebook.ts';
import { addTokens } from './token-marks.ts';

/** The last generated text, or the one that is being written. */
export interface WrittenText {
  readonly from: number;
  readonly to: number;
  /** The text between the prompt and what stands behind was filled in. */
  readonly fills: boolean;
  /** Nothing of it is in the history yet: the first text begins a step of undo. */
  readonly opens: boolean;
}

const setWritten = StateEffect.define<WrittenText | null>();
/** A change that a model made. */
export const byModel = Annotation.define<true>();
/** A change that another window made. */
export const byOtherWindow = Annotation.define<true>();

const written = StateField.define<WrittenText | null>({
  create: () => null,
  update(value, transaction) {
    let next = value;
    if (next && transaction.docChanged) {
      const from = transaction.changes.mapPos(next.from, 1);
      next = { ...next, from, to: Math.max(from, transaction.changes.mapPos(next.to, -1)) };
    }
    for (const effect of transaction.effects) if (effect.is(setWritten)) next = effect.value;
    return next;
  },
});

/** Undo of typing as usual, with what a model wrote as one step of its own. */
const steps = history({
  newGroupDelay: 500,
  joinToEvent: (transaction, isAdjacent) => isAdjacent && !transaction.annotation(byModel),
});

export const writtenText: Extension = [written, steps];

export const writtenIn = (state: EditorState): WrittenText | null => state.field(written);

/** Begins a generation in place of the characters from `from` to `to`, where `kept` stays before it. A step of undo begins here. */
export function beginWriting(
  view: EditorView,
  place: { from: number; to: number; kept?: string; fills: boolean },
): void {
  const { from, to, kept = '', fills } = place;
  const at = from + kept.length;
  const replaces = to > from || kept !== '';
  view.dispatch({
    ...(replaces ? { changes: { from, to, insert: kept } } : {}),
    selection: { anchor: at },
    effects: setWritten.of({ from: at, to: at, fills, opens: !replaces }),
    annotations: [byModel.of(true), isolateHistory.of('before')],
    scrollIntoView: true,
  });
}

/** Adds to the text that is being written. `follow`: the cursor stays at its end, in view. */
export function write(
  view: EditorView,
  text: string,
  tokens: readonly PlacedToken[],
  { follow }: { follow: boolean },
): void {
  const place = writtenIn(view.state);
  if (!place) return;
  const to = place.to + text.length;
  view.dispatch({
    changes: { from: place.to, insert: text },
    effects: [
      setWritten.of({ ...place, to, opens: place.opens && text === '' }),
      ...(tokens.length > 0 ? [addTokens.of({ kind: 'generated', tokens, offset: place.from })] : []),
    ],
    ...(follow ? { selection: { anchor: to }, scrollIntoView: true } : {}),
    annotations: [
      byModel.of(true),
      // CodeMirror joins changes of this kind to the step before them, however late they come.
      place.opens ? isolateHistory.of('before') : Transaction.userEvent.of('input.type.compose'),
    ],
  });
}

/** The next change begins another step of undo. */
export function endWriting(view: EditorView): void {
  view.dispatch({ annotations: isolateHistory.of('after') });
}
