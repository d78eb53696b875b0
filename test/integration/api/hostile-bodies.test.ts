/** Bodies and readers that would take all memory, all time or all slots of the server: everybody else is answered as before. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { startApiServer, type ApiServer } from '../../support/api-server.ts';

let server: ApiServer;
beforeAll(async () => {
  server = await startApiServer();
}, 60_000);
afterAll(async () => await server.close());

async function send(path: string, body: string): Promise<{ status: number; text: string }> {
  const answer = await fetch(`${server.address}${path}`, {
    ...{ method: 'POST', body },
    headers: { 'content-type': 'application/json' },
  });
  return { status: answer.status, text: await answer.text() };
}
const deep = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`;
const said = '"messages":[{"role":"user","content":"x"}]';
const wrongParts = `{"role":"user","content":[${'{},'.repeat(999)}{}]},`.repeat(9998);

it.each([
  [
    '/v1/chat/completions',
    `{"model":"ember",${said},"tools":[{"type":"function","function":{"name":"a","parameters":${deep}}}]}`,
  ],
  ['/v1/chat/completions', `{"model":"ember",${said},"tools":[{"type":${deep}}]}`],
  ['/v1/messages', `{"model":"ember","max_tokens":4,${said},"tools":[{"name":"a","input_schema":${deep}}]}`],
  [
    '/v1/messages',
    `{"model":"ember","max_tokens":4,"messages":[{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"a","input":${deep}}]}]}`,
  ],
  ['/api/chat', `{"model":"ember",${said},"tools":[{"type":"function","function":{"name":"a","parameters":${deep}}}]}`],
  ['/api/chat', `{"model":"ember",${said},"format":${deep}}`],
  ['/completion', `{"prompt":"x","json_schema":${deep}}`],
  // One of these took four gigabytes for its ten million mistakes, and the app with it.
  ['/v1/chat/completions', `{"model":"ember","messages":[${wrongParts}{"role":"user","content":"x"}]}`],
  ['/v1/chat/completions', `{"model":"ember",${said},"logit_bias":{${'"a":1,'.repeat(1_000_000)}"b":1}}`],
  ['/api/create', JSON.stringify({ model: 'x', modelfile: `FROM ember\nSYSTEM """${'\n'.repeat(4_000_000)}` })],
])('refuses a hostile body to %s at once', async (path, body) => {
  const { status, text } = await send(path, body);
  expect(status, text).toBe(400);
  expect(text).not.toMatch(/internal|stack/);
});

it('answers others while somebody does not read the replies that take all slots', async () => {
  const { hostname, port } = new URL(server.address);
  const body = JSON.stringify({
    ...{ model: 'ember', messages: [{ role: 'user', content: 'x' }], stream: true, n: 4 },
    ...{ logprobs: true, top_logprobs: 20, min_tokens: 900, max_tokens: 900 },
  });
  const socket = connect(Number(port), hostname).pause();
  onTestFinished(() => void socket.destroy());
  socket.write(
    `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  // Four replies of two megabytes: more than the system holds for a reader who takes nothing.
  await expect
    .poll(
      async () => /predicted_total (\d+)/.exec((await (await fetch(`${server.address}/metrics`)).text()) ?? '')?.[1],
      {
        timeout: 150_000,
        interval: 500,
      },
    )
    .toBe('3600');
}, 180_000);

it('takes little memory for a body that comes in pieces of one byte', async () => {
  const { hostname, port } = new URL(server.address);
  const socket = connect(Number(port), hostname);
  onTestFinished(() => void socket.destroy());
  const pieces = '1\r\n \r\n'.repeat(50_000);
  const before = process.memoryUsage().rss;
  socket.write('POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n');
  // Two million pieces, which took a gigabyte.
  for (let count = 0; count < 40; count++) if (!socket.write(pieces)) await once(socket, 'drain');
  expect(process.memoryUsage().rss - before).toBeLessThan(300_000_000);
  socket.write('0\r\n\r\n');
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1.1 400 /);
});
