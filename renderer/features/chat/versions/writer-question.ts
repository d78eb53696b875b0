import type { Message } from '../../../../preload/contract/chat.ts';

/** Which model writes a reply again, or which two write it side by side. */
export interface WriterQuestion {
  readonly kind: 'regenerate' | 'compare';
  readonly message: Message;
}
