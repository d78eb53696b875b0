/** The full-text search over messages and the titles of chats. */
import type { SearchFilters, SearchHit } from '../../preload/contract/chat.ts';
import { formsOf, matchOf, quotedForIndex, termsOf, UNSPACED, type SearchTerm } from './search-query.ts';
import { HIT_CLOSE, HIT_OPEN, searchedWords, snippetOf } from './snippet.ts';
import { statement, type Store } from './store.ts';
import { readTime } from './times.ts';

type MessageHit = Extract<SearchHit, { kind: 'message' }>;
type TitleHit = Extract<SearchHit, { kind: 'title' }>;

/** Limit for hits in titles, and the same for messages, so that many titles do not displace the messages. */
const MAX_HITS = 50;
/**
 * The newest texts with the words, of which the best are taken. To rate a text costs 2 µs, so that a word of 60,000 texts would take a
 * tenth of a second.
 */
const MAX_RATED = 400;
/** Of the texts of all hits of one search, together: what is read to cut their snippets. It is done on main's only thread. */
const MAX_READ_CHARS = 4_000_000;
/** Of each text, also when there is nothing left of the above. */
const MIN_READ_CHARS = 20_000;
/** Tokens of the index of three letters that one or two letters may stand for. Letters with more of them are in so many texts that looking for them in each is faster. */
const MAX_TOKENS = 300;

/** The texts that are looked through for one letter. */
const NEWEST = 20_000;

/** To rate a text takes time for each token that is asked for. With more the newest are the best. */
const MAX_RATED_TOKENS = 10;

/** Of `chats` and, in a message, what limits a search: conditions, and the values that they name. */
interface Scope {
  readonly sql: string;
  readonly values: Readonly<Record<string, string | number>>;
}

function scopeOf({ chatId, folderId, tag, archived }: SearchFilters): Scope {
  const conditions = [
    ...(chatId === undefined ? [] : ['chats.id = @chatId']),
    ...(folderId === undefined
      ? []
      : ['chats.folder_id = @folderId AND @folderId IN (SELECT id FROM chat_folders WHERE deleted_at IS NULL)']),
    ...(tag === undefined ? [] : ['EXISTS (SELECT 1 FROM chat_tags WHERE chat_id = chats.id AND tag = @tag)']),
    ...(archived === undefined ? [] : ['chats.archived = @archived']),
  ];
  return {
    sql: ['chats.deleted_at IS NULL', ...conditions].join(' AND '),
    values: {
      ...(chatId !== undefined && { chatId }),
      ...(folderId !== undefined && { folderId }),
      ...(tag !== undefined && { tag }),
      ...(archived !== undefined && { archived: archived ? 1 : 0 }),
    },
  };
}

/**
 * Chats with all words of `query` in the title (the last word as a prefix), then messages with them in one text: at most 50 of each, the
 * best of the newest first. Any text is a valid query.
 */
export function searchChats(store: Store, query: string, filters: SearchFilters = {}): SearchHit[] {
  const terms = termsOf(query);
  const words = searchedWords(terms);
  if (words === null) return [];
  const scope = scopeOf(filters);
  const titles = findTitles(store, terms, scope);
  const found = findTexts(store, terms, scope, words.pattern, filters.chatId);
  const beginning = statement(store, 'SELECT substr(text, 1, ?) AS text FROM message_parts WHERE seq = ?');
  let left = MAX_READ_CHARS;
  const hits = found.map(({ seq, score: _score, archived, ...hit }) => {
    const { text } = beginning.get(Math.max(left, MIN_READ_CHARS), seq) as { text: string };
    left -= text.length;
    return { ...hit, archived: archived === 1, snippet: snippetOf(text, words) };
  });
  return [...titles, ...hits].map((hit) => ({ ...hit, at: readTime(hit.at) }));
}

/** The terms for the index of whole words. */
const wordMatch = (terms: readonly SearchTerm[]): string | null =>
  matchOf(terms, ({ isBeginning }, form) => quotedForIndex(form) + (isBeginning ? '*' : ''));

interface FoundTitle extends Omit<TitleHit, 'archived'> {
  readonly archived: number;
}

