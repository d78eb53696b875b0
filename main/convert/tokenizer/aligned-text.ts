/** A normalized text of which each UTF-16 unit knows where in the original it comes from. */

export interface AlignedText {
  readonly text: string;
  /** Places in the original of the unit at an index, in UTF-16 units. */
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

interface Growing {
  text: string;
  readonly starts: number[];
  readonly ends: number[];
}

type Normalize = (text: string) => string;

const clusters = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** A text that is its own original, which begins at `offset`. */
export function unchangedText(text: string, offset: number): AlignedText {
  const made: Growing = { text: '', starts: [], ends: [] };
  addChars(made, text, offset);
  return made;
}

/**
 * The normalized form of a text. It is aligned character by character where characters have forms of their own, else by clusters: no
 * normalizer of tokenizer.json composes characters of two clusters.
 */
export function normalizedText(text: string, offset: number, normalize: Normalize): AlignedText {
  const whole = normalize(text);
  if (whole === text) return unchangedText(text, offset);
  const made: Growing = { text: '', starts: [], ends: [] };
  const front = frontOf(normalize);
  for (const { segment, index } of clusters.segment(text)) addCluster(made, segment, offset + index, normalize, front);
  if (whole.endsWith(made.text)) {
    // What stands before is put there by the normalizer: it has no width.
    const before = Array.from({ length: whole.length - made.text.length }, () => offset);
    return { text: whole, starts: [...before, ...made.starts], ends: [...before, ...made.ends] };
  }
  return laidOver(whole, made, text.length, offset);
}

/** What a normalizer puts before every text. */
function frontOf(normalize: Normalize): string {
  const once = normalize('a');
  const twice = normalize('aa');
  const added = 2 * once.length - twice.length;
  return added > 0 && twice.startsWith(once) ? once.slice(0, added) : '';
}

function addCluster(made: Growing, cluster: string, start: number, normalize: Normalize, front: string): void {
  const formOf = (part: string): string => {
    const form = normalize(part);
    return form.startsWith(front) ? form.slice(front.length) : form;
  };
  const form = formOf(cluster);
  if (form === cluster) return addChars(made, cluster, start);
  const chars = [...cluster];
  const forms = chars.map(formOf);
  if (forms.join('') !== form) return addUnits(made, form, start, cluster.length);
  let at = start;
  for (const [index, char] of chars.entries()) {
    addUnits(made, forms[index] ?? '', at, char.length);
    at += char.length;
  }
}

function addChars(made: Growing, text: string, start: number): void {
  let at = start;
  for (const char of text) {
    addUnits(made, char, at, char.length);
    at += char.length;
  }
}

function addUnits(made: Growing, form: string, start: number, length: number): void {
  made.text += form;
  for (let unit = 0; unit < form.length; unit += 1) {
    made.starts.push(start);
    made.ends.push(start + length);
  }
}

/**
 * A form that differs from that of its clusters, as where runs of spaces become one: units are found again in their order over the spaces
 * that are gone; a unit that is not found is laid over the text in proportion.
 */
function laidOver(whole: string, made: AlignedText, length: number, offset: number): AlignedText {
  const scale = length / Math.max(1, whole.length);
  const starts: number[] = [];
  const ends: number[] = [];
  let from = 0;
  for (let unit = 0; unit < whole.length; unit += 1) {
    let at = from;
    while (at < made.text.length && made.text.charAt(at) !== whole.charAt(unit) && /[\s▁]/u.test(made.text.charAt(at)))
      at += 1;
    const isFound = made.text.charAt(at) === whole.charAt(unit);
    starts.push((isFound ? made.starts[at] : undefined) ?? offset + Math.floor(unit * scale));
    ends.push((isFound ? made.ends[at] : undefined) ?? offset + Math.min(length, Math.ceil((unit + 1) * scale)));
    if (isFound) from = at + 1;
  }
  return { text: whole, starts, ends };
}
