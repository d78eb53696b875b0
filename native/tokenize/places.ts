/** Where the tokens of llama.cpp stand in the text: it gives each token's bytes and no place. */

/** Places in UTF-16 units. */
export interface Place {
  readonly start: number;
  readonly end: number;
}

export interface PlacedPiece {
  readonly bytes: Uint8Array;
  /** A token that is spelled out in the text, or the one for what the vocabulary does not have. */
  readonly isControl: boolean;
}

/** `words`: pieces begin with a space that only marks the beginning of a word, and white space has no token. */
export type PieceKind = 'as_written' | 'words';

const SPACE = 0x20;
const encoder = new TextEncoder();

/** The bytes of a text's characters in one form, each of which knows the character that it comes from. */
interface FormedText {
  readonly source: string;
  readonly bytes: Uint8Array;
  /** The UTF-16 units of the character that a byte belongs to. */
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
}

interface Alignment {
  readonly places: (Place | null)[];
  /** Pieces that should stand in the text and were not found where they should. */
  readonly lost: number;
}

type Form = (text: string) => string;

/** What a tokenizer may make of a text before it divides it: marks of spaces, compatibility forms, the plain letters of BERT. */
const forms: readonly Form[] = [
  (text) => text.replaceAll('▁', ' '),
  (text) => text.normalize('NFKC'),
  (text) => text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase(),
];

/**
 * The place of each piece, or null for a token that no text stands for, such as the mark of a space that was put before the text. A token
 * with a part of a character has the whole of it. The form counts in which the most pieces are found.
 */
export function placesOf(text: string, pieces: readonly PlacedPiece[], kind: PieceKind): (Place | null)[] {
  let best: Alignment | null = null;
  for (const form of [null, ...forms]) {
    const formed = form === null ? written(text) : formedText(text, form);
    // Only a text that begins with a space leaves open whether another one was put before it.
    for (const isPrefixed of kind === 'words' ? [false] : [false, true]) {
      const found = align(formed, pieces, kind, isPrefixed);
      if (best === null || found.lost < best.lost) best = found;
      if (best.lost === 0) return best.places;
    }
  }
  return best?.places ?? [];
}

/** Each character as it is. */
function written(source: string): FormedText {
  const bytes = encoder.encode(source);
  const made = { source, bytes, starts: new Uint32Array(bytes.length), ends: new Uint32Array(bytes.length) };
  let at = 0;
  for (let unit = 0; unit < source.length;) {
    const code = source.codePointAt(unit) ?? 0;
    const size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    const end = unit + (size === 4 ? 2 : 1);
    made.starts.fill(unit, at, at + size);
    made.ends.fill(end, at, at + size);
    at += size;
    unit = end;
  }
  return made;
}

const clusters = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Character by character where characters have forms of their own, else by clusters. */
function formedText(source: string, form: Form): FormedText {
  const parts: { readonly bytes: Uint8Array; readonly start: number; readonly end: number }[] = [];
  let length = 0;
  const add = (shown: string, start: number, end: number): void => {
    const bytes = encoder.encode(shown);
    parts.push({ bytes, start, end });
    length += bytes.length;
  };
  for (const { segment, index } of clusters.segment(source)) {
    const chars = [...segment];
    const shown = chars.map(form);
    const whole = form(segment);
    if (shown.join('') !== whole) {
      add(whole, index, index + segment.length);
      continue;
    }
    let at = index;
    for (const [place, char] of chars.entries()) {
      add(shown[place] ?? '', at, at + char.length);
      at += char.length;
    }
  }
  const made = {
    source,
    bytes: new Uint8Array(length),
    starts: new Uint32Array(length),
    ends: new Uint32Array(length),
  };
  let at = 0;
  for (const { bytes, start, end } of parts) {
    made.bytes.set(bytes, at);
    made.starts.fill(start, at, at + bytes.length);
    made.ends.fill(end, at, at + bytes.length);
    at += bytes.length;
  }
  return made;
}

