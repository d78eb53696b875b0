/**
 * Personas, presets of sampling, defaults of models and lorebooks: what is stored of them, what is in force in a chat, and what a reply is
 * told of them.
 */
import { randomUUID } from 'node:crypto';
import type { Chat, Message, Sampling, SamplingOverrides } from '../../../preload/contract/chat.ts';
import { ofSettings, over, type InForce } from '../../../preload/contract/in-force.ts';
import type {
  Lorebook,
  LorebookDefinition,
  ModelDefaults,
  Persona,
  PersonaDefinition,
  PersonasEvent,
  PersonaSummary,
  SamplingPreset,
} from '../../../preload/contract/personas.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import { createFeed } from '../../base/feed.ts';
import { UNDO_MS } from '../../base/undo.ts';
import type { Files } from '../../store/files.ts';
import { createPersonaRecords, type DeletableTable } from '../../store/personas.ts';
import { readSetting, writeSettings } from '../../store/settings.ts';
import type { Store } from '../../store/store.ts';
import { createDeletable } from './deletable.ts';
import { calledName, frame, type Framing } from './framing.ts';
import { expandMacros } from './macros.ts';
import { createPictures, type Pictures } from './pictures.ts';
import { builtInPresets } from './presets.ts';

export interface PersonasOptions {
  readonly store: Store;
  readonly files: Files;
  /** The sampling of the settings. */
  readonly settingsSampling: () => Sampling;
  /** What the app itself recommends for a model, where the user has no defaults for it. Null: nothing. */
  readonly shippedSampling: (modelId: string) => SamplingOverrides | null;
  readonly builtInModelId: string;
  readonly onDefect?: (error: unknown) => void;
  readonly now?: () => number;
  readonly undoMs?: number;
}

/** What a chat asks of personas. */
export interface ChatPersonas {
  /** Null where it is gone. */
  find(personaId: string | null | undefined): Persona | null;
  /** `again`: for another version of a reply, which must be able to differ. */
  inForce(chat: Pick<Chat, 'systemPrompt' | 'sampling' | 'personaId'>, modelId: string, again?: boolean): InForce;
  /** The frame of the reply after `history`. */
  frame(
    chat: Pick<Chat, 'id' | 'systemPrompt' | 'sampling' | 'personaId'>,
    modelId: string,
    history: readonly Message[],
  ): Framing;
  /** The persona's opening messages, as they are shown in a chat. */
  openings(persona: Persona, chatId: string): readonly string[];
}

export type DeletableKind = 'persona' | 'preset' | 'lorebook';

export interface Personas extends ChatPersonas {
  watch(signal: AbortSignal): AsyncGenerator<PersonasEvent>;
  watchInForce(modelId: string | null, personaId: string | null, signal: AbortSignal): AsyncGenerator<InForce>;
  /** @throws AppError `not_found`. */
  get(personaId: string): Persona;
  /** @throws AppError `not_found`, `invalid_input`, `disk.full`. */
  save(personaId: string | null, definition: PersonaDefinition): Persona;
  readonly pictures: Pictures;
  /** @throws AppError `not_found`, `invalid_input`, `disk.full`. */
  savePreset(presetId: string | null, preset: Pick<SamplingPreset, 'name' | 'sampling'>): SamplingPreset;
  setModelDefaults(defaults: ModelDefaults): void;
  /** @throws AppError `not_found`. */
  lorebook(lorebookId: string): Lorebook;
  /** @throws AppError `not_found`, `invalid_input`, `disk.full`. */
  saveLorebook(lorebookId: string | null, definition: LorebookDefinition): Lorebook;
  /** @throws AppError `not_found`, `invalid_input` for what comes with the app. */
  delete(kind: DeletableKind, id: string): { undoMs: number };
  undoDelete(kind: DeletableKind, id: string): { restored: boolean };
  setUserName(name: string): void;
  /** The sampling of the settings changed. */
  settingsChanged(): void;
  close(): void;
}

