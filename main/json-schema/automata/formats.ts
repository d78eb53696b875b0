/**
 * The formats that are held, as regular expressions of whole texts: those of JSON Schema 2020-12 that an automaton can decide, and
 * OpenAPI's `byte`. A name that is in neither list is an annotation, as the specification has it.
 */

const year = '\\d{4}';
const leapYear = '(?:\\d\\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)';
const date = [
  `${year}-(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])`,
  `${year}-(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)`,
  `${year}-02-(?:0[1-9]|1\\d|2[0-8])`,
  `${leapYear}-02-29`,
].join('|');
const hour = '(?:[01]\\d|2[0-3])';
/** Without leap seconds: whether one exists depends on the offset. */
const time = `${hour}:[0-5]\\d:[0-5]\\d(?:\\.\\d{1,9})?(?:Z|[+-]${hour}:[0-5]\\d)`;

const label = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?';
const byte = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const ipv4 = `${byte}(?:\\.${byte}){3}`;
const group = '[0-9A-Fa-f]{1,4}';
const tail = `(?:${group}:${group}|${ipv4})`;
const ipv6 = [
  `(?:${group}:){6}${tail}`,
  `::(?:${group}:){5}${tail}`,
  `(?:${group})?::(?:${group}:){4}${tail}`,
  ...[1, 2, 3].map((most) => `(?:(?:${group}:){0,${most}}${group})?::(?:${group}:){${4 - most}}${tail}`),
  `(?:(?:${group}:){0,4}${group})?::${tail}`,
  `(?:(?:${group}:){0,5}${group})?::${group}`,
  `(?:(?:${group}:){0,6}${group})?::`,
].join('|');

const mailCharacter = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]";
const email = `${mailCharacter}+(?:\\.${mailCharacter}+)*@(?:${label}\\.)+${label}`;

const percent = '%[0-9A-Fa-f]{2}';
const plain = "A-Za-z0-9._~!$&'()*+,;=\\-";
const segment = `(?:[${plain}:@]|${percent})`;
const authority = `(?:(?:[${plain}:]|${percent})*@)?(?:\\[(?:${ipv6})\\]|(?:[${plain}]|${percent})*)(?::\\d*)?`;
const rooted = `//${authority}(?:/${segment}*)*|/(?:${segment}+(?:/${segment}*)*)?`;
const after = `(?:\\?(?:${segment}|[/?])*)?(?:#(?:${segment}|[/?])*)?`;
const uri = `[A-Za-z][A-Za-z0-9+.-]*:(?:${rooted}|${segment}+(?:/${segment}*)*)${after}`;
const withoutColon = `(?:[${plain}@]|${percent})`;
const uriReference = `${uri}|(?:${rooted}|${withoutColon}+(?:/${segment}*)*|)${after}`;

const durationTime = 'T(?:\\d+H(?:\\d+M(?:\\d+S)?)?|\\d+M(?:\\d+S)?|\\d+S)';
const durationDate = '(?:\\d+Y(?:\\d+M(?:\\d+D)?)?|\\d+M(?:\\d+D)?|\\d+D)';
const pointer = '(?:/(?:[^~/]|~[01])*)*';

const expressions: Readonly<Record<string, string>> = {
  date,
  time,
  'date-time': `(?:${date})T${time}`,
  duration: `P(?:\\d+W|${durationTime}|${durationDate}(?:${durationTime})?)`,
  email,
  hostname: `${label}(?:\\.${label})*`,
  ipv4,
  ipv6,
  uri,
  'uri-reference': uriReference,
  uuid: '[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}',
  'json-pointer': pointer,
  'relative-json-pointer': `(?:0|[1-9]\\d*)(?:#|${pointer})`,
  byte: '(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?',
};

/** Formats of the specification that no automaton decides, so that they are refused. */
const undecided = new Set(['regex', 'uri-template', 'idn-email', 'idn-hostname', 'iri', 'iri-reference']);

/** The expression of the whole texts of a format; null for a format that cannot be held, undefined for an annotation. */
export function formatExpression(name: string): string | null | undefined {
  if (undecided.has(name)) return null;
  return Object.hasOwn(expressions, name) ? `^(?:${expressions[name] ?? ''})$` : undefined;
}

/** The bounds of OpenAPI's formats of integers, by name. */
export const integerFormats: Readonly<
  Record<string, { readonly least: number | bigint; readonly most: number | bigint } | undefined>
> = {
  int32: { least: -(2 ** 31), most: 2 ** 31 - 1 },
  int64: { least: -(2n ** 63n), most: 2n ** 63n - 1n },
};
