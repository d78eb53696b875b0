/** What a persona and lorebooks add to the prompt of one reply. */
import type { Message } from '../../../preload/contract/chat.ts';
import { textOf } from '../../../preload/contract/message-parts.ts';
import type { Lorebook, Persona } from '../../../preload/contract/personas.ts';
import type { PromptMessage } from '../../chat-format/messages.ts';
import { findLore, type FoundLore } from './lore.ts';
import { expandMacros } from './macros.ts';

export interface FramingOptions {
  readonly persona: Persona | null;
  /** Those of the persona and those that are used everywhere. */
  readonly lorebooks: readonly Lorebook[];
  readonly userName: string;
  /** The one that is in force, without the rest of the persona. */
  readonly systemPrompt: string;
  readonly chatId: string;
  /** The messages before the reply, oldest first. */
  readonly history: readonly Message[];
}

export interface Framing {
  readonly systemPrompt: string;
  /** Told below the user's last message; empty for none. */
  readonly lastInstructions: string;
  readonly lore: readonly FoundLore[];
}

/** As the model is told its own name. */
export const calledName = (persona: Persona): string => persona.card.nickname.trim() || persona.name;

/** The frame of the reply after `history`. The same chat and history make the same frame. */
export function frame(options: FramingOptions): Framing {
  const { persona, lorebooks, userName, systemPrompt, chatId, history } = options;
  if (persona === null && lorebooks.length === 0) return { systemPrompt, lastInstructions: '', lore: [] };
  const char = persona === null ? 'Assistant' : calledName(persona);
  const replySeed = `${chatId} ${history.at(-1)?.id ?? ''}`;
  const expand = (text: string): string => expandMacros(text, { char, user: userName, replySeed, chatSeed: chatId });
  const lore = findLore(lorebooks, history.map(textOf).reverse(), expand);
  const told = (place: 'before' | 'after'): string =>
    lore
      .filter(({ entry }) => entry.place === place)
      .map(({ text }) => text.trim())
      .join('\n\n');
  const parts =
    persona === null
      ? // Braces of a prompt without a persona may mean something else.
        [systemPrompt, told('before'), told('after')]
      : [
          expand(systemPrompt),
          told('before'),
          expand(persona.description),
          titled(`${char}'s personality:`, expand(persona.personality)),
          titled('Scenario:', expand(persona.scenario)),
          told('after'),
          titled('Example dialogue:', expand(examples(persona.exampleDialogue))),
        ];
  return {
    systemPrompt: parts
      .map((part) => part.trim())
      .filter((part) => part !== '')
      .join('\n\n'),
    lastInstructions: persona === null ? '' : expand(persona.lastInstructions).trim(),
    lore,
  };
}

const titled = (title: string, text: string): string => (text.trim() === '' ? '' : `${title} ${text.trim()}`);

/** Cards divide examples by `<START>`, which is a mark for programs and no text. */
const examples = (text: string): string => {
  const each = text.split(/<START>/i).flatMap((one) => one.trim() || []);
  return each.length === 0 ? '' : `\n${each.join('\n\n')}`;
};

/** The messages with the instructions below the user's last message: templates take a system message at the beginning alone. */
export function withLastInstructions(messages: readonly PromptMessage[], instructions: string): PromptMessage[] {
  const last = instructions === '' ? -1 : messages.findLastIndex(({ role }) => role === 'user');
  return messages.map((message, index) => {
    if (index !== last) return message;
    const { content } = message;
    return {
      ...message,
      content:
        typeof content === 'string'
          ? `${content}\n\n${instructions}`
          : [...content, { type: 'text', text: `\n\n${instructions}` }],
    };
  });
}