/** Every window has all their names, and a program of the user could add them without an end. */
const MOST = { personas: 2000, presets: 500, lorebooks: 500 } as const;
/** Letters of a description in the list. */
const ABOUT_LETTERS = 400;
const USER_NAME = 'personas.userName';
const tableOf: Record<DeletableKind, DeletableTable> = {
  persona: 'personas',
  preset: 'sampling_presets',
  lorebook: 'lorebooks',
};

/** Personas over a store. */
export function createPersonas(options: PersonasOptions): Personas {
  const { store, files, builtInModelId, undoMs = UNDO_MS, now = Date.now } = options;
  const records = createPersonaRecords(store);
  const onDefect = options.onDefect ?? (() => {});
  const deletable = createDeletable({ records, files, undoMs, now, onDefect });
  const feed = createFeed<null>((waiting) => waiting);
  const read = () => ({
    personas: records.personas(),
    lorebooks: records.lorebooks(),
    presets: [...builtInPresets, ...records.presets()],
    modelDefaults: records.modelDefaults(),
  });
  let known = read();
  let revision = 0;
  function changed(): void {
    known = read();
    revision++;
    feed.publish(null);
  }

  const userName = (): string => {
    const stored = readSetting(store, USER_NAME);
    return typeof stored === 'string' ? stored : 'User';
  };
  const find = (personaId: string | null | undefined): Persona | null =>
    known.personas.find(({ id }) => id === personaId) ?? null;
  const get = (personaId: string): Persona => find(personaId) ?? gone('persona');
  const lorebook = (lorebookId: string): Lorebook =>
    known.lorebooks.find(({ id }) => id === lorebookId) ?? gone('lorebook');

  function put(persona: Persona): Persona {
    records.putPersona(persona);
    changed();
    return persona;
  }

  const inForce: ChatPersonas['inForce'] = (chat, modelId, again = false) => {
    const persona = find(chat.personaId);
    const defaults = known.modelDefaults.find((one) => one.modelId === modelId);
    const shipped = defaults || again ? null : options.shippedSampling(modelId);
    const layers = [
      { origin: 'model', systemPrompt: defaults?.systemPrompt ?? '', sampling: defaults?.sampling ?? shipped },
      { origin: 'persona', systemPrompt: persona?.systemPrompt ?? '', sampling: persona?.sampling ?? null },
      { origin: 'chat', systemPrompt: chat.systemPrompt, sampling: chat.sampling },
    ] as const;
    return layers.reduce<InForce>(over, ofSettings(options.settingsSampling()));
  };

  /** The value now, and again after every change. */
  async function* watching<T>(signal: AbortSignal, value: () => T): AsyncGenerator<T> {
    const changes = feed.open(signal);
    yield value();
    for await (const _ of changes) yield value();
  }

  return {
    find,
    get,
    lorebook,
    inForce,
    frame: (chat, modelId, history) => {
      const persona = find(chat.personaId);
      const lorebooks = known.lorebooks.filter(
        ({ id, everywhere }) => everywhere || (persona?.lorebookIds.includes(id) ?? false),
      );
      const { systemPrompt } = inForce(chat, modelId);
      return frame({ persona, lorebooks, userName: userName(), systemPrompt, chatId: chat.id, history });
    },
    openings(persona, chatId) {
      const values = { char: calledName(persona), user: userName(), replySeed: chatId, chatSeed: chatId };
      return persona.greetings.map((greeting) => expandMacros(greeting, values)).filter((text) => text.trim() !== '');
    },

    watch: (signal) =>
      watching(signal, () => ({
        revision,
        userName: userName(),
        personas: known.personas.map(summaryOf),
        presets: known.presets,
        modelDefaults: known.modelDefaults,
        lorebooks: known.lorebooks.map(({ id, name, everywhere, changedAt, entries }) => ({
          ...{ id, name, everywhere, changedAt, entries: entries.length },
        })),
      })),
    watchInForce: (modelId, personaId, signal) =>
      watching(signal, () => {
        const model = modelId ?? find(personaId)?.modelId ?? builtInModelId;
        return inForce({ systemPrompt: '', sampling: null, personaId }, model);
      }),

    save(personaId, definition) {
      const before = personaId === null ? null : get(personaId);
      if (!before) refuseMore('personas', known.personas.length);
      return put({
        ...definition,
        id: before?.id ?? randomUUID(),
        picture: before?.picture ?? null,
        changedAt: now(),
      });
    },
    pictures: createPictures({
      files,
      get,
      put: (persona, picture) => put({ ...persona, picture, changedAt: now() }),
    }),

    savePreset(presetId, { name, sampling }) {
      const before = presetId === null ? null : known.presets.find(({ id }) => id === presetId);
      if (before === undefined) gone('preset');
      if (before?.builtIn) refuseBuiltIn();
      if (!before) refuseMore('presets', known.presets.length);
      const preset = { id: before?.id ?? randomUUID(), name, sampling };
      records.putPreset(preset, now());
      changed();
      return { ...preset, builtIn: false };
    },
    setModelDefaults(defaults) {
      const isEmpty = defaults.systemPrompt.trim() === '' && defaults.sampling === null;
      records.setModelDefaults(defaults.modelId, isEmpty ? null : defaults, now());
      changed();
    },
    saveLorebook(lorebookId, definition) {
      const before = lorebookId === null ? null : lorebook(lorebookId);
      if (!before) refuseMore('lorebooks', known.lorebooks.length);
      const saved = { ...definition, id: before?.id ?? randomUUID(), changedAt: now() };
      records.putLorebook(saved);
      changed();
      return saved;
    },

    delete(kind, id) {
      if (builtInPresets.some((preset) => preset.id === id)) refuseBuiltIn();
      if (!deletable.delete(tableOf[kind], id)) gone(kind);
      changed();
      return { undoMs };
    },
    undoDelete(kind, id) {
      const restored = deletable.undo(tableOf[kind], id);
      changed();
      return { restored };
    },
    setUserName(name) {
      writeSettings(store, { [USER_NAME]: name });
      changed();
    },
    settingsChanged: changed,
    close: deletable.close,
  };
}

