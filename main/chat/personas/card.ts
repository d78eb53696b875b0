/**
 * Character cards: JSON of versions 1 to 3, the same within a PNG (`chara`, `ccv3`), and CHARX. The facts are those of the Character Card
 * specifications V2 (malfoyslastname) and V3 (kwaroran). Anyone may have written a card: fields of another type are as if they were absent.
 */
import { samplingOverridesSchema } from '../../../preload/contract/chat.ts';
import { MAX_GREETINGS, MAX_PERSONA_TEXT } from '../../../preload/contract/persona-limits.ts';
import type { LorebookDefinition, Persona, PersonaDefinition } from '../../../preload/contract/personas.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import { parseBoundedJson } from '../../base/bounded-json.ts';
import { isZip, openCharx } from './charx.ts';
import { fieldsOf, textField, textsField, type Fields, type ImportNotes } from './foreign-fields.ts';
import { cardBook, readLorebook } from './lorebook-files.ts';
import { isPng, readChunks, textChunk, textsOf, writeChunks, type PngChunk } from './png.ts';

export interface ReadCard {
  readonly definition: PersonaDefinition;
  readonly lorebook: LorebookDefinition | null;
  /** A picture that is part of the card, in any form. */
  readonly picture: Buffer | null;
}

/** Objects and lists of a card; the largest published lorebooks have some thousands. */
const MOST_CONTAINERS = 200_000;

/** @throws AppError `invalid_input` with the reasons card_*. */
export function readCard(bytes: Buffer, notes: ImportNotes): ReadCard {
  if (isPng(bytes)) {
    const texts = textsOf(readChunks(bytes), ['ccv3', 'chara']);
    const text = texts.get('ccv3') ?? texts.get('chara');
    if (!text)
      throw new AppError('invalid_input', 'There is no character in this picture.', { reason: 'card_no_card' });
    return { ...fromJson(Buffer.from(text.toString('latin1'), 'base64'), notes), picture: bytes };
  }
  if (isZip(bytes)) {
    const fileOf = openCharx(bytes);
    const json = fileOf('card.json');
    if (!json)
      throw new AppError('invalid_input', 'There is no character in this archive.', { reason: 'card_no_card' });
    const read = fromJson(json, notes);
    return { ...read, picture: pictureIn(parse(json), fileOf) };
  }
  return { ...fromJson(bytes, notes), picture: null };
}

/** The main picture of a CHARX, which its card names as `embeded://PATH`. */
function pictureIn(card: Fields, fileOf: (name: string) => Buffer | null): Buffer | null {
  const assets = fieldsOf(card['data'])?.['assets'];
  const icons = (Array.isArray(assets) ? assets : []).map(fieldsOf).filter((one) => one?.['type'] === 'icon');
  const uri = (icons.find((one) => one?.['name'] === 'main') ?? icons[0])?.['uri'];
  return typeof uri === 'string' && /^embedd?ed:\/\//.test(uri) ? fileOf(uri.replace(/^embedd?ed:\/\//, '')) : null;
}

function parse(json: Buffer): Fields {
  const card = fieldsOf(parseBoundedJson(json.toString('utf8').replace(/^\uFEFF/, ''), MOST_CONTAINERS));
  if (!card) throw new AppError('invalid_input', 'This is no character card.', { reason: 'card_not_card' });
  return card;
}

