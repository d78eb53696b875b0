/** The shown path of another chat as a text, for a question about it. */
import type { Message } from '../../../../../preload/contract/chat.ts';
import { namedTextsOf, typedTextOf } from '../../../../../preload/contract/message-parts.ts';
import { words } from '../../../../words/words.ts';

/** Without reasoning and calls, each message under the name of who wrote it. Empty for a chat without text. */
export function textOfChat(path: readonly Pick<Message, 'role' | 'parts' | 'modelName'>[]): string {
  return path
    .flatMap((message) => {
      const { role, modelName } = message;
      if (role !== 'user' && role !== 'assistant') return [];
      const files = namedTextsOf(message).map(({ name, text }) => `[${name}]\n${text}`);
      const text = [...files, typedTextOf(message)].filter((part) => part.trim() !== '').join('\n\n');
      if (text === '') return [];
      const name = role === 'user' ? words.suggestions.you : (modelName ?? words.suggestions.model);
      return `${name}:\n${text.trim()}`;
    })
    .join('\n\n');
}
