/** Where the menu of suggestions opens: at `/`, `@` or `#` before a word that is being typed, and never in code or within a word. */

export type TriggerKind = 'prompt' | 'model' | 'source';

export interface Trigger {
  readonly kind: TriggerKind;
  /** The place of the mark in the text. */
  readonly from: number;
  /** The caret, which is the end of what is typed behind the mark. */
  readonly to: number;
  readonly query: string;
}

const kinds: Readonly<Record<string, TriggerKind>> = { '/': 'prompt', '@': 'model', '#': 'source' };
/** The mark and a name of several words. */
const LOOK_BACK = 64;

/** The mark that the caret stands behind, or null. */
export function triggerAt(text: string, caret: number): Trigger | null {
  const line = text.slice(Math.max(0, caret - LOOK_BACK), caret);
  const found = /(?:^|\s)([/@#])([^/@#\n]*)$/.exec(line);
  if (found === null) return null;
  const [, mark = '', query = ''] = found;
  const from = caret - query.length - 1;
  // At the beginning of what was looked at there may be a letter before the mark.
  if (from > 0 && !/\s/.test(text.charAt(from - 1))) return null;
  // `# Heading`, `1 / 2`, `#1`, and what was typed after a complete name.
  if (/^\s|\s$/.test(query) || (mark === '#' && /^\d/.test(query))) return null;
  const kind = kinds[mark];
  return kind === undefined || isInCode(text, from) ? null : { kind, from, to: caret, query };
}

/** Whether a place is inside a fence that is open, or between backticks of its line. */
function isInCode(text: string, place: number): boolean {
  const before = text.slice(0, place);
  let fence: string | null = null;
  for (const [, mark = ''] of before.matchAll(/^ {0,3}(`{3,}|~{3,})/gm))
    if (fence === null) fence = mark.charAt(0);
    else if (fence === mark.charAt(0)) fence = null;
  if (fence !== null) return true;
  const line = before.slice(before.lastIndexOf('\n') + 1);
  return (line.match(/`/g)?.length ?? 0) % 2 === 1;
}
