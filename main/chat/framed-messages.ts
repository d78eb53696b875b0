/** The messages of a reply's prompt, with what a persona and lorebooks add to them. */
import type { Message } from '../../preload/contract/chat.ts';
import type { PromptMessage } from '../chat-format/messages.ts';
import { withLastInstructions, type Framing } from './personas/framing.ts';
import { promptMessages, type Asides, type PathOfFile } from './prompt-messages.ts';

/** Many chat templates refuse a conversation that the model begins. */
const BEGINNING: PromptMessage = { role: 'user', content: '(The conversation begins.)' };

/** The messages in the engine's form. @throws AppError as `promptMessages`. */
export function framedMessages(
  { systemPrompt, lastInstructions }: Pick<Framing, 'systemPrompt' | 'lastInstructions'>,
  history: readonly Message[],
  pathOf: PathOfFile,
  asides: Asides,
): PromptMessage[] {
  const messages = promptMessages(systemPrompt, history, pathOf, asides);
  const first = messages.findIndex(({ role }) => role !== 'system');
  const begun = messages[first]?.role === 'assistant' ? messages.toSpliced(first, 0, BEGINNING) : messages;
  return withLastInstructions(begun, lastInstructions);
}