/** How far a lost piece is looked for. */
const LOOK_AHEAD = 256;

/** With `isPrefixed` a space was put before the text, and after each control token. */
function align(text: FormedText, pieces: readonly PlacedPiece[], kind: PieceKind, isPrefixed: boolean): Alignment {
  let at = 0;
  let lost = 0;
  /** Whether a section begins here. */
  let isFirst = true;
  const take = (start: number, length: number): Place | null => {
    at = start + length;
    return length === 0 ? null : { start: text.starts[start] ?? 0, end: text.ends[at - 1] ?? 0 };
  };
  /** The white space that was looked at last: a long run of it is gone through once, not for each of its tokens. */
  let blanks = { start: 0, end: 0 };
  const afterOwnBlanks = (): number => {
    if (at < blanks.start || at >= blanks.end) blanks = { start: at, end: afterBlanks(text.bytes, at) };
    return blanks.end;
  };
  const placeOf = ({ bytes, isControl }: PlacedPiece, index: number): Place | null => {
    const start = afterOwnBlanks();
    if (isControl) {
      if (begins(text.bytes, start, bytes)) return take(start, bytes.length);
      return take(start, unknownEnd(text, start, pieces[index + 1], kind) - start);
    }
    const isMarked = bytes[0] === SPACE;
    const rest = isMarked ? bytes.subarray(1) : bytes;
    if (isFirst && isPrefixed && isMarked && begins(text.bytes, at, rest)) return take(at, rest.length);
    if (kind === 'as_written' && begins(text.bytes, at, bytes)) return take(at, bytes.length);
    if (isMarked && begins(text.bytes, at, rest)) {
      if (rest.length === 0 && !isFirst) lost += 1;
      return take(at, rest.length);
    }
    if (isMarked && begins(text.bytes, start, rest))
      return kind === 'words' ? take(start, rest.length) : take(start - 1, rest.length + 1);
    if (begins(text.bytes, start, bytes)) return take(start, bytes.length);
    lost += 1;
    const end = Math.min(text.bytes.length, start + LOOK_AHEAD);
    for (let candidate = start + 1; candidate < end && rest.length > 0; candidate += 1)
      if (begins(text.bytes, candidate, rest)) return take(candidate, rest.length);
    return null;
  };
  const places = pieces.map((piece, index) => {
    const place = placeOf(piece, index);
    isFirst = piece.isControl;
    return place;
  });
  return { places, lost };
}

function begins(text: Uint8Array, at: number, piece: Uint8Array): boolean {
  if (at + piece.length > text.length) return false;
  for (let index = 0; index < piece.length; index += 1) if (text[at + index] !== piece[index]) return false;
  return true;
}

/** White space of ASCII, which tokenizers for words leave out. */
const isBlank = (byte: number | undefined): boolean =>
  byte === SPACE || (byte !== undefined && byte >= 9 && byte <= 13);

function afterBlanks(text: Uint8Array, from: number): number {
  let at = from;
  while (isBlank(text[at])) at += 1;
  return at;
}

/** The unknown token stands for all up to the next token, or to the end of the word, of which a punctuation mark is one. */
function unknownEnd(text: FormedText, start: number, next: PlacedPiece | undefined, kind: PieceKind): number {
  const wanted = next === undefined || next.isControl ? null : next.bytes;
  const own = wanted?.[0] === SPACE ? wanted.subarray(1) : wanted;
  const isMark = (at: number): boolean =>
    kind === 'words' && /\p{P}/u.test(text.source.slice(text.starts[at] ?? 0, text.ends[at] ?? 0));
  const limit = Math.min(text.bytes.length, start + LOOK_AHEAD);
  const isAlone = isMark(start);
  for (let at = start + 1; at < limit; at += 1) {
    if (text.starts[at] === text.starts[at - 1]) continue;
    if (isAlone || isBlank(text.bytes[at]) || isMark(at)) return at;
    if (own !== null && own.length > 0 && begins(text.bytes, at, own)) return at;
  }
  return limit;
}
