/** Chats that a persona begins: its opening messages are versions of one first message. */
import type { Message } from '../../preload/contract/chat.ts';
import type { Persona } from '../../preload/contract/personas.ts';
import { AppError } from '../../preload/wire/errors.ts';
import type { ChatRow } from '../store/chats.ts';
import type { ChatPersonas } from './personas/personas.ts';
import type { ChatTree } from './tree.ts';

export interface OpeningOptions {
  readonly personas: Pick<ChatPersonas, 'find' | 'openings'>;
  readonly tree: ChatTree;
  /** The model of the chat that changed last, with which a new one goes on. */
  readonly newestModelId: () => string | null | undefined;
  readonly onBegun: (chatId: string) => void;
}

/** Stores a new chat with a persona, and publishes it. @throws AppError `not_found`, `disk.full`. */
export function createOpening({ personas, tree, newestModelId, onBegun }: OpeningOptions) {
  return (personaId: string, modelId: string | null): { chatId: string } => {
    const persona = personas.find(personaId);
    if (!persona) throw new AppError('not_found', 'This persona is no longer here.');
    const chat = tree.newChat({
      ...{ modelId: modelId ?? persona.modelId ?? newestModelId() ?? null, personaId },
      ...{ systemPrompt: '', sampling: null, contextPolicy: null },
    });
    const openings = openingMessages(tree, chat, persona, personas.openings(persona, chat.id));
    const added = tree.add({ ...chat, title: persona.name }, openings);
    const [first] = openings;
    if (first) tree.select(added, first.id);
    onBegun(chat.id);
    return { chatId: chat.id };
  };
}

/** The opening messages, without storing them. No model wrote them. */
function openingMessages(
  tree: Pick<ChatTree, 'newReply'>,
  chat: ChatRow,
  persona: Persona,
  openings: readonly string[],
): Message[] {
  return openings.map((text) => ({
    ...tree.newReply(chat, null),
    parts: [{ type: 'text', text }],
    status: 'complete',
    modelId: null,
    sampling: null,
    persona: { id: persona.id, name: persona.name },
  }));
}