function fromJson(json: Buffer, notes: ImportNotes): Omit<ReadCard, 'picture'> {
  const card = parse(json);
  // Version 1 has its fields at the top.
  const data = fieldsOf(card['data']) ?? card;
  const isCard = ['first_mes', 'description', 'personality', 'system_prompt', 'mes_example', 'scenario'].some(
    (key) => typeof data[key] === 'string',
  );
  if (!isCard) throw new AppError('invalid_input', 'This is no character card.', { reason: 'card_not_card' });
  const name = textField(data['name'], 200, notes).trim();
  if (name === '') throw new AppError('invalid_input', 'This card has no name.', { reason: 'card_no_name' });
  const text = (key: string): string => textField(data[key], MAX_PERSONA_TEXT, notes);
  const first = text('first_mes');
  const others = textsField(data['alternate_greetings'], MAX_PERSONA_TEXT, MAX_GREETINGS - 1, notes);
  const groupGreetings = textsField(data['group_only_greetings'], MAX_PERSONA_TEXT, MAX_GREETINGS, notes);
  notes.add('group_greetings', groupGreetings.length);
  const assets: unknown[] = Array.isArray(data['assets']) ? data['assets'] : [];
  notes.add('assets', assets.filter((one) => fieldsOf(one)?.['type'] !== 'icon').length);
  const book = data['character_book'];
  const extensions = fieldsOf(data['extensions']) ?? {};
  return {
    definition: {
      name,
      systemPrompt: text('system_prompt'),
      description: text('description'),
      personality: text('personality'),
      scenario: text('scenario'),
      exampleDialogue: text('mes_example'),
      lastInstructions: text('post_history_instructions'),
      greetings: [...new Set([...(first.trim() === '' ? [] : [first]), ...others])],
      modelId: null,
      sampling: samplingOverridesSchema.safeParse(fieldsOf(extensions['hearth'])?.['sampling']).data ?? null,
      lorebookIds: [],
      card: {
        nickname: textField(data['nickname'], 200, notes),
        creator: textField(data['creator'], 1000, notes),
        creatorNotes: text('creator_notes'),
        version: textField(data['character_version'], 200, notes),
        tags: textsField(data['tags'], 200, 200, notes),
        extensions: keptExtensions(extensions, notes),
      },
    },
    lorebook: book === undefined || book === null ? null : readLorebook(book, name, notes),
  };
}

const MAX_EXTENSIONS = 500_000;
/** An export writes one line for each level, with as many spaces before it. */
const MOST_LEVELS = 50;

/** JSON of what other programs keep in a card; none where it is too long or nested too deeply. */
function keptExtensions(extensions: Fields, notes: ImportNotes): string {
  const { hearth: _own, ...others } = extensions;
  if (Object.keys(others).length === 0) return '';
  const text = isDeeper(others, MOST_LEVELS) ? '' : JSON.stringify(others);
  if (text !== '' && text.length <= MAX_EXTENSIONS) return text;
  notes.add('extensions');
  return '';
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}

/** The persona as a card of version 3. Several lorebooks become one. */
function cardOf(persona: Persona, lorebooks: readonly LorebookDefinition[]): Fields {
  const { card } = persona;
  const [first, ...others] = lorebooks;
  const book = first && { ...first, entries: [...first.entries, ...others.flatMap(({ entries }) => entries)] };
  return {
    name: persona.name,
    description: persona.description,
    personality: persona.personality,
    scenario: persona.scenario,
    first_mes: persona.greetings[0] ?? '',
    mes_example: persona.exampleDialogue,
    creator_notes: card.creatorNotes,
    system_prompt: persona.systemPrompt,
    post_history_instructions: persona.lastInstructions,
    alternate_greetings: persona.greetings.slice(1),
    ...(book && { character_book: cardBook(book) }),
    tags: card.tags,
    creator: card.creator,
    character_version: card.version,
    ...(card.nickname !== '' && { nickname: card.nickname }),
    group_only_greetings: [],
    extensions: {
      ...(fieldsOf(parseBoundedJson(card.extensions === '' ? '{}' : card.extensions)) ?? {}),
      ...(persona.sampling !== null && { hearth: { sampling: persona.sampling } }),
    },
  };
}

/** The JSON of a card, version 3. */
export function writeCardJson(persona: Persona, lorebooks: readonly LorebookDefinition[]): string {
  const data = cardOf(persona, lorebooks);
  return `${JSON.stringify({ spec: 'chara_card_v3', spec_version: '3.0', data }, null, 2)}\n`;
}

/** The picture with the card inside: of version 3, and of version 2 for older programs. */
export function writeCardPng(
  persona: Persona,
  lorebooks: readonly LorebookDefinition[],
  picture: readonly PngChunk[],
): Buffer {
  const data = cardOf(persona, lorebooks);
  const inside = (card: Fields): string => Buffer.from(JSON.stringify(card)).toString('base64');
  const texts = [
    textChunk('chara', inside({ spec: 'chara_card_v2', spec_version: '2.0', data })),
    textChunk('ccv3', inside({ spec: 'chara_card_v3', spec_version: '3.0', data })),
  ];
  // Before the pixels, where readers look first.
  const end = picture.findIndex(({ type }) => type === 'IDAT');
  return writeChunks([...picture.slice(0, end), ...texts, ...picture.slice(end)]);
}
