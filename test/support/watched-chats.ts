/** The chats of a served app, as a page that connects now sees them. */
import { WebSocket } from 'ws';
import type { ChatSummary, Message } from '../../preload/contract/chat.ts';
import type { HearthContract } from '../../preload/contract/contract.ts';
import { connect, isFrame, type Client } from '../../preload/wire/rpc.ts';
import type { ServedApp } from './app-setup.ts';

async function withClient<T>(
  { origin, token }: ServedApp,
  work: (client: Client<HearthContract>) => Promise<T>,
): Promise<T> {
  const socket = new WebSocket(`${origin.replace(/^http/, 'ws')}/rpc`, {
    headers: { authorization: `Bearer ${token}` },
  });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  try {
    return await work(
      connect<HearthContract>({
        post: (frame) => socket.send(JSON.stringify(frame)),
        onFrame: (listener) =>
          void socket.on('message', (data: Buffer) => {
            const frame: unknown = JSON.parse(data.toString());
            if (isFrame(frame)) listener(frame);
          }),
        onClose: (listener) => void socket.once('close', listener),
      }),
    );
  } finally {
    socket.terminate();
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