function findTitles(store: Store, terms: readonly SearchTerm[], { sql, values }: Scope): TitleHit[] {
  const columns = `'title' AS kind, chats.id AS chatId, chats.title AS chatTitle, chats.archived AS archived, chats.updated_at AS at`;
  const match = wordMatch(terms);
  const byWords = statement(
    store,
    `SELECT ${columns}, snippet(titles_fts, 0, @open, @close, '…', 16) AS snippet
     FROM titles_fts JOIN chats ON chats.seq = titles_fts.rowid
     WHERE titles_fts MATCH @match AND ${sql}
     ORDER BY rank, chats.updated_at DESC LIMIT @limit`,
  ).all({ ...values, match, open: HIT_OPEN, close: HIT_CLOSE, limit: MAX_HITS }) as FoundTitle[];
  const within = titlesWithin(store, terms, { sql, values }, columns);
  const seen = new Set<string>();
  return [...byWords, ...within]
    .filter(({ chatId }) => !seen.has(chatId) && seen.add(chatId))
    .slice(0, MAX_HITS)
    .map((hit) => ({ ...hit, archived: hit.archived === 1 }));
}

const unspacedLetter = new RegExp(UNSPACED, 'u');

/** Titles of scripts without spaces that have the terms anywhere. There are few titles beside texts, so that each is looked at. */
function titlesWithin(
  store: Store,
  terms: readonly SearchTerm[],
  { sql, values }: Scope,
  columns: string,
): FoundTitle[] {
  const named: Record<string, string> = {};
  const conditions = terms.map(({ text, isExcluded }, at) => {
    const forms = formsOf(text).map((form, which) => {
      named[`t${at}_${which}`] = form;
      return `instr(lower(chats.title), lower(@t${at}_${which})) > 0`;
    });
    return `${isExcluded ? 'NOT ' : ''}(${forms.join(' OR ')})`;
  });
  const words = searchedWords(terms);
  const found = statement(
    store,
    `SELECT ${columns}, '' AS snippet FROM chats WHERE length(chats.title) < octet_length(chats.title)
      AND ${conditions.join(' AND ')} AND ${sql} ORDER BY chats.updated_at DESC LIMIT @limit`,
  ).all({ ...values, ...named, limit: MAX_HITS }) as FoundTitle[];
  return found.flatMap((hit) =>
    words !== null && unspacedLetter.test(hit.chatTitle) ? [{ ...hit, snippet: snippetOf(hit.chatTitle, words) }] : [],
  );
}

interface FoundText extends Omit<MessageHit, 'snippet' | 'archived'> {
  readonly seq: number;
  readonly archived: number;
  /** Of the index; the best is the smallest. */
  readonly score: number;
}

/** The best of the newest texts with all terms, one of each message. */
function findTexts(
  store: Store,
  terms: readonly SearchTerm[],
  scope: Scope,
  pattern: RegExp,
  chatId: string | undefined,
): FoundText[] {
  const wanted = terms.filter(({ isExcluded }) => !isExcluded);
  const [only] = wanted;
  const found: FoundText[] = [];
  if (wanted.length === 1 && only?.isUnspaced === false && [...only.text].length === 1)
    found.push(...textsWithLetter(store, only.text, scope, pattern));
  else {
    const match = wordMatch(terms);
    const range = chatId === undefined ? undefined : textsOfChat(store, chatId);
    // Whole words: of a script without spaces they are sentences, which the other index has.
    if (match !== null && !wanted.some(({ isUnspaced }) => isUnspaced))
      found.push(...textsOfWords(store, terms, match, scope, range));
    const within = withinMatch(store, terms);
    if (within === 'everywhere') found.push(...textsWithLetter(store, only?.text ?? '', scope, pattern));
    else if (within !== null) found.push(...textsOfIndex(store, 'unspaced_fts', within, scope, range));
  }
  const seen = new Set<string>();
  return found
    .sort((a, b) => a.score - b.score || b.seq - a.seq)
    .filter(({ messageId }) => !seen.has(messageId) && seen.add(messageId))
    .slice(0, MAX_HITS);
}

/** The numbers of the first and the last text of a chat: an index leaves out all before and after them. */
function textsOfChat(store: Store, chatId: string): { from: number; to: number } {
  const [from, to] = statement(
    store,
    `SELECT min(message_parts.seq), max(message_parts.seq)
     FROM messages JOIN message_parts ON message_parts.message_seq = messages.seq WHERE messages.chat_id = ?`,
    'lists',
  ).get(chatId) as [number | null, number | null];
  return { from: from ?? 0, to: to ?? -1 };
}

const TEXT_COLUMNS = `'message' AS kind, messages.chat_id AS chatId, chats.title AS chatTitle, chats.archived AS archived,
  messages.id AS messageId, messages.role AS role, message_parts.seq AS seq, messages.created_at AS at`;
const TEXT_CHATS = `CROSS JOIN messages ON messages.seq = message_parts.message_seq
  CROSS JOIN chats ON chats.id = messages.chat_id`;

