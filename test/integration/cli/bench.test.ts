/** `hearth bench` with the real engine, beside programs that answer as llama-bench and llama-server of llama.cpp 0.7.0 do. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commandIn, type Outcome } from '../../support/hearth-command.ts';

let folder: string;
let hearth: ReturnType<typeof commandIn>;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-bench-'));
  hearth = commandIn(folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A program of its own folder, written in the Node that runs this test. */
function program(name: string, body: string): string {
  const place = mkdtempSync(path.join(folder, 'bin-'));
  const file = path.join(place, name);
  writeFileSync(file, `#!${process.execPath}\n${body}`);
  chmodSync(file, 0o755);
  return file;
}

const llamaBench = (said: string): string => `
const args = process.argv.slice(2);
const after = (name) => args[args.indexOf(name) + 1];
if (args.includes('--version')) { console.error('version: 0.7.0 (build 11669)'); process.exit(0); }
require('node:fs').appendFileSync(${JSON.stringify(said)}, args.join(' ') + '\\n');
const rows = [];
for (const n of after('-p').split(',').map(Number)) if (n > 0) rows.push({ n_prompt: n, n_gen: 0, avg_ts: 2000 });
for (const n of after('-n').split(',').map(Number)) if (n > 0) rows.push({ n_prompt: 0, n_gen: n, avg_ts: 50 });
console.log(JSON.stringify(rows));`;

const llamaServer = (pids: string): string => `
const args = process.argv.slice(2);
if (args.includes('--version')) { console.error('version: 0.7.0 (build 11669)'); process.exit(0); }
require('node:fs').writeFileSync(${JSON.stringify(pids)}, String(process.pid));
require('node:http').createServer((request, response) => {
  if (request.url === '/health') return response.end('{}');
  let text = '';
  request.on('data', (piece) => (text += piece)).on('end', () => {
    const { prompt, n_predict } = JSON.parse(text);
    response.end(JSON.stringify({ timings: { prompt_per_second: prompt.length * 10, predicted_per_second: n_predict } }));
  });
}).listen(Number(args[args.indexOf('--port') + 1]), '127.0.0.1');`;

interface Told {
  readonly n_ctx: number;
  readonly peer: { readonly name: string; readonly version: string } | null;
  readonly tests: readonly {
    readonly n_prompt: number;
    readonly n_gen: number;
    readonly n_threads: number;
    readonly avg_ts: number;
    readonly samples_ts: readonly number[];
    readonly samples_ns: readonly number[];
    readonly peer?: { readonly samples_ts: readonly number[] };
    readonly ratio?: number;
  }[];
}
const told = ({ out }: Outcome): Told => JSON.parse(out) as Told;

