/** JSON schemas as grammars: every keyword of JSON Schema 2020-12 is held, or the schema is refused with the keyword's name. */
import { acceptsNothing, difference, wordsAutomaton } from './automata/automaton.ts';
import { automatonSequence, plainCharacters } from './automaton-rules.ts';
import { arraySequences } from './arrays.ts';
import {
  ARRAY,
  bothOf,
  equals,
  everything,
  FALSE,
  isNumber,
  kindOf,
  NULL,
  NUMBER,
  OBJECT,
  STRING,
  TRUE,
  type Branch,
} from './branch.ts';
import { createBudget, isRefusal, refusal, type Budget } from './budget.ts';
import { gap, sp, ws, type Context } from './context.ts';
import { numberAutomaton } from './numbers.ts';
import { objectSequence } from './objects.ts';
import { closed, namedProperties, propertySchemas } from './parts.ts';
import { createSchemaReader, type SchemaReader } from './read-schema.ts';
import { isList, isObject, readReferences, type Json, type Schema } from './references.ts';
import { createRuleBook, type Element, type RuleBook, type Sequence, type Whitespace } from './rules.ts';
import { withSharedStarts } from './shared-starts.ts';
import { createTexts, type Texts } from './texts.ts';
import { createValues, type Values } from './values.ts';

export { literalText } from './rules.ts';
export type { Json, Schema } from './references.ts';

/** Strings of one `enum` from which on they are written as an automaton. */
const MAX_PLAIN_CHOICES = 24;
/** Numbers of an `except` that part a range. */
const MAX_GAPS = 16;

export interface GrammarOptions {
  /** `line`: on one line, with a space after each comma and colon. Otherwise white space is free within limits, new lines too. */
  readonly whitespace?: Whitespace;
}

/**
 * The grammar in GBNF whose texts are JSON that satisfies `schema`, with `root` as its start.
 * @throws AppError `invalid_input` with the `keyword` that cannot be held and its `place`, a JSON pointer.
 */
export function schemaGrammar(schema: Schema, { whitespace = 'lines' }: GrammarOptions = {}): string {
  const budget = createBudget();
  const book = createRuleBook(whitespace);
  const references = readReferences(schema);
  const texts = createTexts(book, budget);
  const values = createValues((schemas) => reader.branchesOf(schemas), texts, budget);
  const reader: SchemaReader = createSchemaReader({
    references,
    budget,
    isEmpty: values.isEmpty,
    closed,
    toldApart: (branch, other) => toldApart(branch, other, values, texts),
  });
  const writer = createWriter({ book, budget, texts, values, reader });
  const root = writer.ruleOf([schema], 'root');
  writer.finish();
  const grammar = root && 'rule' in root ? book.print(root.rule) : null;
  if (grammar === null) throw refusal(writer.hasReferences() ? '$ref' : 'type', '', 'no value satisfies the schema');
  return grammar;
}

/**
 * The number that a text of JSON is in a schema, for reading that text: an int keeps its digits, and one with a point or an exponent is a
 * double, as for Python's validators.
 */
export function schemaNumber(source: string): number | bigint {
  const value = Number(source);
  if (Number.isSafeInteger(value) || /[.e]/i.test(source)) return value;
  return BigInt(source);
}

/** Whole numbers without an exponent, as the automata of numbers have them. */
const numberText = (value: number | bigint): string =>
  String(typeof value === 'bigint' || !Number.isInteger(value) ? value : BigInt(value));

/** The branch with a property that tells it from the other: both fix it, to different values. */
function toldApart(branch: Branch, other: Branch, values: Values, texts: Texts): Branch | null {
  if ((branch.kinds & other.kinds) !== OBJECT) return null;
  for (const name of namedProperties(branch)) {
    if (!other.objects.some(({ named }) => named.has(name))) continue;
    const mine = fixedValues(() => values.few(propertySchemas(branch, name, texts)));
    const others = mine && fixedValues(() => values.few(propertySchemas(other, name, texts)));
    if (!mine || !others || mine.length === 0) continue;
    const both = bothOf(branch, { ...everything, required: new Set([name]) });
    if (both && !mine.some((one) => others.some((value) => equals(one, value)))) return both;
  }
  return null;
}

/** Null also for a property that cannot be read yet, such as one with the schema that is being read. */
function fixedValues(read: () => readonly Json[] | null): readonly Json[] | null {
  try {
    return read();
  } catch (error) {
    if (isRefusal(error)) return null;
    throw error;
  }
}

interface Writer {
  ruleOf(schemas: readonly Schema[], hint: string): Element | null;
  /** Writes every rule that was asked for. */
  finish(): void;
  /** Whether a schema was reached twice. */
  hasReferences(): boolean;
}

interface WriterOptions {
  readonly book: RuleBook;
  readonly budget: Budget;
  readonly texts: Texts;
  readonly values: Values;
  readonly reader: SchemaReader;
}

