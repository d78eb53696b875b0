/** Going back through sent messages with the up key, and forth to the draft again. */
import type { Draft } from '../draft.ts';

/** While one goes through the history: the texts, the place in them, and the draft from before. */
export interface Walk {
  readonly texts: readonly string[];
  readonly at: number;
  readonly draft: Draft;
}

/** What the field shows in a walk. The draft's files stay. */
export function shownIn({ texts, at, draft }: Walk): Draft {
  return { ...draft, text: texts[at] ?? draft.text };
}

/** The walk goes on only while what it showed is unchanged. */
export function isWalking(walk: Walk | null, draft: Draft): walk is Walk {
  if (walk === null) return false;
  const shown = shownIn(walk);
  return shown.text === draft.text && shown.files === draft.files;
}

/** One message older: null where there is none. `texts` are newest first; the draft's own text is passed over. */
export function older(walk: Walk | null, draft: Draft, texts: readonly string[]): Walk | null {
  const before = isWalking(walk, draft) ? walk : { texts, at: -1, draft };
  const at = before.texts.findIndex((text, index) => index > before.at && text !== draft.text.trim());
  return at < 0 ? null : { ...before, at };
}

/** One message newer: `over` where the draft is reached, and null outside of a walk. */
export function newer(walk: Walk | null, draft: Draft): Walk | 'over' | null {
  if (!isWalking(walk, draft)) return null;
  return walk.at <= 0 ? 'over' : { ...walk, at: walk.at - 1 };
}