function textsOfIndex(
  store: Store,
  index: 'texts_fts' | 'unspaced_fts',
  { match, isRated }: { readonly match: string; readonly isRated: boolean },
  { sql, values }: Scope,
  range: { from: number; to: number } | undefined,
): FoundText[] {
  // No snippet() here: its time is the square of the hits in a text, and a pasted log has 60,000.
  return statement(
    store,
    `SELECT * FROM (
       SELECT ${TEXT_COLUMNS}, ${isRated ? `${index}.rank` : '0'} AS score
       FROM ${index} CROSS JOIN message_parts ON message_parts.seq = ${index}.rowid ${TEXT_CHATS}
       WHERE ${index} MATCH @match AND messages.deleted_at IS NULL AND ${sql} ${range ? `AND ${index}.rowid BETWEEN @from AND @to` : ''}
       ORDER BY ${index}.rowid DESC LIMIT @rated
     ) ORDER BY score, seq DESC LIMIT @limit`,
  ).all({ ...values, ...range, match, rated: MAX_RATED, limit: MAX_HITS * 2 }) as FoundText[];
}

/**
 * Texts with all words. One letter at the end, beside others, is a word of its own, and left out where nothing has it: as a beginning
 * it would join the lists of a tenth of all words, and with the next letter it is one.
 */
function textsOfWords(
  store: Store,
  terms: readonly SearchTerm[],
  match: string,
  scope: Scope,
  range: { from: number; to: number } | undefined,
): FoundText[] {
  const find = (wanted: string): FoundText[] =>
    textsOfIndex(store, 'texts_fts', { match: wanted, isRated: true }, scope, range);
  const last = terms.at(-1);
  const others = wordMatch(terms.slice(0, -1));
  if (last?.isBeginning !== true || [...last.text].length > 1 || others === null) return find(match);
  const found = find(wordMatch([...terms.slice(0, -1), { ...last, isBeginning: false }]) ?? match);
  return found.length > 0 ? found : find(others);
}

/**
 * The newest texts with one letter, at the beginning of a word where its script has spaces. The index of words would join the lists of a
 * tenth of all words for it; nearly every text has it, so that few are looked at.
 */
function textsWithLetter(store: Store, letter: string, { sql, values }: Scope, pattern: RegExp): FoundText[] {
  const rows = statement(
    store,
    `SELECT ${TEXT_COLUMNS}, 0 AS score, substr(message_parts.text, 1, @chars) AS text
     FROM message_parts ${TEXT_CHATS}
     WHERE message_parts.seq > (SELECT max(seq) FROM message_parts) - @newest AND message_parts.type = 'text' AND messages.deleted_at IS NULL AND ${sql}
       AND ${unspacedLetter.test(letter) ? 'instr(message_parts.text, @letter)' : 'instr(lower(message_parts.text), lower(@letter))'} > 0
     ORDER BY message_parts.seq DESC LIMIT @limit`,
  ).all({ ...values, letter, chars: MIN_READ_CHARS, newest: NEWEST, limit: MAX_HITS * 2 }) as (FoundText & {
    text: string;
  })[];
  return rows.flatMap(({ text, ...row }) => (text.search(pattern) < 0 ? [] : [row])).slice(0, MAX_HITS);
}

/** What the index of three letters is asked for; with `everywhere` its texts are looked through instead. */
type Match = { readonly match: string; readonly isRated: boolean } | 'everywhere';

/**
 * The terms for the index of three letters; `everywhere` for one letter that is in too many of its texts; null where a word is too short
 * for it. One or two letters are the tokens that begin with them.
 */
function withinMatch(store: Store, terms: readonly SearchTerm[]): Match | null {
  const wanted = terms.filter(({ isExcluded }) => !isExcluded);
  const isShort = ({ text }: SearchTerm): boolean => [...text.normalize('NFC')].length < 3;
  if (wanted.every(({ isUnspaced }) => !isUnspaced) && wanted.some(isShort)) return null;
  const tokens = statement(store, 'SELECT term FROM unspaced_tokens WHERE term >= ? AND term < ? LIMIT ?', 'values');
  let isEverywhere = false;
  let tokensOfAll = 0;
  const match = matchOf(terms, (term, form) => {
    if ([...form].length >= 3) return quotedForIndex(form);
    // A short word of letters such as "a" beside others narrows nothing down.
    if (!term.isUnspaced) return null;
    const small = form.toLowerCase();
    const found = tokens.all(small, `${small}\u{10ffff}`, MAX_TOKENS + 1) as string[];
    isEverywhere ||= found.length > MAX_TOKENS && wanted.length === 1;
    tokensOfAll += found.length;
    return found.slice(0, MAX_TOKENS).map(quotedForIndex).join(' OR ') || quotedForIndex(`${small}\n\n`);
  });
  return isEverywhere ? 'everywhere' : match === null ? null : { match, isRated: tokensOfAll <= MAX_RATED_TOKENS };
}
