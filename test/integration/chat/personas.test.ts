import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ChatEvent } from '../../../preload/contract/chat.ts';
import { defaultSampling } from '../../../preload/contract/defaults.ts';
import { textOf } from '../../../preload/contract/message-parts.ts';
import type { PersonaDefinition } from '../../../preload/contract/personas.ts';
import { createChats, type Chats } from '../../../main/chat/chat.ts';
import { exportCard, importCard } from '../../../main/chat/personas/exchange.ts';
import { createPersonas, type Personas } from '../../../main/chat/personas/personas.ts';
import { createEngine, type Engine } from '../../../main/engine/engine.ts';
import { createInference, createLocalProvider } from '../../../main/inference/inference.ts';
import { createSpawnChild } from '../../../main/process/spawn-child.ts';
import { createFiles, type Files } from '../../../main/store/files.ts';
import { openStore, type Store } from '../../../main/store/store.ts';
import { sendTo } from '../../support/send-to.ts';

const root = path.join(import.meta.dirname, '../../..');
const EMBER = 'hearth/ember-3M/ember-3M-Q8_0.gguf';
const card = readFileSync(path.join(root, 'test/fixtures/cards/v2.png'));

let folder: string;
let store: Store;
let files: Files;
let engine: Engine;
let personas: Personas;
let chats: Chats;

function start(undoMs = 60_000): void {
  store = openStore(folder, path.join(root, 'main/store/migrations'));
  files = createFiles({ store, folder: path.join(folder, 'files') });
  engine = createEngine({
    spawnChild: createSpawnChild(process.execPath, path.join(root, 'main/engine/child/child.ts')),
    onChange: () => {},
  });
  personas = createPersonas({
    ...{ store, files, builtInModelId: EMBER, undoMs },
    settingsSampling: () => defaultSampling,
    shippedSampling: () => ({ temperature: 0 }),
  });
  const file = path.join(root, 'assets/models/ember-3M-Q8_0.gguf');
  const model = { modelId: EMBER, name: 'Ember', path: file, weightsBytes: 3e6, contextSize: 512 };
  const inference = createInference(createLocalProvider({ engine, findModel: () => Promise.resolve(model) }));
  chats = createChats({ store, files, inference, personas, builtInModelId: EMBER, onModelUsed: () => {} });
}
async function stop(): Promise<void> {
  await chats.close();
  personas.close();
  await engine.close();
  store.close();
}
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-personas-'));
  start();
});
afterEach(async () => {
  await stop();
  rmSync(folder, { recursive: true });
});

