/** Which connections are closed to make room, on a real server with room for a few. */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { limitConnections, listen } from './connections.ts';

const MOST = 4;
const whole = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
const half = 'GET / HTTP/1.1\r\nHost: a\r\n';

/** A server that answers `/` at once, and keeps what is asked of other paths in `held`. */
async function start() {
  const held: ServerResponse[] = [];
  const server = createServer((request, response) => {
    if (request.url === '/') response.end('done');
    else held.push(response);
  });
  const connections = limitConnections(server, { most: MOST, headersLimitMs: 600_000 });
  server.on('upgrade', (_request, socket) => {
    connections.keep(socket);
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: any\r\n\r\n');
  });
  const port = await listen(server, 0, '127.0.0.1');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  /** A connection that the server has taken, after which `text` was sent. */
  async function open(text = ''): Promise<Socket> {
    const taken = once(server, 'connection');
    const socket = connect(port, '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    socket.on('error', () => {});
    await taken;
    socket.write(text);
    return socket;
  }
  return { open, held, server };
}

const closed = async (socket: Socket): Promise<void> => void (await once(socket.resume(), 'close'));
const read = async (socket: Socket): Promise<string> => String((await once(socket, 'data'))[0]);

it('closes the oldest connection that has sent no whole request, and answers the new one', async () => {
  const { open } = await start();
  const silent = [await open(half), await open(), await open(half), await open()];
  const last = await open(whole);
  await closed(silent[0]!);
  expect(await read(last)).toContain('done');
  // The others may still send theirs.
  silent[1]!.write(whole);
  expect(await read(silent[1]!)).toContain('done');
});

it('keeps what has sent a request, answered or not, and WebSockets', async () => {
  const { open, held, server } = await start();
  const upgraded = await open('GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: any\r\n\r\n');
  expect(await read(upgraded)).toContain('101');
  const rested = await open(whole);
  expect(await read(rested)).toContain('done');
  const arrived = Promise.withResolvers<void>();
  let count = 0;
  server.on('request', () => ++count === 2 && arrived.resolve());
  const working = [
    await open('GET /held HTTP/1.1\r\nHost: a\r\n\r\n'),
    await open('POST /held HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n'),
  ];
  await arrived.promise;
  await closed(await open(whole));
  for (const response of held) response.end('at last');
  for (const socket of working) expect(await read(socket)).toContain('at last');
  rested.write(whole);
  expect(await read(rested)).toContain('done');
  expect(upgraded.destroyed).toBe(false);
});
