import { describe, expect, it } from 'vitest';
import { newFile, textDraft } from '../draft.ts';
import { isWalking, newer, older, shownIn, type Walk } from './sent-history.ts';

const texts = ['third', 'second', 'first'];
/** Presses the keys, and gives what the field shows after each. */
function press(draft: ReturnType<typeof textDraft>, keys: string): string[] {
  let walk: Walk | null = null;
  let shown = draft;
  return [...keys].map((key) => {
    const next: Walk | 'over' | null = key === 'u' ? older(walk, shown, texts) : newer(walk, shown);
    if (next === 'over') {
      shown = walk?.draft ?? shown;
      walk = null;
    } else if (next !== null) {
      walk = next;
      shown = shownIn(next);
    }
    return shown.text;
  });
}

describe('the history of sent messages', () => {
  it('goes back to the oldest and forth to the draft', () => {
    expect(press(textDraft(''), 'uuuuddd')).toEqual(['third', 'second', 'first', 'first', 'second', 'third', '']);
    expect(press(textDraft('begun'), 'udu')).toEqual(['third', 'begun', 'third']);
  });

  it('passes over what the field has already, and does nothing without messages', () => {
    expect(press(textDraft('third'), 'u')).toEqual(['second']);
    expect(older(null, textDraft(''), [])).toBeNull();
    expect(newer(null, textDraft('x'))).toBeNull();
  });

  it('ends where the text is changed, and begins anew from there', () => {
    const walk = older(null, textDraft('begun'), texts);
    expect(isWalking(walk, textDraft('third'))).toBe(false); // its files are another list
    expect(walk && isWalking(walk, shownIn(walk))).toBe(true);
    const changed = { ...(walk?.draft ?? textDraft('')), text: 'third!' };
    expect(newer(walk, changed)).toBeNull();
    expect(older(walk, changed, texts)).toMatchObject({ at: 0, draft: { text: 'third!' } });
  });

  it('keeps the files of the draft', () => {
    const draft = { text: '', files: [newFile('a.txt', 'a')] };
    const walk = older(null, draft, texts);
    expect(walk && shownIn(walk)).toEqual({ text: 'third', files: draft.files });
  });
});
