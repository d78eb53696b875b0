/** Many clients at once, some of whom hang up or read slowly: nothing fails but what finds the queue full, and nothing is left behind. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request, Agent, type IncomingMessage } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import { expect, it, onTestFinished } from 'vitest';
import type { ServerState } from '../../../preload/contract/server.ts';

const REQUESTS = Number(process.env['SOAK_REQUESTS'] ?? 1000);
const CLIENTS = 64;
/** The memory is compared with that after so many requests: before, the code is still being compiled and caches fill. */
const WARM = Math.max(600, Math.floor(REQUESTS * 0.4));

async function startServer(folder: string): Promise<{ app: ChildProcess; address: string }> {
  const app = spawn(
    process.execPath,
    [path.join(import.meta.dirname, '../../../main/start.mjs'), '--serve', '--port', '0'],
    {
      env: {
        ...process.env,
        ...{
          HEARTH_DATA_DIR: path.join(folder, 'data'),
          HEARTH_CACHE_DIR: path.join(folder, 'cache'),
          HEARTH_OFFLINE: '1',
        },
        // What is garbage is collected before it is measured.
        NODE_OPTIONS: '--max-old-space-size=512',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let said = '';
  const url = await new Promise<URL>((resolve, reject) => {
    app.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const match = /ready: (\S+)/.exec(said)?.[1];
      if (match !== undefined) resolve(new URL(match));
    });
    app.once('exit', () => reject(new Error(`The app ended: ${said}`)));
  });
  const token = new URLSearchParams(url.hash.slice(1)).get('token') ?? '';
  const call = async (route: string, input: object): Promise<unknown> => {
    const answer = await fetch(`${url.origin}/rpc/${route}`, {
      ...{ method: 'POST', body: JSON.stringify(input) },
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    });
    return await answer.json();
  };
  for (let port = 20_000 + (process.pid % 20_000); ; port++) {
    await call('server.update', { port, slots: 4 });
    const state = (await call('server.start', {})) as Partial<ServerState>;
    if (typeof state.address === 'string') return { app, address: state.address };
    if (port % 50 === 49) throw new Error(`The server does not start: ${JSON.stringify(state)}`);
  }
}

type Manner = 'stream' | 'whole' | 'hang up' | 'slow';
type Outcome = 'done' | 'refused' | 'hung up';

const mannerOf = (index: number): Manner => {
  if (index % 20 === 7) return 'hang up';
  if (index % 20 === 13) return 'slow';
  return index % 3 === 0 ? 'whole' : 'stream';
};

/** One request of a client. @throws for an answer that is neither right nor 429. */
async function ask(address: string, agent: Agent, index: number): Promise<Outcome> {
  const manner = mannerOf(index);
  const { hostname, port } = new URL(address);
  const sent = request({
    ...{ hostname, port, agent, method: 'POST', path: '/v1/chat/completions' },
    headers: { 'content-type': 'application/json' },
  });
  sent.end(
    JSON.stringify({
      model: 'ember',
      messages: [{ role: 'user', content: `Question ${index}: who are you?` }],
      stream: manner !== 'whole',
      max_tokens: manner === 'hang up' ? 400 : 12,
      ignore_eos: manner === 'hang up',
    }),
  );
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  let text = '';
  try {
    for await (const chunk of answer) {
      text += String(chunk);
      if (manner === 'hang up') {
        sent.destroy();
        return 'hung up';
      }
      if (manner === 'slow') await new Promise((resolve) => setTimeout(resolve, 20));
    }
  } catch (error) {
    if (manner === 'hang up') return 'hung up';
    throw error;
  }
  if (answer.statusCode === 429) {
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    return 'refused';
  }
  if (answer.statusCode !== 200) throw new Error(`${answer.statusCode}: ${text}`);
  if (manner === 'whole') expect(JSON.parse(text)).toMatchObject({ choices: [{ message: { role: 'assistant' } }] });
  else expect(text.endsWith('data: [DONE]\n\n'), text.slice(-200)).toBe(true);
  return 'done';
}

const residentBytes = (pid: number): number =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;

it(
  `${REQUESTS} requests of ${CLIENTS} clients`,
  async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-soak-'));
    const { app, address } = await startServer(folder);
    onTestFinished(() => {
      app.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    });
    const counts = { done: 0, refused: 0, 'hung up': 0 };
    let next = 0;
    let warmBytes = 0;
    const canMeasure = process.platform === 'linux';
    await Promise.all(
      Array.from({ length: CLIENTS }, async () => {
        const agent = new Agent({ keepAlive: true, maxSockets: 1 });
        while (next < REQUESTS) {
          const index = next++;
          if (index === WARM && canMeasure) warmBytes = residentBytes(app.pid ?? 0);
          // As the official clients do: one that finds the queue full comes again when it is told to.
          for (;;) {
            const outcome = await ask(address, agent, index);
            counts[outcome]++;
            if (outcome !== 'refused') break;
            await new Promise((resolve) => setTimeout(resolve, 1000));
          }
        }
        agent.destroy();
      }),
    );
    console.log(JSON.stringify({ ...counts, warmBytes, endBytes: canMeasure ? residentBytes(app.pid ?? 0) : null }));
    expect(counts.done + counts['hung up']).toBe(REQUESTS);
    expect(counts['hung up']).toBeGreaterThan(REQUESTS * 0.04);
    if (canMeasure) expect(residentBytes(app.pid ?? 0) / warmBytes).toBeLessThan(1.1);

    // Nobody who went away holds a slot: as many requests as there are slots are answered at once.
    const agent = new Agent();
    expect(await Promise.all([0, 3, 6, 9].map((index) => ask(address, agent, index)))).toEqual(Array(4).fill('done'));
    const gone = once(app, 'exit');
    app.kill('SIGTERM');
    expect((await gone)[0]).toBe(0);
    const store = new Database(path.join(folder, 'data/hearth.db'), { readonly: true });
    expect(store.pragma('integrity_check')).toEqual([{ integrity_check: 'ok' }]);
    store.close();
  },
  10 * 60_000,
);
