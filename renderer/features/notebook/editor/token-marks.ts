/**
 * Which characters of the text are tokens of a model: generated ones, tinted until they are accepted or edited, and those of a text whose
 * perplexity was measured, tinted by how unexpected they are.
 */
import { invertedEffects } from '@codemirror/commands';
import { StateEffect, StateField, type EditorState, type Extension, type Range } from '@codemirror/state';
import { Decoration, EditorView, type DecorationSet } from '@codemirror/view';
import type { PlacedToken } from '../../../../preload/contract/notebook.ts';
import { levelOf } from '../../../parts/token-choices.ts';

export type MarkKind = 'generated' | 'scored';

/** A token in the document. */
export interface MarkedToken {
  readonly kind: MarkKind;
  readonly token: PlacedToken;
  readonly from: number;
  readonly to: number;
}

/** Adds tokens, whose places count from `offset`. */
export const addTokens = StateEffect.define<{
  readonly kind: MarkKind;
  readonly tokens: readonly PlacedToken[];
  readonly offset: number;
}>();
/** Takes all marks of a kind away. */
export const clearTokens = StateEffect.define<MarkKind>();
/** Brings back the marks of a text that was undone, or of an undo that was. */
const restoreTokens = StateEffect.define<readonly MarkedToken[]>({
  map: (tokens, changes) =>
    tokens.map((one) => ({ ...one, from: changes.mapPos(one.from, 1), to: changes.mapPos(one.to, -1) })),
});

const classes = { generated: 'notebook-generated', scored: 'notebook-scored' } as const;

/** Generated tokens stand on a tint, and a line below them tells the less expected ones. */
function decoration({ kind, token, from, to }: MarkedToken): Range<Decoration> {
  const level = token.logprob === null ? 0 : levelOf(Math.exp(token.logprob));
  const marked = Decoration.mark({
    class: classes[kind],
    attributes: { 'data-level': `${level}` },
    kind,
    token,
  });
  return marked.range(from, to);
}

/** A scored token may be generated, too, so each kind has a field. */
function fieldOf(kind: MarkKind): StateField<DecorationSet> {
  return StateField.define<DecorationSet>({
    create: () => Decoration.none,
    update(marks, transaction) {
      let next = marks;
      if (transaction.docChanged) {
        // A token whose text was changed is none any more.
        transaction.changes.iterChangedRanges((from, to) => {
          next = next.update({
            filterFrom: from,
            filterTo: to,
            filter: (start, end) => !touches(start, end, from, to),
          });
        });
        next = next.map(transaction.changes);
      }
      for (const effect of transaction.effects) {
        if (effect.is(clearTokens) && effect.value === kind) next = Decoration.none;
        if (effect.is(addTokens) && effect.value.kind === kind) {
          const { tokens, offset } = effect.value;
          const end = transaction.newDoc.length;
          const added = tokens
            .map((token) => ({ kind, token, from: offset + token.from, to: offset + token.to }))
            .filter((one) => one.to > one.from && one.to <= end);
          next = next.update({ add: added.map(decoration) });
        }
        if (effect.is(restoreTokens)) {
          const end = transaction.newDoc.length;
          const added = effect.value.filter((one) => one.kind === kind && one.to > one.from && one.to <= end);
          next = next.update({ add: added.map(decoration), sort: true });
        }
      }
      return next;
    },
    provide: (field) => EditorView.decorations.from(field),
  });
}

/** Text inserted between two tokens leaves both. */
const touches = (start: number, end: number, from: number, to: number): boolean => start < to && end > from;

const fields: Readonly<Record<MarkKind, StateField<DecorationSet>>> = {
  generated: fieldOf('generated'),
  scored: fieldOf('scored'),
};

/** Undo and redo bring tokens back with their text. */
const undoing = invertedEffects.of((transaction) => {
  const lost: MarkedToken[] = [];
  if (transaction.docChanged)
    transaction.changes.iterChangedRanges((from, to) => {
      lost.push(
        ...tokensBetween(transaction.startState, 'generated', from, to).filter((one) =>
          touches(one.from, one.to, from, to),
        ),
      );
    });
  for (const effect of transaction.effects)
    if (effect.is(clearTokens) && effect.value === 'generated')
      lost.push(...tokensBetween(transaction.startState, 'generated', 0, transaction.startState.doc.length));
  return lost.length === 0 ? [] : [restoreTokens.of(lost)];
});

export const tokenMarks: Extension = [fields.generated, fields.scored, undoing];

/** The tokens of a kind that touch the characters from `from` to `to`, in order. */
export function tokensBetween(state: EditorState, kind: MarkKind, from: number, to: number): MarkedToken[] {
  const found: MarkedToken[] = [];
  state.field(fields[kind]).between(from, to, (start, end, { spec }) => {
    found.push({ kind, token: (spec as { token: PlacedToken }).token, from: start, to: end });
  });
  return found;
}

/** The token of the character behind `position`, or else of the one before it; a generated one first. */
export function tokenAt(state: EditorState, position: number): MarkedToken | null {
  for (const kind of ['generated', 'scored'] as const) {
    const near = tokensBetween(state, kind, position, position);
    const found =
      near.find((one) => one.from <= position && position < one.to) ?? near.find((one) => one.to === position);
    if (found) return found;
  }
  return null;
}

/** Whether any token is marked as generated. */
export const hasGenerated = (state: EditorState): boolean => state.field(fields.generated).size > 0;
/** Whether any token is marked with its probability. */
export const hasScored = (state: EditorState): boolean => state.field(fields.scored).size > 0;

/** Where the generated text with this token ends: as far as one token follows the other. */
export function endOfGenerated(state: EditorState, { to }: MarkedToken): number {
  let end = to;
  state.field(fields.generated).between(to, state.doc.length, (from, until) => {
    if (from < end) return undefined;
    if (from > end) return false;
    end = until;
    return undefined;
  });
  return end;
}
