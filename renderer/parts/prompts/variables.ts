/**
 * Variables of a prompt: `{{topic}}`, `{{language|English}}` with a default, `{{tone|friendly,formal}}` with choices, and Open WebUI's form
 * with a type and properties, `{{priority | select:options=["High","Low"]:default="Low":required}}`. What cannot be read as one stays text.
 */

/** The control that asks for a value. The other types of Open WebUI are asked for as text. */
export type VariableKind =
  'text' | 'textarea' | 'select' | 'number' | 'checkbox' | 'date' | 'datetime-local' | 'time' | 'month' | 'clipboard';

export interface PromptVariable {
  readonly name: string;
  readonly kind: VariableKind;
  /** Of `select`. */
  readonly choices: readonly string[];
  /** The value to begin with. */
  readonly value: string;
  readonly placeholder: string;
  readonly required: boolean;
}

type Filled = 'date' | 'time' | 'datetime' | 'weekday' | 'timezone' | 'language';

type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'filled'; readonly name: Filled };

export interface ParsedPrompt {
  readonly pieces: readonly Piece[];
  /** What is asked for, each once, in the order of the text. */
  readonly variables: readonly PromptVariable[];
  /** What is filled in without asking, as it is written. */
  readonly filled: readonly string[];
  /** What stands between double braces and cannot be read as a variable. */
  readonly unreadable: readonly string[];
}

/** Without line breaks and braces inside, so that code with double braces is rarely taken for a variable. */
const inBraces = /\{\{([^{}\n]{1,2000})\}\}/g;
const variableName = /^[\p{L}_][\p{L}\p{N}\p{M}_ .-]{0,59}$/u;
/** More are a form that nobody fills in; the rest stays text. */
const MAX_VARIABLES = 50;
const MAX_CHOICES = 100;

/** In lower case; the names on the left and Open WebUI's on the right mean the same. */
const filledNames: Readonly<Record<string, Filled>> = {
  date: 'date',
  current_date: 'date',
  time: 'time',
  current_time: 'time',
  datetime: 'datetime',
  current_datetime: 'datetime',
  weekday: 'weekday',
  current_weekday: 'weekday',
  timezone: 'timezone',
  current_timezone: 'timezone',
  user_language: 'language',
};

/** By the types of Open WebUI. */
const kinds: ReadonlyMap<string, VariableKind> = new Map<string, VariableKind>([
  ...(['text', 'textarea', 'select', 'number', 'checkbox', 'date', 'datetime-local', 'time', 'month'] as const).map(
    (kind) => [kind, kind] as const,
  ),
  ['range', 'number'],
  ...['color', 'email', 'tel', 'url', 'map'].map((type) => [type, 'text'] as const),
]);

/** The pieces and variables of a prompt's text. */
export function parsePrompt(text: string): ParsedPrompt {
  const pieces: Piece[] = [];
  const variables = new Map<string, PromptVariable>();
  const described = new Set<string>();
  const filled = new Set<string>();
  const unreadable = new Set<string>();
  let end = 0;
  for (const match of text.matchAll(inBraces)) {
    const read = readVariable(match[1] ?? '');
    const known = read !== null && typeof read !== 'string' && variables.has(read.variable.name);
    if (read === null || (typeof read !== 'string' && !known && variables.size >= MAX_VARIABLES)) {
      unreadable.add(match[0]);
      continue;
    }
    if (match.index > end) pieces.push({ kind: 'text', text: text.slice(end, match.index) });
    end = match.index + match[0].length;
    if (typeof read === 'string') {
      filled.add(match[0]);
      pieces.push({ kind: 'filled', name: read });
      continue;
    }
    const { variable, isDescribed } = read;
    // Named again it is the same one; its first description counts.
    if (!known || (isDescribed && !described.has(variable.name))) variables.set(variable.name, variable);
    if (isDescribed) described.add(variable.name);
    pieces.push({ kind: 'variable', name: variable.name });
  }
  if (end < text.length) pieces.push({ kind: 'text', text: text.slice(end) });
  return { pieces, variables: [...variables.values()], filled: [...filled], unreadable: [...unreadable] };
}

