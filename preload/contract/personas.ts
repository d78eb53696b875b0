/**
 * Personas (who a model speaks as), presets of sampling, the defaults of models, and lorebooks (texts that are told to a model when their
 * keywords are said).
 */
import { z } from 'zod';
import { samplingOverridesSchema, type SamplingOverrides } from './chat.ts';
import type { InForce } from './in-force.ts';
import { modelIdSchema } from './model.ts';
import {
  MAX_CARD_BYTES,
  MAX_GREETINGS,
  MAX_KEYS,
  MAX_LORE_ENTRIES,
  MAX_LORE_KEYS,
  MAX_PERSONA_TEXT,
  MAX_PICTURE_BYTES,
} from './persona-limits.ts';
import { call, stream } from '../wire/rpc.ts';

const id = z.string().regex(/^[a-z0-9-]{1,64}$/, 'expected an id');
const nameSchema = z.string().trim().min(1).max(200);

const text = z.string().max(MAX_PERSONA_TEXT);
const base64 = (maxBytes: number) =>
  z
    .string()
    .max(Math.ceil(maxBytes / 3) * 4)
    .regex(/^[A-Za-z0-9+/]*={0,2}$/, 'expected base64');

/** What a character card has beside what a reply is written from. Kept, so that an export has it again. */
const cardFactsSchema = z.strictObject({
  /** In place of the name where the model is told it. */
  nickname: z.string().max(200),
  creator: z.string().max(1000),
  creatorNotes: text,
  version: z.string().max(200),
  tags: z.array(z.string().max(200)).max(200),
  /** JSON of what other programs keep in a card. */
  extensions: z.string().max(500_000),
});

export const personaDefinitionSchema = z.strictObject({
  name: nameSchema,
  systemPrompt: text,
  description: text,
  personality: text,
  scenario: text,
  exampleDialogue: text,
  /** Told to the model below the user's last message. */
  lastInstructions: text,
  /** The opening message and its alternatives. */
  greetings: z.array(text.min(1)).max(MAX_GREETINGS),
  /** The model of a new chat. Null: the one that wrote last. */
  modelId: modelIdSchema.nullable(),
  sampling: samplingOverridesSchema.nullable(),
  lorebookIds: z.array(id).max(50),
  card: cardFactsSchema,
});
export type PersonaDefinition = z.infer<typeof personaDefinitionSchema>;

/** A picture: always a PNG. */
export interface Picture {
  readonly sha256: string;
  readonly width: number;
  readonly height: number;
}

export interface Persona extends PersonaDefinition {
  readonly id: string;
  readonly picture: Picture | null;
  readonly changedAt: number;
}

/** A persona without its long texts. */
export interface PersonaSummary extends Pick<
  Persona,
  'id' | 'name' | 'modelId' | 'sampling' | 'picture' | 'changedAt'
> {
  /** The beginning of its description or of its system prompt. */
  readonly about: string;
  readonly greetings: number;
  readonly lorebooks: number;
}

export const presetSchema = z.strictObject({ name: nameSchema, sampling: samplingOverridesSchema });
export interface SamplingPreset {
  readonly id: string;
  readonly name: string;
  readonly sampling: SamplingOverrides;
  /** It comes with the app: it cannot be renamed or deleted, and the page knows its name by its id. */
  readonly builtIn: boolean;
}

export const modelDefaultsSchema = z.strictObject({
  modelId: modelIdSchema,
  systemPrompt: text,
  sampling: samplingOverridesSchema.nullable(),
});
/** What a chat with this model begins with, unless it or its persona says otherwise. */
export type ModelDefaults = z.infer<typeof modelDefaultsSchema>;

const keysSchema = z.array(z.string().min(1).max(500)).max(MAX_KEYS);

const loreEntrySchema = z.strictObject({
  /** For people. */
  title: z.string().max(500),
  enabled: z.boolean(),
  /** The entry is told when one of these is said. */
  keys: keysSchema,
  /** Where there are some, one of these must be said as well. */
  secondaryKeys: keysSchema,
  text: text,
  /** Told always. */
  constant: z.boolean(),
  /** Entries are told from the smallest order to the largest. */
  order: z.int().min(-1_000_000).max(1_000_000),
  /** Where the budget ends, entries with a smaller priority are left out first. */
  priority: z.int().min(-1_000_000).max(1_000_000),
  /** Before or after the description of the persona. */
  place: z.enum(['before', 'after']),
  /** Null: as the lorebook says. */
  matchCase: z.boolean().nullable(),
  wholeWords: z.boolean().nullable(),
  scanDepth: z.int().min(0).max(1000).nullable(),
});
export type LoreEntry = z.infer<typeof loreEntrySchema>;

export const lorebookDefinitionSchema = z
  .strictObject({
    name: nameSchema,
    description: z.string().max(20_000),
    /** Used in every chat, and not only in those of personas that have it. */
    everywhere: z.boolean(),
    /** Number of last messages in which keywords are looked for. */
    scanDepth: z.int().min(0).max(1000),
    tokenBudget: z.int().min(0).max(1_000_000),
    /** Keywords are looked for in the texts of entries as well. */
    recursive: z.boolean(),
    matchCase: z.boolean(),
    wholeWords: z.boolean(),
    entries: z.array(loreEntrySchema).max(MAX_LORE_ENTRIES),
  })
  .refine(
    ({ entries }) =>
      entries.reduce((sum, { keys, secondaryKeys }) => sum + keys.length + secondaryKeys.length, 0) <= MAX_LORE_KEYS,
    { message: 'expected fewer keywords' },
  );
export type LorebookDefinition = z.infer<typeof lorebookDefinitionSchema>;

