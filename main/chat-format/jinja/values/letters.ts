/** Python's kinds of letters and changes of case. */
import { codePoints } from './text.ts';

/** Digits besides the decimal ones (superscripts, circled and so on). */
const otherDigit =
  /[\u00b2\u00b3\u00b9\u1369-\u1371\u19da\u2070\u2074-\u2079\u2080-\u2089\u2460-\u2468\u2474-\u247c\u2488-\u2490\u24ea\u24f5-\u24fd\u24ff\u2776-\u277e\u2780-\u2788\u278a-\u2792\u{10a40}-\u{10a43}\u{10e60}-\u{10e68}\u{11052}-\u{1105a}\u{1f100}-\u{1f10a}]/u;
/** Ideographs that are numbers. */
const numberIdeograph =
  /[\u3405\u3483\u382a\u3b4d\u4e00\u4e03\u4e07\u4e09\u4e5d\u4e8c\u4e94\u4e96\u4ebf\u4ec0\u4edf\u4ee8\u4f0d\u4f70\u5104\u5146\u5169\u516b\u516d\u5341\u5343-\u5345\u534c\u53c1-\u53c4\u56db\u58f1\u58f9\u5e7a\u5efe\u5eff\u5f0c-\u5f0e\u5f10\u62fe\u634c\u67d2\u6f06\u7396\u767e\u8086\u842c\u8cae\u8cb3\u8d30\u9621\u9646\u964c\u9678\u96f6\uf96b\uf973\uf978\uf9b2\uf9d1\uf9d3\uf9fd\u{20001}\u{20064}\u{200e2}\u{20121}\u{2092a}\u{20983}\u{2098c}\u{2099c}\u{20aea}\u{20afd}\u{20b19}\u{22390}\u{22998}\u{23b1b}\u{2626d}\u{2f890}]/u;

type Kind = (point: string) => boolean;
const isDecimal: Kind = (point) => /\p{Nd}/u.test(point);
const isDigit: Kind = (point) => isDecimal(point) || otherDigit.test(point);
const isNumeric: Kind = (point) => /\p{N}/u.test(point) || numberIdeograph.test(point);
const isAlpha: Kind = (point) => /\p{L}/u.test(point);

const every =
  (kind: Kind) =>
  (text: string): boolean =>
    text !== '' && codePoints(text).every(kind);

/** The methods of a text that ask what all its letters are. */
export const kindsOfText: Readonly<Record<string, (text: string) => boolean>> = {
  isalpha: every(isAlpha),
  isalnum: every((point) => isAlpha(point) || isNumeric(point)),
  isascii: (text) => !/[^\0-\x7f]/.test(text),
  isdecimal: every(isDecimal),
  isdigit: every(isDigit),
  isnumeric: every(isNumeric),
  isidentifier: (text) => /^[\p{XID_Start}_]\p{XID_Continue}*$/u.test(text),
  islower: (text) => /\p{Lowercase}/u.test(text) && !/[\p{Uppercase}\p{Lt}]/u.test(text),
  isupper: (text) => /\p{Uppercase}/u.test(text) && !/[\p{Lowercase}\p{Lt}]/u.test(text),
  isprintable: (text) => !/[\p{C}\p{Z}]/u.test(text.replaceAll(' ', '')),
  isspace: every((point) => /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/.test(point)),
  istitle: isTitle,
};

function isTitle(text: string): boolean {
  let cased = false;
  let any = false;
  for (const point of codePoints(text)) {
    if (/[\p{Uppercase}\p{Lt}]/u.test(point)) {
      if (cased) return false;
      cased = any = true;
    } else if (/\p{Lowercase}/u.test(point)) {
      if (!cased) return false;
      any = true;
    } else cased = false;
  }
  return any;
}

/** Letters of two that have a form of their own at the start of a word. */
const digraphs = new Map(
  ['ǅǆǄ', 'ǈǉǇ', 'ǋǌǊ', 'ǲǳǱ'].flatMap(([title = '', ...others]) =>
    [title, ...others].map((point) => [point, title] as const),
  ),
);

/** The form of a letter at the start of a word. */
function titleCase(point: string): string {
  const digraph = digraphs.get(point);
  if (digraph !== undefined) return digraph;
  // Georgian letters have no form of their own there.
  if (/[\u10d0-\u10fa\u10fd-\u10ff]/.test(point)) return point;
  const [first = '', ...rest] = codePoints(point.toUpperCase());
  if (rest.length === 0 || point === 'ŉ') return first + rest.join('');
  // A letter with iota subscript keeps it, in its own upper form.
  if (rest.at(-1) === 'Ι' && /[\u1f80-\u1ffc]/.test(point)) return iotaTitle(point);
  return first + rest.join('').toLowerCase();
}

function iotaTitle(point: string): string {
  const code = point.codePointAt(0) ?? 0;
  if (code < 0x1fb0) return String.fromCodePoint(code | 8);
  const single: Readonly<Record<string, string>> = { ᾳ: 'ᾼ', ῃ: 'ῌ', ῳ: 'ῼ', ᾼ: 'ᾼ', ῌ: 'ῌ', ῼ: 'ῼ' };
  return single[point] ?? `${point.normalize('NFD').replace('\u0345', '').normalize('NFC').toUpperCase()}\u0345`;
}

export function capitalize(text: string): string {
  const [first = '', ...rest] = codePoints(text);
  return titleCase(first) + rest.join('').toLowerCase();
}

/** Python's `title`: each run of letters begins with a large one. */
export function titled(text: string): string {
  return text.replace(/[\p{Cased}][\p{Cased}\p{Case_Ignorable}]*/gu, (run) => {
    // A mark without case ends a run, though it may stand inside one for the sake of a final sigma.
    return run.replace(/\p{Cased}+/gu, (word) => {
      const [first = '', ...rest] = codePoints(word);
      return titleCase(first) + rest.join('').toLowerCase();
    });
  });
}

export const swapCase = (text: string): string =>
  codePoints(text)
    .map((point) => {
      if (/\p{Lt}/u.test(point)) return point;
      return /\p{Uppercase}/u.test(point) ? point.toLowerCase() : point.toUpperCase();
    })
    .join('');

/** For comparing without case. */
export const foldCase = (text: string): string =>
  codePoints(text)
    .map((point) => {
      // Letters of Cherokee meet in their upper forms, and a dotless i is no i.
      if (/[\u13a0-\u13fd\uab70-\uabbf]/.test(point)) return point.toUpperCase();
      return point === 'ı' ? point : point.toUpperCase().toLowerCase();
    })
    .join('')
    .replaceAll('ς', 'σ')
    .replaceAll('ß', 'ss');
