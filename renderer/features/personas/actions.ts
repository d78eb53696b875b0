/** Acts on personas, presets and lorebooks. A failure is shown in a toast. */
import { MAX_CARD_BYTES } from '../../../preload/contract/persona-limits.ts';
import type { ImportNote, PersonaSummary } from '../../../preload/contract/personas.ts';
import { attempt } from '../../connection/attempt.ts';
import { navigate } from '../../navigation/router.ts';
import { toast } from '../../ui/layers/toast.ts';
import { words } from '../../words/words.ts';
import { fromBase64, readPicture, toBase64 } from './picture-file.ts';

/** Begins a chat with a persona and opens it. */
export async function chatWith(persona: Pick<PersonaSummary, 'id'>): Promise<void> {
  const started = await attempt('personas.startChat', { personaId: persona.id, modelId: null });
  if (started) navigate({ screen: 'chat', chatId: started.chatId });
}

type Deletable = { readonly kind: 'persona' | 'preset' | 'lorebook'; readonly id: string };

/** Deletes one of them, and offers to undo. */
export async function remove(what: Deletable, told: string): Promise<void> {
  const deleted = await attempt('personas.delete', what);
  if (!deleted) return;
  const undo = async (): Promise<void> => {
    const answer = await attempt('personas.undoDelete', what);
    if (answer?.restored === false) toast({ text: words.personas.tooLate, tone: 'red' });
  };
  toast({ text: told, ms: deleted.undoMs, action: { label: words.ui.undo, run: () => void undo() } });
}

export async function duplicate(persona: PersonaSummary): Promise<void> {
  const whole = await attempt('personas.get', { personaId: persona.id });
  if (!whole) return;
  const { id: _id, picture, changedAt: _changedAt, ...definition } = whole;
  const name = words.personas.copyOf(whole.name).slice(0, 200);
  const copy = await attempt('personas.save', { personaId: null, definition: { ...definition, name } });
  if (!copy) return;
  const stored = picture && (await attempt('personas.picture', { personaId: persona.id }));
  if (stored) await attempt('personas.setPicture', { personaId: copy.id, base64: stored.base64 });
  toast({ text: words.personas.saved(copy.name) });
}

export async function exportPersona(persona: PersonaSummary, form: 'json' | 'png'): Promise<void> {
  const file = await attempt('personas.export', { personaId: persona.id, form });
  if (file) save(file.fileName, fromBase64(file.base64), form === 'png' ? 'image/png' : 'application/json');
}

export async function exportLorebook(lorebookId: string): Promise<void> {
  const file = await attempt('personas.exportLorebook', { lorebookId });
  if (file) save(file.fileName, file.text, 'application/json');
}

/** Saves a file where the browser saves files, or asks. */
function save(name: string, content: BlobPart, type: string): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download has begun by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** What an import left out or changed. */
export interface ImportReport {
  readonly name: string;
  readonly notes: readonly ImportNote[];
}

/** Imports a character card. Null where it was refused, which is told. */
export async function importCard(file: File): Promise<ImportReport | null> {
  if (file.size > MAX_CARD_BYTES) {
    toast({ text: words.personas.cardTooLarge, tone: 'red' });
    return null;
  }
  const bytes = await bytesOf(file);
  if (bytes === null) return null;
  const isPicture = bytes[0] === 0x89 && bytes[1] === 0x50;
  const answer = await attempt('personas.import', {
    base64: toBase64(bytes),
    picture: isPicture ? await readPicture(file) : null,
  });
  if (!answer) return null;
  toast({ text: words.personas.imported(answer.name), tone: 'green' });
  return { name: answer.name, notes: answer.notes };
}

/** Imports a lorebook. Null where it was refused, which is told. */
export async function importLorebook(file: File): Promise<ImportReport | null> {
  if (file.size > MAX_CARD_BYTES) {
    toast({ text: words.personas.cardTooLarge, tone: 'red' });
    return null;
  }
  const bytes = await bytesOf(file);
  if (bytes === null) return null;
  const name = file.name.replace(/\.json$/i, '').slice(0, 200);
  const answer = await attempt('personas.importLorebook', { name, text: new TextDecoder().decode(bytes) });
  if (!answer) return null;
  toast({ text: words.lorebooks.imported(answer.name, answer.entries), tone: 'green' });
  return { name: answer.name, notes: answer.notes };
}

/** Null where it cannot be read: a folder looks like a file. */
async function bytesOf(file: File): Promise<Uint8Array | null> {
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch {
    toast({ text: words.lorebooks.notRead, tone: 'red' });
    return null;
  }
}