export interface Lorebook extends LorebookDefinition {
  readonly id: string;
  readonly changedAt: number;
}
export interface LorebookSummary extends Pick<Lorebook, 'id' | 'name' | 'everywhere' | 'changedAt'> {
  readonly entries: number;
}

export interface PersonasEvent {
  readonly revision: number;
  /** What `{{user}}` stands for. */
  readonly userName: string;
  readonly personas: readonly PersonaSummary[];
  readonly presets: readonly SamplingPreset[];
  readonly modelDefaults: readonly ModelDefaults[];
  readonly lorebooks: readonly LorebookSummary[];
}

/** An entry that is told to the model in the next reply of a chat. */
export interface ToldLore {
  readonly lorebook: string;
  readonly title: string;
  /** The keyword that was said; null for an entry that is always told. */
  readonly key: string | null;
  readonly text: string;
}

/** What an import did not take over, or changed. The page words it by its kind. */
export interface ImportNote {
  readonly kind:
    | 'regex_keys'
    | 'at_depth'
    | 'decorators'
    | 'assets'
    | 'group_greetings'
    | 'picture'
    | 'cut_texts'
    | 'broken_entries'
    | 'extensions'
    | 'chances'
    | 'logic';
  readonly count: number;
}

const personaInput = z.strictObject({ personaId: id });
const lorebookInput = z.strictObject({ lorebookId: id });
/** What can be brought back for as long as its undo is offered. */
const deletableSchema = z.strictObject({ kind: z.enum(['persona', 'preset', 'lorebook']), id });

export const personasRoutes = {
  /** Everything but the long texts, again after every change. */
  'personas.watch': stream(z.strictObject({})).emits<PersonasEvent>(),
  /** What is in force in a chat that says nothing itself, again after every change of what it comes from. */
  'personas.watchInForce': stream(
    z.strictObject({ modelId: modelIdSchema.nullable(), personaId: id.nullable() }),
  ).emits<InForce>(),
  /** Throws not_found. */
  'personas.get': call(personaInput).returns<Persona>(),
  /** The PNG of a persona's picture in base64. Throws not_found. */
  'personas.picture': call(personaInput).returns<{ base64: string }>(),
  /** Adds a persona, or changes the one with `personaId`. Throws not_found, invalid_input (too_many_personas), disk.full. */
  'personas.save': call(
    z.strictObject({ personaId: id.nullable(), definition: personaDefinitionSchema }),
  ).returns<Persona>(),
  /** Sets the picture, a PNG in base64; null removes it. Throws not_found, invalid_input (not_png, picture_too_large), disk.full. */
  'personas.setPicture': call(
    z.strictObject({ personaId: id, base64: base64(MAX_PICTURE_BYTES).nullable() }),
  ).returns<null>(),
  /** Creates a chat that begins with the persona's opening messages, as versions of one. Throws not_found, disk.full. */
  'personas.startChat': call(z.strictObject({ personaId: id, modelId: modelIdSchema.nullable() })).returns<{
    chatId: string;
  }>(),
  /**
   * Imports a character card: JSON, PNG or CHARX in base64. `picture` is the card's picture as a PNG that is small enough. Throws
   * invalid_input with the reasons card_*, disk.full.
   */
  'personas.import': call(
    z.strictObject({ base64: base64(MAX_CARD_BYTES), picture: base64(MAX_PICTURE_BYTES).nullable() }),
  ).returns<{ personaId: string; name: string; lorebookEntries: number; notes: readonly ImportNote[] }>(),
  /** The persona as a character card (V3): JSON, or a PNG with it inside. Throws not_found. */
  'personas.export': call(z.strictObject({ personaId: id, form: z.enum(['json', 'png']) })).returns<{
    fileName: string;
    base64: string;
  }>(),
  /** Hides it at once and deletes it after `undoMs`, unless undone. Throws not_found, invalid_input (built_in). */
  'personas.delete': call(deletableSchema).returns<{ undoMs: number }>(),
  'personas.undoDelete': call(deletableSchema).returns<{ restored: boolean }>(),
  'personas.setUserName': call(z.strictObject({ name: nameSchema })).returns<null>(),
  /** Adds a preset, or changes the one with `presetId`. Throws not_found, invalid_input (built_in, too_many_presets), disk.full. */
  'personas.savePreset': call(
    z.strictObject({ presetId: id.nullable(), preset: presetSchema }),
  ).returns<SamplingPreset>(),
  /** Sets the defaults of a model. Empty ones are removed. Throws disk.full. */
  'personas.setModelDefaults': call(modelDefaultsSchema).returns<null>(),
  /** Throws not_found. */
  'personas.lorebook': call(lorebookInput).returns<Lorebook>(),
  /** Adds a lorebook, or changes the one with `lorebookId`. Throws not_found, invalid_input (too_many_lorebooks), disk.full. */
  'personas.saveLorebook': call(
    z.strictObject({ lorebookId: id.nullable(), definition: lorebookDefinitionSchema }),
  ).returns<Lorebook>(),
  /** Imports a lorebook as SillyTavern or a card has it. Throws invalid_input with the reasons card_* and lorebook_*, disk.full. */
  'personas.importLorebook': call(
    z.strictObject({ name: z.string().max(200), text: z.string().max(MAX_CARD_BYTES) }),
  ).returns<{
    lorebookId: string;
    name: string;
    entries: number;
    notes: readonly ImportNote[];
  }>(),
  /** The lorebook as JSON that SillyTavern and others import. Throws not_found. */
  'personas.exportLorebook': call(lorebookInput).returns<{ fileName: string; text: string }>(),
  /** The entries of lorebooks that the next reply of a chat is told. Throws not_found. */
  'personas.toldLore': call(z.strictObject({ chatId: id })).returns<{ told: readonly ToldLore[] }>(),
};
