/** How long a list waits for servers that say nothing, over real servers on loopback. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished, vi } from 'vitest';
import { createHops } from '../../base/hops.ts';
import { parseAddress } from './address.ts';
import { createRemoteClient } from './client.ts';
import { createKnownServers, type KnownServers } from './known-servers.ts';
import { defaultRemoteLimits } from './limits.ts';
import type { StoredProvider } from './stored-providers.ts';

/** Longer than any test: who waits for it is ended by the test's own limit. */
const FOREVER_MS = 2 ** 31 - 1;

interface HeldServer {
  readonly provider: StoredProvider;
  readonly asked: () => number;
  /** Answers what was asked and what will be. */
  release(): void;
}

/** A server that takes a question and says nothing until it is released. */
async function heldServer(id: string): Promise<HeldServer> {
  const waiting: (() => void)[] = [];
  let isReleased = false;
  let count = 0;
  const server = http.createServer((request, response) => {
    if (request.url !== '/v1/models') return void response.writeHead(404).end('{}');
    count++;
    const answer = (): void =>
      void response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ object: 'list', data: [{ id: `model-of-${id}`, object: 'model' }] }));
    if (isReleased) answer();
    else waiting.push(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  return {
    provider: {
      ...{ id, kind: 'openai-compatible', name: id, address, headerNames: [], certificates: null, enabled: true },
    },
    asked: () => count,
    release() {
      isReleased = true;
      for (const answer of waiting.splice(0)) answer();
    },
  };
}

function known(servers: readonly HeldServer[], now: () => number = Date.now): KnownServers {
  const limits = { ...defaultRemoteLimits, shortMs: FOREVER_MS, headersMs: FOREVER_MS };
  const all = createKnownServers({
    list: () => servers.map(({ provider }) => provider),
    clientOf: ({ name, address }) =>
      createRemoteClient({
        ...{ name, address: parseAddress(address), key: null, headers: {}, fetch, offlineBy: null, limits },
        hops: createHops(),
      }),
    ...{ now, onChange: () => {} },
  });
  onTestFinished(() => all.forgetAll());
  return all;
}
const modelsOf = (all: KnownServers, { provider }: HeldServer): readonly string[] | undefined =>
  all.of(provider).server?.models.map(({ name }) => name);

it('ends its wait at the limit, asks on in the background, and waits for the same silence once only', async () => {
  const silent = await heldServer('silent');
  const all = known([silent]);
  await all.firstAnswers(20);
  expect(all.of(silent.provider).status.state).toBe('asking');
  await all.firstAnswers(FOREVER_MS);
  expect(modelsOf(all, silent)).toBeUndefined();
  silent.release();
  await vi.waitUntil(() => all.of(silent.provider).status.state === 'ready');
  expect(modelsOf(all, silent)).toEqual(['model-of-silent']);
  // It was asked once, by all of them together.
  expect(silent.asked()).toBe(1);
});

it('waits for those alone that nothing is known of, and ends with the last answer', async () => {
  const [first, second] = [await heldServer('first'), await heldServer('second')];
  const servers = [first];
  const all = known(servers);
  first.release();
  await all.firstAnswers(FOREVER_MS);
  expect(modelsOf(all, first)).toEqual(['model-of-first']);
  // One that is added later is waited for, also where the others were.
  servers.push(second);
  let isOver = false;
  const wait = all.firstAnswers(FOREVER_MS).then(() => (isOver = true));
  await vi.waitUntil(() => second.asked() === 1);
  expect(isOver).toBe(false);
  second.release();
  await wait;
  expect(modelsOf(all, second)).toEqual(['model-of-second']);
});

it('waits again for a server whose settings were changed', async () => {
  const silent = await heldServer('silent');
  const all = known([silent]);
  await all.firstAnswers(20);
  all.forget(silent.provider.id);
  const wait = all.firstAnswers(FOREVER_MS);
  await vi.waitUntil(() => silent.asked() === 2);
  silent.release();
  await wait;
  expect(modelsOf(all, silent)).toEqual(['model-of-silent']);
});

it('is three seconds for lists of all models', () => expect(defaultRemoteLimits.listMs).toBe(3000));