/** What the tree of messages asks of personas. */
export const ofPersonas = ({ find, inForce }: Pick<ChatPersonas, 'find' | 'inForce'>) => ({
  samplingOf: (chat: Parameters<ChatPersonas['inForce']>[0], modelId: string, again: boolean): Sampling =>
    inForce(chat, modelId, again).sampling,
  personaOf(chat: Pick<Chat, 'personaId'>): NonNullable<Message['persona']> | null {
    const persona = find(chat.personaId);
    return persona && { id: persona.id, name: persona.name };
  },
});

/** For chats without personas: the chat's own values over one sampling. */
export function withoutPersonas(defaultSampling: (modelId: string, again: boolean) => Sampling): ChatPersonas {
  const inForce: ChatPersonas['inForce'] = ({ systemPrompt, sampling }, modelId, again = false) =>
    over(ofSettings(defaultSampling(modelId, again)), { origin: 'chat', systemPrompt, sampling });
  return {
    find: () => null,
    inForce,
    frame: ({ systemPrompt }) => ({ systemPrompt, lastInstructions: '', lore: [] }),
    openings: () => [],
  };
}

function summaryOf(persona: Persona): PersonaSummary {
  const { id, name, modelId, sampling, picture, changedAt, description, systemPrompt, card } = persona;
  const about = [card.creatorNotes, description, systemPrompt].find((text) => text.trim() !== '') ?? '';
  return {
    ...{ id, name, modelId, sampling, picture, changedAt },
    about: about.trim().slice(0, ABOUT_LETTERS),
    greetings: persona.greetings.length,
    lorebooks: persona.lorebookIds.length,
  };
}

function gone(what: DeletableKind): never {
  throw new AppError('not_found', `This ${what} is no longer here.`);
}

function refuseBuiltIn(): never {
  throw new AppError('invalid_input', 'This preset comes with Hearth and stays as it is.', {
    reason: 'built_in_preset',
  });
}

function refuseMore(what: keyof typeof MOST, count: number): void {
  if (count >= MOST[what])
    throw new AppError('invalid_input', `There are ${MOST[what]} ${what} already. Delete one first.`, {
      reason: 'too_many_kept',
      limit: MOST[what],
    });
}
