/** Texts between the tags of a model that may hold such tags themselves: an end counts where nothing but the next text or the end follows. */

export interface TaggedText {
  /** The match of its open tag. */
  readonly open: RegExpExecArray;
  /** Without the line breaks that belong to the tags. */
  readonly text: string;
}

export interface Tags {
  /** Global, as is `close`. */
  readonly open: RegExp;
  readonly close: RegExp;
  /**
   * Whether an open tag of this key ends the text before it where that lacks its end: at the beginning of a line, with a key that no text
   * had. Absent: none does, and a text without its end is left out.
   */
  readonly isKey?: (key: string) => boolean;
}

const DATA_OPEN = '<![CDATA[';
const DATA_CLOSE = ']]>';

/** The texts in order; null where something stands outside of the tags. Takes time in proportion to `body`. */
export function taggedTexts(body: string, { open, close, isKey }: Tags): readonly TaggedText[] | null {
  const opens = along([...body.matchAll(open)]);
  const closes = [...body.matchAll(close)];
  const anyClose = along(closes);
  const isFollowed = new RegExp(`\\s*(?:${open.source}|$)`, 'y');
  const ends = along(
    closes.filter((match) => {
      isFollowed.lastIndex = match.index + match[0].length;
      return isFollowed.test(body);
    }),
  );
  const taken = new Set<string>();
  const isNext = (one: RegExpExecArray, start: number): boolean =>
    isKey?.(keyOf(one)) === true &&
    !taken.has(keyOf(one)) &&
    body.slice(body.lastIndexOf('\n', one.index - 1) + 1, one.index).trim() === '' &&
    body.lastIndexOf('\n', one.index - 1) >= start - 1;
  const found: TaggedText[] = [];
  for (let from = 0; ;) {
    const own = opens(from);
    if (body.slice(from, own?.index).trim() !== '') return null;
    if (!own) return found;
    const start = own.index + own[0].length;
    const dataEnd = body.startsWith(DATA_OPEN, start) ? body.indexOf(DATA_CLOSE, start) : -1;
    if (dataEnd >= 0) {
      found.push({ open: own, text: body.slice(start + DATA_OPEN.length, dataEnd) });
      const end = anyClose(dataEnd);
      from = end ? end.index + end[0].length : body.length;
      continue;
    }
    const end = ends(start);
    const limit = end?.index ?? body.length;
    taken.add(keyOf(own));
    let next = opens(start);
    while (next && next.index < limit && !isNext(next, start)) next = opens(next.index + 1);
    if (next && next.index < limit) {
      // With an end and something behind it, it is neither whole nor without its end.
      if ((anyClose(start)?.index ?? limit) < next.index) return null;
      found.push({ open: own, text: withoutBreaks(body.slice(start, next.index)) });
      from = next.index;
    } else if (end) {
      found.push({ open: own, text: withoutBreaks(body.slice(start, end.index)) });
      from = end.index + end[0].length;
    } else if (anyClose(start)) return null;
    else {
      if (isKey) found.push({ open: own, text: withoutBreaks(body.slice(start)) });
      return found;
    }
  }
}

/** The first group that matched. */
export const keyOf = (open: RegExpExecArray): string => open.slice(1).find((group) => group !== undefined) ?? '';

/** A line break behind the open tag is part of the tags, and then the one before the end is as well. */
export function withoutBreaks(text: string): string {
  const begin = /^\r?\n/.exec(text)?.[0];
  if (begin === undefined) return text;
  const rest = text.slice(begin.length);
  return rest.endsWith(begin) ? rest.slice(0, -begin.length) : rest;
}

/** Gives the first match at or behind a place. The places must not decrease. */
export function along(matches: readonly RegExpExecArray[]): (from: number) => RegExpExecArray | undefined {
  let at = 0;
  return (from) => {
    while ((matches[at]?.index ?? from) < from) at++;
    return matches[at];
  };
}