function readVariable(inside: string): Filled | { variable: PromptVariable; isDescribed: boolean } | null {
  const bar = inside.indexOf('|');
  const name = (bar < 0 ? inside : inside.slice(0, bar)).trim();
  if (!variableName.test(name)) return null;
  const description = bar < 0 ? '' : inside.slice(bar + 1).trim();
  const lower = name.toLowerCase();
  if (description === '') {
    const known = Object.hasOwn(filledNames, lower) ? filledNames[lower] : undefined;
    if (known) return known;
  }
  const plain: PromptVariable = { name, kind: 'text', choices: [], value: '', placeholder: '', required: false };
  if (description === '')
    return { variable: lower === 'clipboard' ? { ...plain, kind: 'clipboard' } : plain, isDescribed: false };
  const typed = /^([a-z-]+)(?=:|$)/.exec(description)?.[1];
  const kind = typed === undefined ? undefined : kinds.get(typed);
  if (typed !== undefined && kind !== undefined)
    return { variable: typedVariable(plain, kind, readProperties(description.slice(typed.length))), isDescribed: true };
  const choices = choicesOf(description.split(','));
  if (description.includes(',') && choices.length > 1)
    return { variable: { ...plain, kind: 'select', choices, value: choices[0] ?? '' }, isDescribed: true };
  return { variable: { ...plain, value: description.replace(/^"(.*)"$/, '$1') }, isDescribed: true };
}

const choicesOf = (texts: readonly string[]): string[] =>
  [...new Set(texts.map((text) => text.trim()).filter((text) => text !== ''))].slice(0, MAX_CHOICES);

type Properties = ReadonlyMap<string, unknown>;

/** `:key=value` and `:flag`, one after the other; a value is a text in quotes, a JSON list, or what stands before the next colon. */
function readProperties(text: string): Properties {
  const found = new Map<string, unknown>();
  for (const [, key = '', value] of text.matchAll(/:\s*([a-z]+)\s*(?:=\s*("(?:[^"\\]|\\.)*"|\[[^\]]*\]|[^:]*))?/g))
    found.set(key, value === undefined ? true : valueOf(value.trim()));
  return found;
}

function valueOf(value: string): unknown {
  if (!/^["[]/.test(value)) return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value.replace(/^["[]|["\]]$/g, '');
  }
}

function typedVariable(plain: PromptVariable, kind: VariableKind, properties: Properties): PromptVariable {
  const text = (key: string): string => {
    const value = properties.get(key);
    return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  };
  const listed = properties.get('options');
  const choices = kind === 'select' && Array.isArray(listed) ? choicesOf(listed.map(String)) : [];
  const given = text('default');
  const variable = { ...plain, kind, choices, placeholder: text('placeholder'), required: properties.has('required') };
  switch (kind) {
    case 'select':
      // Without choices there is nothing to select from.
      if (choices.length === 0) return { ...variable, kind: 'text', value: given };
      return { ...variable, value: choices.includes(given) ? given : (choices[0] ?? '') };
    case 'checkbox':
      return { ...variable, value: given === 'true' || properties.get('default') === true ? 'true' : 'false' };
    case 'text':
    case 'textarea':
    case 'number':
    case 'date':
    case 'datetime-local':
    case 'time':
    case 'month':
    case 'clipboard':
      return { ...variable, value: given };
    default:
      return kind satisfies never;
  }
}

/** What is wrong with a value. */
export function problemOf({ kind, required }: PromptVariable, value: string): 'required' | 'number' | null {
  if (required && value.trim() === '') return 'required';
  return kind === 'number' && value.trim() !== '' && !Number.isFinite(Number(value)) ? 'number' : null;
}

/** The prompt with these values. What is filled in without asking is told in the form of `locale`, as of `now`. */
export function filledPrompt(
  { pieces }: ParsedPrompt,
  values: ReadonlyMap<string, string>,
  { now, locale }: { readonly now: Date; readonly locale: string },
): string {
  return pieces
    .map((piece) => {
      switch (piece.kind) {
        case 'text':
          return piece.text;
        case 'variable':
          return values.get(piece.name) ?? '';
        case 'filled':
          return filledValue(piece.name, now, locale);
        default:
          return piece satisfies never;
      }
    })
    .join('');
}

function filledValue(name: Filled, now: Date, locale: string): string {
  const form = (options: Intl.DateTimeFormatOptions): string => new Intl.DateTimeFormat(locale, options).format(now);
  switch (name) {
    case 'date':
      return form({ dateStyle: 'long' });
    case 'time':
      return form({ timeStyle: 'short' });
    case 'datetime':
      return form({ dateStyle: 'long', timeStyle: 'short' });
    case 'weekday':
      return form({ weekday: 'long' });
    case 'timezone':
      return new Intl.DateTimeFormat(locale).resolvedOptions().timeZone;
    case 'language':
      return new Intl.DisplayNames([locale], { type: 'language' }).of(locale) ?? locale;
    default:
      return name satisfies never;
  }
}
