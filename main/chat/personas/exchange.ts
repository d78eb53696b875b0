/** Cards and lorebooks in and out: what is read from files becomes personas and lorebooks, and back. */
import type { ImportNote } from '../../../preload/contract/personas.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import { parseBoundedJson } from '../../base/bounded-json.ts';
import { readCard, writeCardJson, writeCardPng } from './card.ts';
import { createNotes, type ImportNotes } from './foreign-fields.ts';
import { readLorebook, worldInfo } from './lorebook-files.ts';
import type { Personas } from './personas.ts';
import { isUsablePicture, plainPicture } from './pictures.ts';
import { readChunks } from './png.ts';

export interface ImportedCard {
  readonly personaId: string;
  readonly name: string;
  readonly lorebookEntries: number;
  readonly notes: readonly ImportNote[];
}

type Kept = Pick<Personas, 'get' | 'save' | 'lorebook' | 'saveLorebook' | 'pictures'>;

/** Imports a card. `picture`: its picture as a PNG that is small enough. @throws AppError `invalid_input`, `disk.full`. */
export async function importCard(personas: Kept, bytes: Buffer, picture: Buffer | null): Promise<ImportedCard> {
  const notes = createNotes();
  const { definition, lorebook, picture: own } = readCard(bytes, notes);
  const book = lorebook && lorebook.entries.length > 0 ? personas.saveLorebook(null, lorebook) : null;
  const persona = personas.save(null, { ...definition, lorebookIds: book ? [book.id] : [] });
  await setPicture(personas, persona.id, picture ?? own, notes);
  return {
    personaId: persona.id,
    name: persona.name,
    lorebookEntries: book?.entries.length ?? 0,
    notes: notes.list(),
  };
}

/** A card without a usable picture is a persona without one. */
async function setPicture(personas: Kept, personaId: string, bytes: Buffer | null, notes: ImportNotes): Promise<void> {
  if (bytes === null) return;
  if (isUsablePicture(bytes)) await personas.pictures.set(personaId, bytes);
  else notes.add('picture');
}

/** The persona as a card. @throws AppError `not_found`. */
export async function exportCard(
  personas: Kept,
  personaId: string,
  form: 'json' | 'png',
): Promise<{ fileName: string; bytes: Buffer }> {
  const persona = personas.get(personaId);
  const lorebooks = persona.lorebookIds.flatMap((id) => {
    try {
      return [personas.lorebook(id)];
    } catch {
      // It was deleted meanwhile.
      return [];
    }
  });
  const fileName = `${fileNameOf(persona.name)}.${form}`;
  switch (form) {
    case 'json':
      return { fileName, bytes: Buffer.from(writeCardJson(persona, lorebooks)) };
    case 'png': {
      const picture = persona.picture === null ? plainPicture() : readChunks(await personas.pictures.read(persona));
      return { fileName, bytes: writeCardPng(persona, lorebooks, picture) };
    }
    default:
      return form satisfies never;
  }
}

/** @throws AppError `invalid_input` with the reason `lorebook_not_lorebook`, `disk.full`. */
export function importLorebook(
  personas: Kept,
  name: string,
  text: string,
): { lorebookId: string; name: string; entries: number; notes: readonly ImportNote[] } {
  const notes = createNotes();
  const book = readLorebook(parseBoundedJson(text.replace(/^\uFEFF/, '')), name, notes);
  if (!book) throw new AppError('invalid_input', 'This is no lorebook.', { reason: 'lorebook_not_lorebook' });
  const saved = personas.saveLorebook(null, book);
  return { lorebookId: saved.id, name: saved.name, entries: saved.entries.length, notes: notes.list() };
}

/** @throws AppError `not_found`. */
export function exportLorebook(personas: Kept, lorebookId: string): { fileName: string; text: string } {
  const book = personas.lorebook(lorebookId);
  return { fileName: `${fileNameOf(book.name)}.json`, text: `${JSON.stringify(worldInfo(book), null, 2)}\n` };
}

/** The name as a file name on every system. */
const fileNameOf = (name: string): string =>
  name
    .replace(/[/\\:*?"<>|\p{Cc}]+/gu, '-')
    .replace(/^\.+|[. ]+$/g, '')
    .slice(0, 100) || 'persona';
