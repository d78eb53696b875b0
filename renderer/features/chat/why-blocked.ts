import type { Connection } from '../../connection/link.ts';
import { words } from '../../words/words.ts';
import type { OpenChat } from './use-open-chat.ts';

/** The reason why nothing can be sent now, in a few words, or null. */
export function whyBlocked(
  connection: Connection,
  {
    choice,
    models,
    id,
    view,
    compared,
  }: Pick<OpenChat, 'choice' | 'models' | 'id' | 'view'> & {
    readonly compared?: OpenChat['compared'];
  },
): string | null {
  if (connection === 'lost') return words.chat.notConnected;
  // Nobody knows which of the two the next message follows.
  if (compared) return words.versions.keepFirst;
  const known = models !== undefined && (id === null || view !== null);
  return choice.state === 'gone' || (choice.state === 'unknown' && known) ? words.chat.chooseModelFirst : null;
}

/**
 * Whether the first message of a chat waits for the list of models: without it the page does not know the model that
 * was used last, and main would take the built-in one. `pickedId` is the model that was chosen for the chat.
 */
export function waitsForModels({ id, models }: Pick<OpenChat, 'id' | 'models'>, pickedId: string | null): boolean {
  return id === null && pickedId === null && models === undefined;
}
