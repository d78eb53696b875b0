/**
 * Lorebooks of other programs: `character_book` of cards of version 2 and 3, the lorebook file of version 3, and SillyTavern's World Info.
 * What Hearth tells elsewhere than they say, or does not do, is counted in the notes.
 */
import {
  MAX_KEYS,
  MAX_LORE_ENTRIES,
  MAX_LORE_KEYS,
  MAX_PERSONA_TEXT,
} from '../../../preload/contract/persona-limits.ts';
import type { LorebookDefinition, LoreEntry } from '../../../preload/contract/personas.ts';
import {
  fieldsOf,
  integerField,
  switchField,
  textField,
  textsField,
  type Fields,
  type ImportNotes,
} from './foreign-fields.ts';

/** What a lorebook begins with. SillyTavern looks at two messages; cards that say nothing were written for such programs. */
const DEFAULTS = { scanDepth: 4, tokenBudget: 2000, order: 100 } as const;
const MOST = 1_000_000;

/** The lorebook of a file, or of a card; null where it is none. */
export function readLorebook(value: unknown, name: string, notes: ImportNotes): LorebookDefinition | null {
  const outer = fieldsOf(value);
  const book = outer?.['spec'] === 'lorebook_v3' ? fieldsOf(outer['data']) : outer;
  if (!book) return null;
  const { entries } = book;
  const isList = Array.isArray(entries);
  const listed: unknown[] | null = isList ? entries : entriesOf(entries);
  if (!listed) return null;
  if (listed.length > MAX_LORE_ENTRIES) notes.add('broken_entries', listed.length - MAX_LORE_ENTRIES);
  let keysLeft = MAX_LORE_KEYS;
  const read = listed.slice(0, MAX_LORE_ENTRIES).flatMap((one): LoreEntry[] => {
    const fields = fieldsOf(one);
    const entry = fields && (isList ? cardEntry(fields, notes) : worldEntry(fields, notes));
    keysLeft -= entry ? entry.keys.length + entry.secondaryKeys.length : 0;
    if (entry && keysLeft >= 0) return [entry];
    notes.add('broken_entries');
    return [];
  });
  return {
    name: textField(book['name'], 200, notes).trim() || name.trim().slice(0, 200) || 'Lorebook',
    description: textField(book['description'], 20_000, notes),
    everywhere: false,
    scanDepth: integerField(book['scan_depth'] ?? book['scanDepth'], 0, 1000, DEFAULTS.scanDepth),
    tokenBudget: integerField(book['token_budget'] ?? book['tokenBudget'], 0, MOST, DEFAULTS.tokenBudget),
    recursive: switchField(book['recursive_scanning'] ?? book['recursiveScanning']) ?? false,
    matchCase: switchField(book['caseSensitive']) ?? false,
    wholeWords: switchField(book['matchWholeWords']) ?? true,
    entries: read,
  };
}

/** SillyTavern has its entries by number. */
function entriesOf(value: unknown): unknown[] | null {
  const fields = fieldsOf(value);
  return fields && Object.values(fields);
}

/** An entry as cards have it. Null where it has no text at all. */
function cardEntry(fields: Fields, notes: ImportNotes): LoreEntry | null {
  if (typeof fields['content'] !== 'string') return null;
  const extensions = fieldsOf(fields['extensions']) ?? {};
  const decorated = withoutDecorators(fields['content']);
  if (decorated.unknown > 0) notes.add('decorators', decorated.unknown);
  const place = fields['position'] ?? extensions['position'];
  if (place === 4) notes.add('at_depth');
  const isRegex = fields['use_regex'] === true;
  const title = textField(fields['comment'], 500, notes) || textField(fields['name'], 500, notes);
  return {
    title,
    enabled: (switchField(fields['enabled']) ?? true) && !decorated.never,
    keys: keysOf(fields['keys'], isRegex, notes),
    // Without `selective` the secondary keys of a card have no meaning.
    secondaryKeys: fields['selective'] === true ? keysOf(fields['secondary_keys'], isRegex, notes) : [],
    text: textField(decorated.text, MAX_PERSONA_TEXT, notes),
    constant: (switchField(fields['constant']) ?? false) || decorated.always,
    order: integerField(fields['insertion_order'], -MOST, MOST, DEFAULTS.order),
    priority: integerField(fields['priority'], -MOST, MOST, 0),
    place: place === 'before_char' || place === 0 ? 'before' : 'after',
    matchCase: switchField(fields['case_sensitive'] ?? extensions['case_sensitive']),
    wholeWords: switchField(extensions['match_whole_words']),
    scanDepth: depthOf(decorated.scanDepth ?? extensions['scan_depth']),
  };
}

