/** Which replies can go on. Without zod, so that the page can import it without it. */
import type { Message } from './chat.ts';
import { lengthOf } from './message-parts.ts';

/**
 * Whether a model can go on with a reply: it has text or reasoning, and something other than the model ended it, or the user wrote its end. The start of a reply
 * with a grammar cannot be given to the grammar again, and a call of a tool is no text to go on from.
 */
export function canContinue(
  message: Pick<Message, 'role' | 'parts' | 'status' | 'timing' | 'sampling' | 'edited'>,
): boolean {
  const { role, parts, status, timing, sampling } = message;
  if (role !== 'assistant' || sampling?.grammar !== undefined || lengthOf(message) === 0) return false;
  if (parts.some((part) => part.type !== 'text' && part.type !== 'reasoning')) return false;
  if (status === 'stopped' || status === 'interrupted') return true;
  if (endsInEdit(message)) return true;
  return status === 'complete' && (timing?.endReason === 'max_tokens' || timing?.endReason === 'context_full');
}

/** Whether a reply ends in what the user wrote, with nothing of a model behind it. */
export function endsInEdit({ edited, timing, status }: Pick<Message, 'edited' | 'timing' | 'status'>): boolean {
  return edited === true && timing === null && status === 'complete';
}