async function snapshot(chatId: string): Promise<Extract<ChatEvent, { type: 'snapshot' }>> {
  for await (const event of chats.watch(chatId, new AbortController().signal))
    if (event.type === 'snapshot') return event;
  throw new Error('no snapshot');
}
async function reply(chatId: string, text: string): Promise<void> {
  sendTo(chats, chatId, text);
  for await (const event of chats.watch(chatId, new AbortController().signal))
    if ('chat' in event && !event.chat.busy) return;
}
/** What the model sees before the conversation, by the engine's own tokens, and everything it sees. */
async function prompt(chatId: string): Promise<{ system: string; all: string }> {
  const { pieces } = await chats.prompt(chatId);
  const text = (origin?: string): string =>
    pieces
      .filter((piece) => origin === undefined || piece.origin === origin)
      .flatMap(({ tokens }) => tokens.map((token) => token.text))
      .join('');
  return { system: text('system'), all: text() };
}
const storedFiles = (): readonly string[] =>
  readdirSync(path.join(folder, 'files'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    /[0-9a-f]{64}$/.test(name),
  );
const definitionOf = (personaId: string): PersonaDefinition => {
  const { id: _id, picture: _picture, changedAt: _at, ...definition } = personas.get(personaId);
  return definition;
};

describe('a persona', () => {
  it('opens the chat, with its other opening messages behind the pager', async () => {
    personas.setUserName('Max');
    const { personaId } = await importCard(personas, card, null);
    const { chatId } = chats.startWithPersona(personaId, null);
    const { chat, messages } = await snapshot(chatId);
    expect(chat).toMatchObject({ title: 'Mira', personaId, leafId: messages[0]?.id });
    expect(messages.map(textOf)).toEqual(['The lamp is lit, Max.', 'Come in, it is wet outside.']);
    for (const message of messages)
      expect(message).toMatchObject({ parentId: null, role: 'assistant', modelId: null, persona: { name: 'Mira' } });
  });

  it('is what the model is told, with the entry of its lorebook only once the keyword is said', async () => {
    const { personaId } = await importCard(personas, card, null);
    const { chatId } = chats.startWithPersona(personaId, null);
    await reply(chatId, 'Hello');
    const before = await prompt(chatId);
    expect(before.system).toContain('You are Mira.');
    expect(before.system).toContain('Mira keeps the lighthouse. J');
    expect(before.system).toContain('It is always windy.');
    expect(before.all).not.toContain('Aurora');
    expect(before.all).not.toMatch(/\{\{|<START>/);
    // Below the user's last message, and not with the system prompt.
    expect(before.all).toContain('Hello\n\nStay calm.');
    await reply(chatId, 'Tell me of the WRECK.');
    const after = await prompt(chatId);
    expect(after.system).toContain('The Aurora sank in 1904.');
    expect(chats.framing(chatId).lore.map(({ key }) => key)).toEqual([null, 'wreck']);
    const { messages } = await snapshot(chatId);
    const last = messages.at(-1);
    expect(last).toMatchObject({ status: 'complete', persona: { id: personaId, name: 'Mira' } });
    // The tokens of the lore are among those of the system text.
    expect(last?.timing?.makeUp?.systemTokens).toBeGreaterThan(
      messages.find(({ timing }) => timing !== null)?.timing?.makeUp?.systemTokens ?? Infinity,
    );
  });

  it('can be switched: old replies keep theirs, and its deletion leaves their name', async () => {
    const { personaId } = await importCard(personas, card, null);
    const other = personas.save(null, { ...definitionOf(personaId), name: 'Olaf', systemPrompt: 'You are Olaf.' });
    const { chatId } = chats.startWithPersona(personaId, null);
    await reply(chatId, 'Hello');
    chats.update({ chatId, personaId: other.id });
    await reply(chatId, 'And you?');
    personas.delete('persona', other.id);
    await reply(chatId, 'Nobody?');
    const { messages } = await snapshot(chatId);
    expect(messages.filter(({ modelId }) => modelId !== null).map(({ persona }) => persona?.name)).toEqual([
      'Mira',
      'Olaf',
      undefined,
    ]);
    expect(personas.undoDelete('persona', other.id)).toEqual({ restored: true });
    expect((await prompt(chatId)).system).toContain('You are Olaf.');
  });

  it('is deleted with its picture, and its chats stay', async () => {
    await stop();
    start(1);
    const { personaId } = await importCard(personas, card, null);
    const { chatId } = chats.startWithPersona(personaId, null);
    expect(storedFiles()).toHaveLength(1);
    personas.delete('persona', personaId);
    await expect.poll(storedFiles).toEqual([]);
    expect(personas.undoDelete('persona', personaId)).toEqual({ restored: false });
    expect((await snapshot(chatId)).chat.personaId).toBeUndefined();
    // The sweep of a start knows pictures.
    const again = await importCard(personas, card, null);
    await stop();
    start();
    await files.sweep();
    expect(storedFiles()).toHaveLength(1);
    expect(personas.get(again.personaId).picture).toMatchObject({ width: 8, height: 8 });
  });

  it('keeps nothing of a picture but the picture, and comes back from its own export', async () => {
    const { personaId } = await importCard(personas, card, null);
    const png = await personas.pictures.read(personas.get(personaId));
    expect(png.includes('chara')).toBe(false);
    for (const form of ['png', 'json'] as const) {
      const exported = await exportCard(personas, personaId, form);
      expect(exported.fileName).toBe(`Mira.${form}`);
      const again = await importCard(personas, exported.bytes, null);
      const { lorebookIds: _ids, ...definition } = definitionOf(again.personaId);
      const { lorebookIds: _before, ...first } = definitionOf(personaId);
      expect(definition).toEqual(first);
    }
    const jpeg = Buffer.from('ffd8ffe0', 'hex');
    const refused = expect.objectContaining({ data: { reason: 'not_png' } }) as Error;
    await expect(personas.pictures.set(personaId, jpeg)).rejects.toThrow(refused);
    await personas.pictures.set(personaId, null);
    // The persona of the exported PNG has the same file.
    expect(storedFiles()).toHaveLength(1);
  });
});

describe('what is in force', () => {
  it('is the chat, then its persona, then the defaults of the model, then the settings', async () => {
    const { personaId } = await importCard(personas, card, null);
    personas.save(personaId, { ...definitionOf(personaId), sampling: { topK: 7, topP: 0.5 } });
    personas.setModelDefaults({ modelId: EMBER, systemPrompt: 'Of the model.', sampling: { topK: 3, minP: 0.2 } });
    const { chatId } = chats.startWithPersona(personaId, null);
    chats.update({ chatId, sampling: { topP: 0.9, maxTokens: 5 } });
    await reply(chatId, 'Hello');
    const last = (await snapshot(chatId)).messages.at(-1);
    expect(last?.sampling).toEqual({ ...defaultSampling, topK: 7, topP: 0.9, minP: 0.2, maxTokens: 5 });
    expect((await prompt(chatId)).system).toContain('You are Mira. Of the model.');
    const signal = new AbortController();
    const seen: (readonly unknown[])[] = [];
    for await (const { samplingOrigins, sampling } of personas.watchInForce(EMBER, personaId, signal.signal)) {
      seen.push([samplingOrigins.topK, sampling.topK, samplingOrigins.minP, samplingOrigins.temperature]);
      if (seen.length === 1) personas.delete('persona', personaId);
      else if (seen.length === 2) personas.setModelDefaults({ modelId: EMBER, systemPrompt: '', sampling: null });
      else signal.abort();
    }
    expect(seen).toEqual([
      ['persona', 7, 'model', 'settings'],
      ['model', 3, 'model', 'settings'],
      // What the app recommends for the model.
      ['settings', 40, 'settings', 'model'],
    ]);
  });

  it('keeps presets, and those of the app as they are', () => {
    const mine = personas.savePreset(null, { name: 'Mine', sampling: { temperature: 1.5 } });
    personas.savePreset(mine.id, { name: 'Renamed', sampling: mine.sampling });
    const builtIn = expect.objectContaining({ data: { reason: 'built_in_preset' } }) as Error;
    expect(() => personas.delete('preset', 'precise')).toThrow(builtIn);
    expect(() => personas.savePreset('precise', mine)).toThrow(builtIn);
    personas.delete('preset', mine.id);
    expect(() => personas.savePreset(mine.id, mine)).toThrow(expect.objectContaining({ code: 'not_found' }) as Error);
    expect(personas.undoDelete('preset', mine.id)).toEqual({ restored: true });
  });
});
