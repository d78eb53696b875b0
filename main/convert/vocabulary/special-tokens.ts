/**
 * The tokens with a meaning (begin, end, padding, ...) and whether they are added around a text, as llama.cpp's converter takes them from
 * the post-processor, tokenizer_config.json and config.json (gguf-py, class SpecialVocab).
 */
import type { GgufEntry } from '../../model-file/gguf-entry.ts';
import { chatTemplateEntries } from './chat-templates.ts';
import { isFields, type Fields } from './json-fields.ts';
import { configField, type TokenizerSources } from './tokenizer-files.ts';
import type { Step } from './tokenizer-structure.ts';

/** Roles in the order in which they are looked up. */
const roles = ['bos', 'eos', 'unk', 'sep', 'pad', 'cls', 'mask', 'eot', 'eom'] as const;
type Role = (typeof roles)[number];
const configuredRoles = roles.slice(0, 7);

/** GGUF keys; the format has none for `cls`, and spells the separator as here. */
const idKeys: Readonly<Record<Role, string | null>> = {
  bos: 'bos_token_id',
  eos: 'eos_token_id',
  unk: 'unknown_token_id',
  sep: 'seperator_token_id',
  pad: 'padding_token_id',
  cls: null,
  mask: 'mask_token_id',
  eot: 'eot_token_id',
  eom: 'eom_token_id',
};
const addedRoles = ['bos', 'eos', 'sep'] as const;

interface Specials {
  /** The text of a role's token. */
  readonly texts: Map<Role, string>;
  /** Whether it is added to a text. */
  readonly added: Map<Role, boolean>;
}

/**
 * Ids of the special tokens, which of them are added, the normalizer's switches and the chat templates. Ids from `tokenCount` on are left out.
 */
export function specialEntries(sources: TokenizerSources, tokenCount: number): GgufEntry[] {
  const specials: Specials = { texts: configuredTexts(sources), added: new Map() };
  const { tokenizer, tokenizerConfig } = sources;
  if (tokenizer !== null) {
    // A BERT tokenizer names its first and last token by their role in a pair of texts.
    if (!specials.texts.has('bos')) copyText(specials, 'cls', 'bos');
    if (!specials.texts.has('eos')) copyText(specials, 'sep', 'eos');
    for (const step of tokenizer.postProcessors) readPostProcessor(specials, step);
  }
  for (const role of addedRoles) {
    const flag = tokenizerConfig?.[`add_${role}_token`];
    if (typeof flag === 'boolean' && !specials.added.has(role)) specials.added.set(role, flag);
  }
  return [
    ...idEntries(sources, specials, tokenCount),
    ...addedRoles.flatMap((role): GgufEntry[] => {
      const value = specials.added.get(role);
      return value === undefined ? [] : [{ key: `tokenizer.ggml.add_${role}_token`, type: 'bool', value }];
    }),
    ...(tokenizer?.normalizers ?? []).flatMap(normalizerEntries),
    ...chatTemplateEntries(sources),
  ];
}

/** The text of each role in tokenizer_config.json, or without that file in special_tokens_map.json. */
export function configuredTexts({ tokenizerConfig, specialTokensMap }: TokenizerSources): Map<Role, string> {
  const fields = tokenizerConfig ?? specialTokensMap ?? {};
  const texts = new Map<Role, string>();
  for (const role of configuredRoles) {
    const text = tokenText(fields[`${role}_token`]);
    if (text !== null && text !== '') texts.set(role, text);
  }
  return texts;
}

/** A token is written as its text or as an object with its `content`. */
export function tokenText(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return isFields(value) && typeof value['content'] === 'string' ? value['content'] : null;
}

function copyText({ texts }: Specials, from: Role, to: Role): void {
  const text = texts.get(from);
  if (text !== undefined) texts.set(to, text);
}

function readPostProcessor(specials: Specials, { type, fields }: Step): void {
  switch (type) {
    case 'ByteLevel':
      for (const role of ['bos', 'eos'] as const) if (!specials.added.has(role)) specials.added.set(role, false);
      return;
    case 'RobertaProcessing':
    case 'BertProcessing':
      for (const role of addedRoles) if (role !== 'sep' || type === 'RobertaProcessing') specials.added.set(role, true);
      for (const role of ['cls', 'sep'] as const) {
        const pair: unknown = fields[role];
        const text: unknown = Array.isArray(pair) ? pair[0] : null;
        if (typeof text === 'string' && !specials.texts.has(role)) specials.texts.set(role, text);
      }
      return;
    case 'TemplateProcessing':
      readTemplate(specials, fields);
      return;
    default:
  }
}