function createWriter({ book, budget, texts, values, reader }: WriterOptions): Writer {
  const ids = new Map<Schema, number>();
  const rules = new Map<string, Element>();
  /** The rules of numbers with limits, which many parts of a schema share; null where no number is within them. */
  const numbers = new Map<string, Element | null>();
  const waiting: { readonly name: string; readonly schemas: readonly Schema[]; readonly hint: string }[] = [];
  let repeated = false;
  const context: Context = { book, budget, texts, values, branchesOf: reader.branchesOf, ruleOf, valueSequence };

  function ruleOf(schemas: readonly Schema[], hint: string): Element | null {
    const list = [...new Set(schemas.map(reader.followed))].filter((schema) => schema !== true);
    if (list.includes(false)) return null;
    if (list.length === 0 && hint !== 'root') return { rule: 'value' };
    const key = list
      .map((schema) => {
        const id = ids.get(schema) ?? ids.size;
        ids.set(schema, id);
        return id;
      })
      .sort((a, b) => a - b)
      .join();
    const found = rules.get(key);
    if (found) {
      repeated = true;
      return found;
    }
    const element = { rule: book.name(hint) };
    rules.set(key, element);
    waiting.push({ name: element.rule, schemas: list, hint });
    return element;
  }

  function finish(): void {
    for (let index = 0; index < waiting.length; index++) {
      const { name, schemas, hint } = waiting[index] ?? { name: '', schemas: [], hint: '' };
      const place = reader.references.placeOf(schemas[0] ?? true);
      budget.at('$schema', place);
      budget.spend(20);
      const branches = reader.branchesOf(schemas);
      const alternatives = new Map<string, Sequence>();
      for (const branch of branches)
        for (const sequence of sequencesOf(branch, hint)) alternatives.set(JSON.stringify(sequence), sequence);
      book.define(name, withSharedStarts([...alternatives.values()], hint, book));
    }
  }

  function sequencesOf(branch: Branch, hint: string): readonly Sequence[] {
    if (branch.values) {
      const fitting = values.fitting(branch);
      const words = fitting.filter((value) => typeof value === 'string');
      if (words.length <= MAX_PLAIN_CHOICES) return fitting.map(valueSequence);
      budget.at('enum', branch.place);
      const automaton = wordsAutomaton(words, budget);
      return [
        texts.written(automaton, hint, []),
        ...fitting.filter((value) => typeof value !== 'string').map(valueSequence),
      ];
    }
    const { kinds, except } = branch;
    const sequences: Sequence[] = [];
    for (const [kind, value] of [
      [NULL, null],
      [TRUE, true],
      [FALSE, false],
    ] as const)
      if ((kinds & kind) !== 0 && !except.includes(value)) sequences.push([{ literal: String(value) }]);
    if ((kinds & NUMBER) !== 0) sequences.push(...numberSequences(branch));
    if ((kinds & STRING) !== 0) {
      const text = texts.sequenceOf(branch, hint);
      if (text) sequences.push(text);
    }
    if (
      except.some(
        (value) =>
          (kindOf(value) & kinds & (ARRAY | OBJECT)) !== 0 && values.fitsBranch(value, { ...branch, except: [] }),
      )
    )
      throw refusal('not', branch.place, 'no grammar leaves out one array or object');
    if ((kinds & ARRAY) !== 0) sequences.push(...arraySequences(branch, hint, context));
    if ((kinds & OBJECT) !== 0) {
      const object = objectSequence(branch, hint, context);
      if (object) sequences.push(object);
    }
    return sequences;
  }

  function numberSequences(branch: Branch): readonly Sequence[] {
    const { integer, fractional, minimum, maximum, multiples } = branch;
    const gaps = branch.except.filter(isNumber).filter((value) => values.fitsBranch(value, { ...branch, except: [] }));
    if (gaps.length === 0 && !fractional && !minimum && !maximum && multiples.length === 0)
      return [[{ rule: integer ? 'integer' : 'number' }]];
    if (gaps.length > MAX_GAPS && !integer)
      throw refusal('enum', branch.place, `it leaves out more than ${MAX_GAPS} numbers`);
    const write = (part: Branch): readonly Sequence[] => {
      const bounds = [part.minimum, part.maximum].map(
        (bound) => bound && `${bound.value}${bound.exclusive ? ' out' : ''}`,
      );
      const key = JSON.stringify([
        integer ? 'integer' : 'number',
        ...bounds,
        fractional,
        multiples,
        integer ? gaps.map(numberText) : [],
      ]);
      const known = numbers.get(key);
      if (known !== undefined) return known ? [[known]] : [];
      let automaton = numberAutomaton(part, budget);
      if (integer && gaps.length > 0)
        automaton = difference(automaton, wordsAutomaton(gaps.map(numberText), budget), budget);
      const element = acceptsNothing(automaton) ? null : { rule: book.name(integer ? 'integer' : 'number') };
      numbers.set(key, element);
      if (!element) return [];
      book.define(element.rule, [
        automatonSequence(automaton, book, { hint: element.rule, end: [], write: plainCharacters }),
      ]);
      return [[element]];
    };
    if (integer) return write(branch);
    const parts = gaps.reduce<readonly Branch[]>(
      (list, gap) =>
        list.flatMap((part) => {
          const bound = { value: gap, exclusive: true };
          return [
            bothOf(part, { ...everything, kinds: NUMBER, maximum: bound }) ?? [],
            bothOf(part, { ...everything, kinds: NUMBER, minimum: bound }) ?? [],
          ].flat();
        }),
      [branch],
    );
    return parts.flatMap(write);
  }

  function valueSequence(value: Json): Sequence {
    if (isList(value)) {
      if (value.length === 0) return [{ literal: '[]' }];
      const items = value.flatMap((one, index) => [
        ...(index === 0 ? [] : [{ literal: ',' }, gap]),
        ...valueSequence(one),
      ]);
      return [{ literal: '[' }, ws, ...items, ws, { literal: ']' }];
    }
    if (!isObject(value)) return [{ literal: isNumber(value) ? numberText(value) : JSON.stringify(value) }];
    const entries = Object.entries(value);
    if (entries.length === 0) return [{ literal: '{}' }];
    const parts = entries.flatMap(([key, one], index) => [
      ...(index === 0 ? [] : [{ literal: ',' }, gap]),
      { literal: `${JSON.stringify(key)}:` },
      sp,
      ...valueSequence(one),
    ]);
    return [{ literal: '{' }, ws, ...parts, ws, { literal: '}' }];
  }

  return { ruleOf, finish, hasReferences: () => repeated };
}
