import { redo, undo } from '@codemirror/commands';
import { EditorState, type TransactionSpec } from '@codemirror/state';
import type { EditorView } from '@codemirror/view';
import { describe, expect, it } from 'vitest';
import type { PlacedToken } from '../../../../preload/contract/notebook.ts';
import { addTokens, clearTokens, endOfGenerated, tokenAt, tokenMarks, tokensBetween } from './token-marks.ts';
import { beginWriting, endWriting, write, writtenIn, writtenText } from './written-text.ts';

/** What of a view these functions use. */
function startView(doc: string): EditorView {
  const view = {
    state: EditorState.create({ doc, extensions: [tokenMarks, writtenText] }),
    dispatch(spec: TransactionSpec) {
      view.state = view.state.update(spec).state;
    },
  };
  return view as unknown as EditorView;
}
const textIn = (view: EditorView): string => view.state.doc.toString();
const undoIn = (view: EditorView): boolean =>
  undo({ state: view.state, dispatch: (transaction) => view.dispatch(transaction as TransactionSpec) });
const redoIn = (view: EditorView): boolean =>
  redo({ state: view.state, dispatch: (transaction) => view.dispatch(transaction as TransactionSpec) });
const type = (view: EditorView, text: string, at = view.state.doc.length): void =>
  view.dispatch({
    changes: { from: at, insert: text },
    selection: { anchor: at + text.length },
    userEvent: 'input.type',
  });
const token = (from: number, to: number): PlacedToken => ({
  id: 1,
  text: '',
  logprob: -0.1,
  alternatives: [],
  from,
  to,
});
const marked = (view: EditorView): string[] =>
  tokensBetween(view.state, 'generated', 0, view.state.doc.length).map(({ from, to }) => view.state.sliceDoc(from, to));

function generate(
  view: EditorView,
  pieces: readonly string[],
  place: { from: number; to: number; kept?: string },
): void {
  beginWriting(view, { ...place, fills: false });
  let at = 0;
  for (const piece of pieces) {
    write(view, piece, [token(at, at + piece.length)], { follow: true });
    at += piece.length;
  }
  endWriting(view);
}

describe('undo', () => {
  it('takes one generation at a time, however many pieces it came in, and typing as usual', () => {
    const view = startView('Once');
    type(view, ' upon');
    generate(view, [' a', ' time', ','], { from: 9, to: 9 });
    generate(view, [' there', ' was'], { from: 17, to: 17 });
    type(view, ' not');
    expect(textIn(view)).toBe('Once upon a time, there was not');
    const seen: string[] = [];
    while (undoIn(view)) seen.push(textIn(view));
    expect(seen).toEqual(['Once upon a time, there was', 'Once upon a time,', 'Once upon', 'Once']);
    expect(marked(view)).toEqual([]);
    while (redoIn(view));
    expect(textIn(view)).toBe('Once upon a time, there was not');
    // The tokens are back with their text.
    expect(marked(view)).toEqual([' a', ' time', ',', ' there', ' was']);
  });

  it('brings back the text that another try has replaced, with its tokens', () => {
    const view = startView('Once');
    generate(view, [' upon', ' a'], { from: 4, to: 4 });
    generate(view, [' more', ' time'], { from: 4, to: 11 });
    expect(textIn(view)).toBe('Once more time');
    undoIn(view);
    expect(textIn(view)).toBe('Once upon a');
    expect(marked(view)).toEqual([' upon', ' a']);
    redoIn(view);
    expect(marked(view)).toEqual([' more', ' time']);
  });
});

describe('generated tokens', () => {
  it('are none any more when their text is edited, and move with what is written before them', () => {
    const view = startView('');
    generate(view, ['one', ' two', ' three'], { from: 0, to: 0 });
    type(view, 'X', 5);
    expect(marked(view)).toEqual(['one', ' three']);
    type(view, 'zero ', 0);
    expect(textIn(view)).toBe('zero one tXwo three');
    expect(marked(view)).toEqual(['one', ' three']);
    view.dispatch({ effects: clearTokens.of('generated') });
    expect(marked(view)).toEqual([]);
    expect(textIn(view)).toBe('zero one tXwo three');
  });

  it('are found by a character, and end where other text follows', () => {
    const view = startView('start ');
    generate(view, ['one', ' two'], { from: 6, to: 6 });
    type(view, ' end');
    const first = tokenAt(view.state, 7);
    expect(first).toMatchObject({ kind: 'generated', from: 6, to: 9 });
    expect(first && endOfGenerated(view.state, first)).toBe(13);
    expect(tokenAt(view.state, 2)).toBeNull();
    expect(tokenAt(view.state, 16)).toBeNull();
  });

  it('begin behind what is kept of the text before them, which another try leaves', () => {
    const view = startView('');
    generate(view, ['one', ' two', ' three'], { from: 0, to: 0 });
    generate(view, [' four'], { from: 3, to: 13, kept: ' 2' });
    expect(textIn(view)).toBe('one 2 four');
    expect(writtenIn(view.state)).toMatchObject({ from: 5, to: 10 });
    undoIn(view);
    expect(textIn(view)).toBe('one two three');
  });

  it('of a scored text stand beside them', () => {
    const view = startView('one two');
    view.dispatch({ effects: addTokens.of({ kind: 'scored', tokens: [token(0, 3), token(3, 7)], offset: 0 }) });
    expect(tokenAt(view.state, 1)).toMatchObject({ kind: 'scored' });
    type(view, 'x', 5);
    expect(tokensBetween(view.state, 'scored', 0, 8)).toHaveLength(1);
  });
});