/** The first and the last piece of the template for one text, and what stands between two. */
function readTemplate(specials: Specials, fields: Fields): void {
  const { texts, added } = specials;
  const single = pieces(fields['single']);
  const first = single.length > 1 ? special(single[0]) : null;
  const last = single.length > 1 ? special(single.at(-1)) : null;
  if (first !== null) {
    if (!texts.has('bos')) texts.set('bos', first);
    if (!texts.has('cls') && texts.get('bos') !== first) texts.set('cls', first);
    added.set('bos', first === texts.get('bos') || first === texts.get('cls'));
  }
  if (last !== null) {
    const before = texts.get('eos');
    if (before !== undefined && before !== last) {
      const free = (['eot', 'eom'] as const).find((role) => !texts.has(role));
      if (free !== undefined) texts.set(free, before);
    }
    texts.set('eos', last);
    added.set('eos', true);
  }
  const separated = separatorAdded(specials, pieces(fields['pair']), first, last);
  if (separated === null) return;
  added.set('sep', separated);
  if (separated && !texts.has('sep')) copyText(specials, 'eos', 'sep');
}

/** Whether a separator of its own stands between two texts; null where the template for two says nothing about it. */
function separatorAdded(
  { texts }: Specials,
  pair: readonly unknown[],
  first: string | null,
  last: string | null,
): boolean | null {
  const start = first !== null && special(pair[0]) === first ? 1 : 0;
  const end = last !== null && special(pair.at(-1)) === last ? pair.length - 1 : pair.length;
  const inner = pair.slice(start, end);
  const between = inner.slice(1, -1);
  if (sequence(inner[0]) !== 'A' || sequence(inner.at(-1)) !== 'B' || between.length === 0) return null;
  const isSeparator = (piece: unknown): boolean => {
    const text = special(piece);
    return text !== null && (text === texts.get('sep') || text === texts.get('eos'));
  };
  return (isSeparator(between[0]) && last === null) || (between.length === 2 && isSeparator(between[1]));
}

function pieces(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

function special(piece: unknown): string | null {
  const part = isFields(piece) ? piece['SpecialToken'] : null;
  return isFields(part) && typeof part['id'] === 'string' ? part['id'] : null;
}

function sequence(piece: unknown): unknown {
  const part = isFields(piece) ? piece['Sequence'] : null;
  return isFields(part) ? part['id'] : null;
}

function idEntries(sources: TokenizerSources, { texts }: Specials, tokenCount: number): GgufEntry[] {
  const ids = new Map((sources.tokenizer?.addedTokens ?? []).toReversed().map(({ content, id }) => [content, id]));
  return roles.flatMap((role): GgufEntry[] => {
    const key = idKeys[role];
    const text = texts.get(role);
    const known = text === undefined ? undefined : ids.get(text);
    const id = known !== undefined && known < tokenCount ? known : configuredId(sources, role);
    if (key === null || id === null || id >= tokenCount) return [];
    return [{ key: `tokenizer.ggml.${key}`, type: 'uint32', value: id }];
  });
}

/** The id that config.json has for a role; of several the first. */
function configuredId({ model }: TokenizerSources, role: Role): number | null {
  const field = configField(model, `${role}_token_id`);
  const id: unknown = Array.isArray(field) ? field[0] : field;
  return typeof id === 'number' && Number.isSafeInteger(id) && id >= 0 ? id : null;
}

function normalizerEntries({ type, fields }: Step): GgufEntry[] {
  const entry = (name: string, value: unknown): GgufEntry[] =>
    typeof value === 'boolean' ? [{ key: `tokenizer.ggml.normalizer.${name}`, type: 'bool', value }] : [];
  switch (type) {
    case 'NFC':
      return entry('nfc', true);
    case 'Lowercase':
      return entry('lowercase', true);
    case 'StripAccents':
      return entry('strip_accents', true);
    case 'BertNormalizer':
      return [...entry('lowercase', fields['lowercase']), ...entry('strip_accents', fields['strip_accents'])];
    default:
      return [];
  }
}
