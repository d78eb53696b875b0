/** The handlers of `personas.*`. Bytes of files come and go in base64. */
import type { personasRoutes } from '../../preload/contract/personas.ts';
import type { Handlers } from '../../preload/wire/rpc.ts';
import type { Chats } from '../chat/chat.ts';
import { exportCard, exportLorebook, importCard, importLorebook } from '../chat/personas/exchange.ts';
import type { Personas } from '../chat/personas/personas.ts';
import { done } from './done.ts';

const bytesOf = (base64: string): Buffer => Buffer.from(base64, 'base64');

export function createPersonasHandlers(
  personas: Personas,
  chats: Pick<Chats, 'startWithPersona' | 'framing'>,
): Handlers<typeof personasRoutes> {
  return {
    'personas.watch': (_input, { signal }) => personas.watch(signal),
    'personas.watchInForce': ({ modelId, personaId }, { signal }) => personas.watchInForce(modelId, personaId, signal),
    'personas.get': ({ personaId }) => personas.get(personaId),
    'personas.picture': async ({ personaId }) => ({
      base64: (await personas.pictures.read(personas.get(personaId))).toString('base64'),
    }),
    'personas.save': ({ personaId, definition }) => personas.save(personaId, definition),
    'personas.setPicture': async ({ personaId, base64 }) => {
      await personas.pictures.set(personaId, base64 === null ? null : bytesOf(base64));
      return null;
    },
    'personas.startChat': ({ personaId, modelId }) => chats.startWithPersona(personaId, modelId),
    'personas.import': ({ base64, picture }) =>
      importCard(personas, bytesOf(base64), picture === null ? null : bytesOf(picture)),
    'personas.export': async ({ personaId, form }) => {
      const { fileName, bytes } = await exportCard(personas, personaId, form);
      return { fileName, base64: bytes.toString('base64') };
    },
    'personas.delete': ({ kind, id }) => personas.delete(kind, id),
    'personas.undoDelete': ({ kind, id }) => personas.undoDelete(kind, id),
    'personas.setUserName': ({ name }) => done(personas.setUserName(name)),
    'personas.savePreset': ({ presetId, preset }) => personas.savePreset(presetId, preset),
    'personas.setModelDefaults': (defaults) => done(personas.setModelDefaults(defaults)),
    'personas.lorebook': ({ lorebookId }) => personas.lorebook(lorebookId),
    'personas.saveLorebook': ({ lorebookId, definition }) => personas.saveLorebook(lorebookId, definition),
    'personas.importLorebook': ({ name, text }) => importLorebook(personas, name, text),
    'personas.exportLorebook': ({ lorebookId }) => exportLorebook(personas, lorebookId),
    'personas.toldLore': ({ chatId }) => ({
      told: chats
        .framing(chatId)
        .lore.map(({ lorebook, entry, key, text }) => ({ lorebook, title: entry.title, key, text })),
    }),
  };
}
