import { once } from 'node:events';
import { createServer, request, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { answerError } from './answers.ts';

it('an error after the head of an answer cuts the connection, so that half of it is not taken for all of it', async () => {
  const failures: unknown[] = [];
  const server = createServer((asked, response) => {
    response.writeHead(200, { 'transfer-encoding': 'chunked' });
    response.write('half');
    try {
      answerError(asked, response, new Error('The disk failed.'));
    } catch (error) {
      failures.push(error);
      response.end();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const sent = request({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
  const end = new Promise<string>((resolve) => {
    sent.on('error', () => resolve('cut'));
    sent.on('response', (response: IncomingMessage) => {
      response.on('error', () => resolve('cut')).on('end', () => resolve('whole'));
      response.resume();
    });
  });
  sent.end();
  expect(await end).toBe('cut');
  expect(failures).toEqual([]);
});
