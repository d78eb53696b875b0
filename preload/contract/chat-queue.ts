/** Messages that wait for the end of a reply. */
import { z } from 'zod';
import { call } from '../wire/rpc.ts';
import { chatIdSchema, holdsSchema, randomIdSchema, userPartsSchema, type QueuedMessage } from './chat.ts';

/** Of one chat. */
export const MOST_QUEUED = 50;

const queuedInput = z.strictObject({ messageId: randomIdSchema });

export const chatQueueRoutes = {
  /**
   * Puts a message behind those that wait. It is sent when the reply that is being written, and those to the messages before it, ended well;
   * at once where no reply is being written and nothing waits, unless `waits`. After a stop or a failure all stay until one is sent by hand. A
   * second call with the same `messageId` adds nothing. Throws not_found, invalid_input (50 wait), disk.full.
   */
  'chat.enqueue': call(
    z.strictObject({
      chatId: chatIdSchema,
      messageId: randomIdSchema,
      parts: userPartsSchema,
      holds: holdsSchema.optional(),
      waits: z.boolean().optional(),
    }),
  ).returns<null>(),
  /** Takes a message out of the queue. Throws not_found, also where it was sent meanwhile. */
  'chat.takeQueued': call(queuedInput).returns<QueuedMessage>(),
  /** Sends a queued message now, before the others. A reply that is being written is stopped first, and its text kept. */
  'chat.sendQueued': call(queuedInput).returns<null>(),
};
