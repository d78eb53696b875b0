/** The editor of a document: CodeMirror, with tokens that can be looked at. */
import { historyKeymap, standardKeymap } from '@codemirror/commands';
import { EditorState, StateEffect, StateField, Transaction, type ChangeSet } from '@codemirror/state';
import {
  closeHoverTooltips,
  EditorView,
  hoverTooltip,
  keymap,
  placeholder,
  showTooltip,
  type Tooltip,
  type TooltipView,
} from '@codemirror/view';
import { textOf } from './document-sync.ts';
import { tokenAt, tokenMarks, type MarkedToken } from './token-marks.ts';
import { byModel, byOtherWindow, writtenText } from './written-text.ts';

export interface EditorOptions {
  readonly parent: HTMLElement;
  readonly text: string;
  readonly label: string;
  readonly placeholder: string;
  /** The text changed in this window: `isTyped` by the user and not by a model. */
  readonly onEdit: (changes: ChangeSet, isTyped: boolean) => void;
  /** Anything changed: the text, the cursor or the tokens. */
  readonly onUpdate: (state: EditorState) => void;
  /** Fills the card of a token. Returns what takes it away again. */
  readonly fillCard: (card: HTMLElement, token: MarkedToken, close: () => void) => () => void;
  readonly generate: () => void;
  readonly retry: () => void;
  /** Stops a generation. False when none runs. */
  readonly stop: () => boolean;
}

/** Opens the card of the token at a position with the focus in it; null closes it. */
const openCard = StateEffect.define<number | null>();

const cardField = (tooltipOf: (token: MarkedToken, hasFocus: boolean) => Tooltip): StateField<Tooltip | null> =>
  StateField.define<Tooltip | null>({
    create: () => null,
    update(tooltip, transaction) {
      let next = transaction.docChanged || transaction.selection ? null : tooltip;
      for (const effect of transaction.effects)
        if (effect.is(openCard)) {
          const token = effect.value === null ? null : tokenAt(transaction.state, effect.value);
          next = token && tooltipOf(token, true);
        }
      return next;
    },
    provide: (field) => showTooltip.from(field),
  });

/** Closes the card that was opened with a key. False when there is none. */
function closeCard(view: EditorView): boolean {
  if (view.dom.querySelector('.notebook-card') === null) return false;
  view.dispatch({ effects: [openCard.of(null), closeHoverTooltips] });
  return true;
}

/** Opens the alternatives of the token at the cursor. False when there is none. */
export function openAlternatives(view: EditorView): boolean {
  const { head } = view.state.selection.main;
  if (!tokenAt(view.state, head)) return false;
  view.dispatch({ effects: openCard.of(head) });
  return true;
}

const HOVER_MS = 250;

/** The editor, in `parent`. */
export function createEditor(options: EditorOptions): EditorView {
  const { generate, retry, stop, fillCard } = options;

  const tooltipOf = (token: MarkedToken, hasFocus: boolean): Tooltip => ({
    pos: token.from,
    end: token.to,
    create(view): TooltipView {
      const dom = document.createElement('div');
      dom.className = 'notebook-card';
      const empty = fillCard(dom, token, () => {
        view.dispatch({ effects: openCard.of(null) });
        view.focus();
      });
      return {
        dom,
        // React fills the card in a task of its own.
        mount: () => void (hasFocus && requestAnimationFrame(() => dom.querySelector<HTMLElement>('button')?.focus())),
        destroy: empty,
      };
    },
  });

  const keys = [
    { key: 'Mod-Enter', run: () => (generate(), true) },
    { key: 'Mod-Shift-Enter', run: () => (retry(), true) },
    { key: 'Escape', run: (view: EditorView) => closeCard(view) || stop() },
    { key: 'Alt-Enter', run: openAlternatives },
  ];
  return new EditorView({
    parent: options.parent,
    state: EditorState.create({
      doc: textOf(options.text),
      extensions: [
        tokenMarks,
        writtenText,
        keymap.of([...keys, ...historyKeymap, ...standardKeymap]),
        EditorView.lineWrapping,
        placeholder(options.placeholder),
        EditorView.contentAttributes.of({ 'aria-label': options.label, spellcheck: 'false', dir: 'auto' }),
        cardField(tooltipOf),
        hoverTooltip(
          (view, position) => {
            const token = tokenAt(view.state, position);
            return token && tooltipOf(token, false);
          },
          { hoverTime: HOVER_MS, hideOnChange: true },
        ),
        EditorView.updateListener.of((update) => {
          for (const transaction of update.transactions)
            if (transaction.docChanged && !transaction.annotation(byOtherWindow))
              options.onEdit(transaction.changes, !transaction.annotation(byModel));
          options.onUpdate(update.state);
        }),
      ],
    }),
  });
}

/** Shows what another window wrote; undo of this one leaves it. */
export function applyFromElsewhere(view: EditorView, changes: ChangeSet): void {
  view.dispatch({ changes, annotations: [byOtherWindow.of(true), Transaction.addToHistory.of(false)] });
}
