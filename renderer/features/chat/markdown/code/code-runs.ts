/** Code cut into runs of lines, each with its tokens, so that only what changed is shown anew. */
import { tokenKinds, type CodeTokens, type TokenKind } from './token-kinds.ts';

export interface CodePiece {
  readonly text: string;
  readonly kind: TokenKind;
}

/** The places where runs of `linesEach` lines end, without the line break after them. */
export function endsOfRuns(code: string, linesEach: number): readonly number[] {
  const ends: number[] = [];
  let lines = 0;
  for (let at = code.indexOf('\n'); at !== -1; at = code.indexOf('\n', at + 1)) {
    lines += 1;
    if (lines % linesEach === 0) ends.push(at);
  }
  return [...ends, code.length];
}

/** The pieces of `code` from `from` to `to`. What is behind the last token is plain. */
export function piecesOf(code: string, from: number, to: number, tokens: CodeTokens | null): readonly CodePiece[] {
  const pieces: CodePiece[] = [];
  let at = from;
  const push = (until: number, kind: TokenKind): void => {
    if (until > at) pieces.push({ text: code.slice(at, until), kind });
    at = Math.max(at, until);
  };
  if (tokens) {
    for (let index = firstAfter(tokens.ends, from); index < tokens.ends.length && at < to; index++)
      push(Math.min(to, tokens.ends[index] ?? to), tokenKinds[tokens.kinds[index] ?? 0] ?? 'plain');
  }
  push(to, 'plain');
  return pieces;
}

/** The place of the first end beyond `place`, by halving. */
function firstAfter(ends: Uint32Array, place: number): number {
  let low = 0;
  let high = ends.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ends[middle] ?? 0) > place) high = middle;
    else low = middle + 1;
  }
  return low;
}

export const samePieces = (before: readonly CodePiece[], after: readonly CodePiece[]): boolean =>
  before.length === after.length &&
  before.every(({ text, kind }, index) => text === after[index]?.text && kind === after[index].kind);