describe('hearth bench', () => {
  it('measures each size and number of threads as often as it is told', async () => {
    const args = ['bench', 'ember', '-p', '16,64', '-n', '2', '-r', '3', '-t', '1,2', '--alone', '--json'];
    const { tests, peer, n_ctx } = told(await hearth(args));
    expect(peer).toBe(null);
    expect(n_ctx).toBeGreaterThanOrEqual(64);
    expect(tests.map(({ n_prompt, n_gen, n_threads }) => [n_prompt, n_gen, n_threads])).toEqual([
      ...[1, 2].flatMap((threads) => [
        [16, 0, threads],
        [64, 0, threads],
        [0, 2, threads],
      ]),
    ]);
    for (const { samples_ts, samples_ns, avg_ts, n_prompt, n_gen } of tests) {
      expect(samples_ts).toHaveLength(3);
      expect(avg_ts).toBeCloseTo(samples_ts.reduce((sum, one) => sum + one, 0) / 3, 6);
      for (const [at, ns] of samples_ns.entries())
        expect((n_prompt + n_gen) / (ns / 1e9) / (samples_ts[at] ?? 0)).toBeCloseTo(1, 3);
    }
  });

  it('measures more tokens than the default context has', async () => {
    const { tests, n_ctx } = told(
      await hearth(['bench', 'ember', '-p', '3000', '-n', '0', '-r', '1', '-t', '1', '--alone', '--json']),
    );
    expect(tests.map(({ n_prompt }) => n_prompt)).toEqual([3000]);
    expect(n_ctx).toBeGreaterThan(3000);
  });

  it('is beside llama-bench in each round', async () => {
    const said = path.join(folder, 'said');
    const file = program('llama-bench', llamaBench(said));
    const outcome = await hearth([
      'bench',
      'ember',
      '-p',
      '16',
      '-n',
      '4',
      '-r',
      '2',
      '-t',
      '1',
      '--against',
      file,
      '--json',
    ]);
    const { tests, peer } = told(outcome);
    expect(peer).toMatchObject({ name: 'llama-bench', version: '0.7.0 (build 11669)' });
    expect(tests.map((test) => test.peer?.samples_ts)).toEqual([
      [2000, 2000],
      [50, 50],
    ]);
    const [own = 0, other = 1] = tests[1]?.samples_ts ?? [];
    expect(tests[1]?.ratio).toBeCloseTo((own + other) / 2 / 50, 6);
    expect(readFileSync(said, 'utf8').trim().split('\n')).toHaveLength(2);
    expect(readFileSync(said, 'utf8')).toMatch(/-m \S+ember-3M-Q8_0\.gguf -r 1 -o json -t 1 -ngl 0 -p 16 -n 4/);
  });

  it('finds it in PATH, and prints a table', async () => {
    const file = program('llama-bench', llamaBench(path.join(folder, 'found')));
    const found = commandIn(folder, { PATH: `${path.dirname(file)}:${process.env['PATH'] ?? ''}` });
    const { out } = await found(['bench', 'ember', '-p', '16', '-n', '0', '-r', '1', '-t', '1']);
    expect(out).toMatch(/^ {2}MODEL +SIZE +PARAMS +BACKEND +THREADS +TEST +TOKENS\/S +LLAMA-BENCH +RATIO$/m);
    expect(out).toMatch(/pp16 +[\d.]+ ± 0\.00 +2000\.00 ± 0\.00 +[\d.]+$/m);
  });

  it('is beside llama-server, which ends with it', async () => {
    const pids = path.join(folder, 'pid');
    const file = program('llama-server', llamaServer(pids));
    const { tests, peer } = told(
      await hearth(['bench', 'ember', '-p', '16', '-n', '4', '-r', '1', '-t', '1', '--against', file, '--json']),
    );
    expect(peer?.name).toBe('llama-server');
    expect(tests.map((test) => test.peer?.samples_ts)).toEqual([[160], [4]]);
    expect(() => process.kill(Number(readFileSync(pids, 'utf8')), 0)).toThrow('ESRCH');
  });

  it('says why a program measures nothing', async () => {
    const failing = program('llama-bench', 'console.error("error: out of luck"); process.exit(3);');
    const named = await hearth(['bench', 'ember', '-p', '8', '-n', '0', '-r', '1', '-t', '1', '--against', failing]);
    expect(named).toMatchObject({ code: 1, err: expect.stringContaining('error: out of luck') as string });
    expect((await hearth(['bench', 'ember', '--against', 'nowhere/llama-bench'])).err).toMatch(
      /^not_found: There is no program/,
    );
    mkdirSync(path.join(folder, 'other'), { recursive: true });
    expect((await hearth(['bench', 'ember', '--against', process.execPath])).err).toContain('is called neither');
    for (const [args, sentence] of [
      [['-p', 'x'], '--n-prompt takes whole numbers from 0 to 1000000 with commas between them, not "x".'],
      [['-p', '0', '-n', '0'], 'There is nothing to measure: both --n-prompt and --n-gen are 0.'],
      [['-r', '0'], '--repetitions takes a whole number from 1 to 1000, not "0".'],
      [['--alone', '--against', 'x'], '--alone and --against exclude each other.'],
    ] as const) {
      const { code, err } = await hearth(['bench', 'ember', ...args]);
      expect([code, err.split('\n')[0]]).toEqual([2, sentence]);
    }
  });

  it('ends with 130 when it is interrupted, and leaves no process', async () => {
    const pids = path.join(folder, 'interrupted-pid');
    const file = program('llama-server', llamaServer(pids));
    const outcome = await new Promise<Outcome>((resolve) => {
      const stop = new AbortController();
      const look = setInterval(() => {
        if (existsSync(pids)) stop.abort();
      }, 20);
      void hearth(['bench', 'ember', '-p', '800', '-n', '100', '-r', '1000', '-t', '1', '--against', file], {
        interrupt: stop.signal,
      }).then((ended) => {
        clearInterval(look);
        resolve(ended);
      });
    });
    expect([outcome.code, outcome.out]).toEqual([130, '']);
    expect(() => process.kill(Number(readFileSync(pids, 'utf8')), 0)).toThrow('ESRCH');
  });
});
