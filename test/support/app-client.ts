/** A client of a served app on the WebSocket that the page uses. */
import { WebSocket } from 'ws';
import type { HearthClient, HearthContract } from '../../preload/contract/contract.ts';
import { connect, isFrame } from '../../preload/wire/rpc.ts';
import type { ServedApp } from './app-setup.ts';

/** Connects; `close` ends the connection and not the app. */
export async function connectTo(
  app: Pick<ServedApp, 'origin' | 'token'>,
): Promise<{ client: HearthClient; close: () => void }> {
  const socket = new WebSocket(`${app.origin.replace('http', 'ws')}/rpc`, {
    headers: { authorization: `Bearer ${app.token}` },
  });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  const client = connect<HearthContract>({
    post: (frame) => socket.send(JSON.stringify(frame)),
    onFrame: (listener) =>
      void socket.on('message', (data: Buffer) => {
        const frame: unknown = JSON.parse(data.toString());
        if (isFrame(frame)) listener(frame);
      }),
    onClose: (listener) => void socket.once('close', listener),
  });
  return { client, close: () => socket.close() };
}