/** An entry as SillyTavern has it in a file of its own. */
function worldEntry(fields: Fields, notes: ImportNotes): LoreEntry | null {
  if (typeof fields['content'] !== 'string') return null;
  const secondaryKeys = fields['selective'] === false ? [] : keysOf(fields['keysecondary'], false, notes);
  // 0: one of them. The others are "not all", "none" and "all".
  const isOtherLogic = secondaryKeys.length > 0 && integerField(fields['selectiveLogic'], 0, 3, 0) !== 0;
  if (isOtherLogic) notes.add('logic');
  if (fields['useProbability'] !== false && integerField(fields['probability'], 0, 100, 100) < 100)
    notes.add('chances');
  const place = integerField(fields['position'], 0, 100, 1);
  // 2 and more: around the author's note, at a depth, around examples.
  if (place >= 2) notes.add('at_depth');
  return {
    title: textField(fields['comment'], 500, notes),
    enabled: fields['disable'] !== true && !isOtherLogic,
    keys: keysOf(fields['key'], false, notes),
    secondaryKeys,
    text: textField(fields['content'], MAX_PERSONA_TEXT, notes),
    constant: switchField(fields['constant']) ?? false,
    order: integerField(fields['order'], -MOST, MOST, DEFAULTS.order),
    priority: 0,
    place: place === 0 ? 'before' : 'after',
    matchCase: switchField(fields['caseSensitive']),
    wholeWords: switchField(fields['matchWholeWords']),
    scanDepth: depthOf(fields['scanDepth']),
  };
}

const depthOf = (value: unknown): number | null => (typeof value === 'number' ? integerField(value, 0, 1000, 0) : null);

/** The keywords that are plain texts. A regular expression of a stranger may run for ever. */
function keysOf(value: unknown, isRegex: boolean, notes: ImportNotes): string[] {
  const keys = textsField(value, 500, MAX_KEYS, notes);
  const plain = keys.filter((key) => !isRegex && !/^\/.+\/[a-z]*$/s.test(key));
  notes.add('regex_keys', keys.length - plain.length);
  return plain;
}

interface Decorated {
  readonly text: string;
  readonly always: boolean;
  readonly never: boolean;
  readonly scanDepth: number | undefined;
  /** Decorators that are not heeded. */
  readonly unknown: number;
}

/** Lines of a text of version 3 that begin with `@@` say how it is told. */
function withoutDecorators(content: string): Decorated {
  const lines = content.split('\n');
  const end = lines.findIndex((line) => !line.startsWith('@@'));
  const decorators = (end < 0 ? lines : lines.slice(0, end)).map((line) => line.replace(/^@+/, '').trim());
  const has = (name: string): boolean => decorators.includes(name);
  const depth = decorators.find((one) => /^scan_depth \d{1,4}$/.test(one));
  const known = decorators.filter((one) => one === depth || one === 'activate' || one === 'dont_activate');
  return {
    text: lines.slice(decorators.length).join('\n'),
    always: has('activate'),
    never: has('dont_activate'),
    scanDepth: depth === undefined ? undefined : Number(depth.split(' ')[1]),
    unknown: decorators.length - known.length,
  };
}

/** The `character_book` of a card. */
export function cardBook(book: LorebookDefinition): Fields {
  return {
    name: book.name,
    description: book.description,
    scan_depth: book.scanDepth,
    token_budget: book.tokenBudget,
    recursive_scanning: book.recursive,
    extensions: {},
    entries: book.entries.map((entry, index) => ({
      id: index,
      name: entry.title,
      comment: entry.title,
      keys: entry.keys,
      secondary_keys: entry.secondaryKeys,
      selective: entry.secondaryKeys.length > 0,
      content: entry.text,
      enabled: entry.enabled,
      constant: entry.constant,
      insertion_order: entry.order,
      priority: entry.priority,
      position: entry.place === 'before' ? 'before_char' : 'after_char',
      use_regex: false,
      case_sensitive: entry.matchCase ?? book.matchCase,
      extensions: {
        match_whole_words: entry.wholeWords ?? book.wholeWords,
        ...(entry.scanDepth !== null && { scan_depth: entry.scanDepth }),
      },
    })),
  };
}

/** A lorebook as SillyTavern imports it. */
export function worldInfo(book: LorebookDefinition): Fields {
  return {
    name: book.name,
    description: book.description,
    scanDepth: book.scanDepth,
    tokenBudget: book.tokenBudget,
    recursiveScanning: book.recursive,
    caseSensitive: book.matchCase,
    matchWholeWords: book.wholeWords,
    entries: Object.fromEntries(
      book.entries.map((entry, index) => [
        String(index),
        {
          uid: index,
          key: entry.keys,
          keysecondary: entry.secondaryKeys,
          comment: entry.title,
          content: entry.text,
          constant: entry.constant,
          selective: entry.secondaryKeys.length > 0,
          selectiveLogic: 0,
          order: entry.order,
          position: entry.place === 'before' ? 0 : 1,
          disable: !entry.enabled,
          probability: 100,
          useProbability: true,
          caseSensitive: entry.matchCase,
          matchWholeWords: entry.wholeWords,
          scanDepth: entry.scanDepth,
        },
      ]),
    ),
  };
}
