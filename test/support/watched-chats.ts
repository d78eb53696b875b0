/** The chats of a served app, as a page that connects now sees them. */
import type { ChatSummary, Message } from '../../preload/contract/chat.ts';
import type { HearthClient } from '../../preload/contract/contract.ts';
import { connectTo } from './app-client.ts';
import type { ServedApp } from './app-setup.ts';

async function withClient<T>(app: ServedApp, work: (client: HearthClient) => Promise<T>): Promise<T> {
  const { client, close } = await connectTo(app);
  try {
    return await work(client);
  } finally {
    close();
  }
}

/** The chats in the list. */
export const chatsOf = (app: ServedApp): Promise<readonly ChatSummary[]> =>
  withClient(app, async (client) => {
    for await (const event of client.stream('chat.watchList', {})) if (event.type === 'snapshot') return event.chats;
    return [];
  });

/** All messages of a chat, of every branch, in the order in which they were made. */
export const messagesOf = (app: ServedApp, chatId: string): Promise<readonly Message[]> =>
  withClient(app, async (client) => {
    for await (const event of client.stream('chat.watch', { chatId }))
      if (event.type === 'snapshot') return event.messages;
    return [];
  });
