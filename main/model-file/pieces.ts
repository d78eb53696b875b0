/**
 * Files that were cut into raw pieces, because a host had a size limit: `X.gguf.part1of2`, `X.gguf-split-a`, `X.gguf.part-aa`,
 * `X.gguf.001`. Pieces are no GGUF files; one after the other they are the file.
 */

export interface Piece {
  /** The path of the whole file. */
  readonly whole: string;
  /** From 1, or from 0 where the publisher counts so. Pieces of one set follow each other without gaps. */
  readonly number: number;
  /** The number of pieces, where the name tells. */
  readonly count: number | null;
}

/** More pieces than any file was cut into. */
const MAX_PIECES = 1000;

/** Parses the name of a piece; null for any other file. */
export function parsePiece(path: string): Piece | null {
  const counted = /^(.+\.gguf)[-._](?:part|split)[-._]?(\d{1,3})[-._]?of[-._]?(\d{1,3})$/is.exec(path);
  if (counted) return { whole: counted[1] ?? '', number: Number(counted[2]), count: Number(counted[3]) };
  const numbered = /^(.+\.gguf)[-._](?:(?:part|split)[-._]?)?(\d{1,3})$/is.exec(path);
  if (numbered) return { whole: numbered[1] ?? '', number: Number(numbered[2]), count: null };
  const lettered = /^(.+\.gguf)[-._](?:part|split)[-._]?([a-z]{1,2})$/is.exec(path);
  if (!lettered) return null;
  const letters = [...(lettered[2] ?? '').toLowerCase()].map((letter) => letter.charCodeAt(0) - 'a'.charCodeAt(0));
  return { whole: lettered[1] ?? '', number: letters.reduce((sum, letter) => sum * 26 + letter, 0) + 1, count: null };
}

/** The complete sets of pieces among `paths`: their paths in order, by the path of the whole file. */
export function pieceSets(paths: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const pieces = paths.flatMap((path) => {
    const piece = parsePiece(path);
    return piece === null ? [] : { path, piece };
  });
  const sets = new Map<string, readonly string[]>();
  for (const [whole, set] of Map.groupBy(pieces, ({ piece }) => piece.whole)) {
    set.sort((a, b) => a.piece.number - b.piece.number);
    const first = set[0]?.piece.number ?? 0;
    const inOrder = set.every(({ piece }, index) => piece.number === first + index);
    const isWhole = set.every(({ piece }) => piece.count === null || piece.count === set.length);
    if (inOrder && isWhole && first <= 1 && set.length > 1 && set.length <= MAX_PIECES)
      sets.set(
        whole,
        set.map(({ path }) => path),
      );
  }
  return sets;
}

/** The path of the file that `paths` are all the pieces of; null for other files. */
export function wholeOf(paths: readonly string[]): string | null {
  const [[whole, pieces] = [null, []], ...others] = pieceSets(paths);
  return others.length === 0 && pieces.length === paths.length ? whole : null;
}
