import type { Message } from '../../../../preload/contract/chat.ts';
import { isBlank } from '../../../../preload/contract/message-parts.ts';
import type { ErrorBody } from '../../../../preload/wire/errors.ts';
import { words } from '../../../words/words.ts';

/** The title of a reply's error where the reply says more than the error: it is complete, or a part of it is kept. */
export function failureTitle(error: ErrorBody, message: Pick<Message, 'status' | 'parts'>): string | undefined {
  if (message.status === 'complete' || message.status === 'stopped') return words.failure.notStored;
  const crashed = error.code === 'engine.crashed' && error.data?.['reason'] !== 'unloaded';
  return crashed && !isBlank(message) ? words.failure.engineStopped : undefined;
}
