/** The http shell under Node's own limit for a whole request, which is made short here. */
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type * as http from 'node:http';
import type { IncomingMessage, RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished, vi } from 'vitest';
import type { HearthHandlers } from '../../../preload/contract/contract.ts';
import { startHttpShell } from './http.ts';

vi.mock('node:http', async (original) => {
  const real = await original<typeof http>();
  const limits = { requestTimeout: 100, headersTimeout: 50, connectionsCheckingInterval: 20 };
  const createServer = (...given: readonly unknown[]): http.Server => {
    const server = real.createServer(limits, given.at(-1) as RequestListener);
    // Stays shorter than the limit for a request, because Node exchanges the two otherwise.
    return Object.defineProperty(server, 'headersTimeout', { get: () => limits.headersTimeout, set: () => {} });
  };
  return { ...real, createServer };
});

const token = 'a-token';

/** Sends the beginning of a body. */
function begin(port: number): ReturnType<typeof request> {
  const sent = request({
    ...{ host: '127.0.0.1', port, path: '/import/a.gguf', method: 'POST' },
    headers: { authorization: `Bearer ${token}`, 'content-length': 8 },
  });
  sent.on('error', () => {});
  sent.write('GGUF');
  return sent;
}

it('takes a file for longer than Node gives a request', async () => {
  const begun = Promise.withResolvers<void>();
  const shell = await startHttpShell({
    app: {
      handlers: {} as HearthHandlers,
      onFailure: () => {},
      async importFile(name, body) {
        for await (const _chunk of body) begun.resolve();
        return { modelId: name };
      },
    },
    ...{ pageFolder: import.meta.dirname, port: 0, token },
  });
  onTestFinished(() => shell.close());
  const server = createServer((asked) => void asked.resume());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());

  const sent = begin(Number(new URL(shell.origin).port));
  const answered = once(sent, 'response');
  await begun.promise;
  // A server that leaves Node its limit cuts two requests meanwhile, one after the other.
  for (let cut = 0; cut < 2; cut++) {
    const [refused] = (await once(begin((server.address() as AddressInfo).port), 'response')) as [IncomingMessage];
    expect(refused.statusCode).toBe(408);
    refused.resume();
  }
  sent.end('rest');
  const [answer] = (await answered) as [IncomingMessage];
  answer.resume();
  expect(answer.statusCode).toBe(200);
});
