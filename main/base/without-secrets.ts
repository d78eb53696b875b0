/** Removes secrets from text that is stored or shown: tokens, passwords, cookies, and users and queries of addresses. */

/** A longer text is cut to this length first, because searching the output of a child that prints endlessly would block the thread. */
export const MAX_SEARCHED_CHARS = 8000;

/** The text between a name and its value: the quote after the name, plain or escaped, and the sign. */
const BETWEEN = String.raw`(?:\\{0,4}["'\x60])?\s{0,9}(?:=>|[=:])\s{0,9}`;
/** A value in quotes up to the same quote, then one in escaped quotes. Both quotes are captured, to be kept. */
const QUOTED = String.raw`(["'\x60])(?:\\.|(?!\2)[^\\\r\n])*|(\\+["'])[^\r\n]*?(?=\3|[\r\n]|$)`;
const SCHEMES = 'Bearer|Basic|Negotiate|Token';

/** Every pattern begins with a fixed word or a short run, so that a long text costs only a few steps per character. */
const headers = new RegExp(
  String.raw`((?:authorization|cookie|sec-websocket-protocol)${BETWEEN})(?:${QUOTED}|(\[)[^\]]*|(Digest\s)[^\r\n]+|((?:${SCHEMES})\s{1,9}["']?)?[^\r\n"']+)`,
  'gi',
);
const schemes = new RegExp(String.raw`\b(${SCHEMES.replace('|Token', '')})(?:\s|%20|\+){1,9}[\w.~+/=%-]+`, 'gi');
/** A token of a model: its number, or a sign in quotes. */
const VOCABULARY = String.raw`${BETWEEN}(?:\d{1,7}(?![\w.-])|["'\x60][^\w"'\x60]{1,3}["'\x60])`;
const fields = new RegExp(
  String.raw`((?:token(?!${VOCABULARY})|secret|password|passwd|passphrase|\b(?:pwd|pass)(?=\s{0,9}[=:])|signature|credentials?|api[_-]?key|access[_-]?key|private[_-]?key|_auth)${BETWEEN})(?:${QUOTED}|[^\s"'\x60,;&)}\]]+)`,
  'gi',
);
/** A name and a quoted value without a sign between them. */
const quoted = /((?:token|secret|password|api[_-]?key)\s{1,3})(["'\x60])[\w.+/=-]{6,}\2/gi;
const bearers = /\b(Bearer:)\s{0,9}[\w.~+/=-]+/gi;
/** The option of a command, and its value as the next word. */
const options =
  /(?<![\w-])(--?(?:[\w-]{0,40}-)?(?:token|secret|password|passwd|pass|pwd|api-?key)\s{1,9})(?![-\s])[^\s]+/gi;
/** A user and a password before a host, without a scheme. */
const users = /(?<![\w.%+@-])[\w.%+-]{1,64}:[^\s:@/"'<>]{1,256}@(?=[\w.[-])/g;
/** The same in an address whose signs are percent-encoded: `//user:password@` is `%2F%2Fuser%3Apassword%40`. */
const encodedUsers = /(%2F%2F)[^\s"'<>/@]{1,256}?%40/gi;
/** Tokens of other services, by their beginnings, and signed ones. */
const knownTokens =
  /\b(gh[pousr]_|github_pat_|glpat-|xox[abprs]-|sk-(?=[\w-]{16})|eyJ(?=[\w-]{5,500}\.[\w-]{5}))[\w.-]{8,}/g;
const hubTokens = /\bhf_[A-Za-z0-9]{4,}/g;
/** The scheme's separator in an address and the text after it. The slashes may be escaped. */
const addresses = /(:\\?\/\\?\/)([^\s"'<>]+)/g;

/**
 * The beginning of `text`, at most 8,000 characters, without its secrets: Hub tokens; what follows `Bearer` and its like; the values of
 * headers and fields that hold secrets, in any quotes; the user, the password and the query of addresses. It cuts rather too much.
 */
export function withoutSecrets(text: string): string {
  return cut(text)
    .replaceAll(hubTokens, 'hf_…')
    .replaceAll(knownTokens, '$1…')
    .replaceAll(headers, '$1$2$3$4$5$6…')
    .replaceAll(schemes, '$1 …')
    .replaceAll(bearers, '$1 …')
    .replaceAll(quoted, '$1$2…$2')
    .replaceAll(addresses, (_, slashes: string, rest: string) => slashes + withoutQuery(withoutUser(rest)))
    .replaceAll(fields, '$1$2$3…')
    .replaceAll(options, '$1…')
    .replaceAll(encodedUsers, '$1…%40')
    .replaceAll(users, '…@');
}

/** Cuts a long text. An address at the cut is removed, because the sign that marks its password may be cut off. */
function cut(text: string): string {
  if (text.length <= MAX_SEARCHED_CHARS) return text;
  const beginning = text.slice(0, MAX_SEARCHED_CHARS);
  const word = Math.max(beginning.lastIndexOf(' '), beginning.lastIndexOf('\n')) + 1;
  const address = beginning.indexOf('://', word);
  return address < 0 ? beginning : `${beginning.slice(0, address)}://…`;
}

function withoutUser(rest: string): string {
  const authority = rest.slice(0, endOf(rest, /[/?#]/));
  const user = authority.lastIndexOf('@');
  const host = user < 0 ? rest : rest.slice(user + 1);
  // A password may contain a slash. Then the text after the first colon is not a port, and an @ follows later.
  const isUser = /^[^/?#:@[]{1,256}:(?!\d{1,5}(?:[/?#]|$))/.test(host) && host.includes('@');
  if (isUser) return `…@${host.slice(host.lastIndexOf('@') + 1)}`;
  return user < 0 ? rest : `…@${host}`;
}

function withoutQuery(rest: string): string {
  const end = endOf(rest, /[?#]/);
  return end === rest.length ? rest : `${rest.slice(0, end)}?…`;
}

function endOf(text: string, mark: RegExp): number {
  const at = text.search(mark);
  return at < 0 ? text.length : at;
}
