import { once } from 'node:events';
import { createServer, request, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { answerInTurn } from './turns.ts';

/** A server whose answers stand for at most `unreadMs` unread. */
async function serve(
  answer: Parameters<typeof answerInTurn>[0],
  unreadMs: number,
): Promise<{ port: number; connections: () => Promise<number> }> {
  const inTurn = answerInTurn(answer, unreadMs);
  const server = createServer((incoming, response) => void inTurn(incoming, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => (server.closeAllConnections(), void server.close()));
  return {
    port: (server.address() as AddressInfo).port,
    connections: () =>
      new Promise((resolve, reject) =>
        server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
      ),
  };
}

it('cuts a connection of whose answer nothing is taken', async () => {
  const { port, connections } = await serve((_incoming, response) => {
    response.end(Buffer.alloc(64 * 1024 * 1024));
    return Promise.resolve();
  }, 30);
  const socket = connect(port, '127.0.0.1').pause();
  onTestFinished(() => void socket.destroy());
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await once(socket, 'readable');
  expect(await connections()).toBe(1);
  await expect.poll(connections, { timeout: 20_000 }).toBe(0);
});

it('leaves a caller alone who waits for an answer', async () => {
  const { port } = await serve(async (_incoming, response) => {
    // Five times as long as an answer may stand unread, measured by the same clock.
    await new Promise((resolve) => setTimeout(resolve, 150));
    response.end('late');
  }, 30);
  const sent = request({ host: '127.0.0.1', port });
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  expect((await response.setEncoding('utf8').toArray()).join('')).toBe('late');
});
