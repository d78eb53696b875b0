/**
 * All causes of a child's end: each caller gets one typed error, other models are unaffected, and the next request
 * succeeds.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import type { LoadNote } from '../../../preload/contract/load-notes.ts';
import { isAppError, type AppError, type ErrorCode } from '../../../preload/wire/errors.ts';
import type { Watchdog } from '../../../main/engine/engine.ts';
import { endless } from '../../support/endless.ts';
import {
  childPath,
  ember,
  longStories,
  reply,
  root,
  startEngine,
  stories,
  until,
  write,
  type TestEngine,
} from '../../support/engine-host-setup.ts';
import { childrenOf, isAlive } from '../../support/processes.ts';

/** Shorter than in the app, but longer than a busy machine delays a child. */
const impatient: Watchdog = { everyMs: 100, unanswered: 80, startMs: 60_000, batchMs: 60_000, grammarMs: 60_000 };
/** For a child that is stopped: two seconds. */
const SILENT_PINGS = 20;
let test: TestEngine | undefined;
afterEach(async () => {
  expect(await test?.close()).toEqual(test ? [] : undefined);
  test = undefined;
});

/** The child that was started last: that of the model that was loaded last. */
const lastPid = ({ children }: TestEngine): number => children.at(-1)?.pid ?? 0;

async function failure(work: Promise<unknown>): Promise<AppError> {
  try {
    await work;
  } catch (error) {
    if (isAppError(error)) return error;
    throw error;
  }
  throw new Error('It did not fail.');
}

describe.skipIf(process.platform === 'win32')('a child that ends while it writes', () => {
  const kinds: readonly (readonly [NodeJS.Signals, ErrorCode, RegExp])[] = [
    ['SIGKILL', 'engine.crashed', /stopped by the system/],
    ['SIGABRT', 'engine.crashed', /internal error/],
    ['SIGSEGV', 'engine.crashed', /memory that is not its own/],
    ['SIGILL', 'engine.crashed', /instruction that this processor does not have/],
    ['SIGSTOP', 'engine.crashed', /no longer answered/],
  ];
  it.for(kinds)(
    '%s: every call settles once, the other model goes on, and it loads again',
    async ([signal, code, words]) => {
      test = startEngine({ watchdog: signal === 'SIGSTOP' ? { ...impatient, unanswered: SILENT_PINGS } : impatient });
      const { engine } = test;
      await engine.load(ember);
      const expected = await write(engine, ember, 'Who are you?', 8);
      await engine.load(longStories);
      const pid = lastPid(test);

      let settled = 0;
      let sent = false;
      let sentAt = 0;
      const count = async (work: Promise<unknown>): Promise<AppError> => {
        const error = await failure(work);
        settled++;
        return error;
      };
      const writeEndlessly = async (): Promise<void> => {
        const request = { input: { rawPrompt: 'Once' }, sampling: endless };
        for await (const event of reply(engine, stories, request))
          if (event.type === 'text' && !sent) {
            sent = true;
            sentAt = performance.now();
            process.kill(pid, signal);
          }
      };
      // Two replies, one of which waits for the other, and a request to a child that has ended.
      const first = count(writeEndlessly());
      const second = count(writeEndlessly());
      const errors = await Promise.all([first, second]);
      for (const error of errors) {
        expect(error.code).toBe(code);
        expect(error.message).toMatch(words);
      }
      expect(settled).toBe(2);
      // Not before the pings that may stay without an answer, and long before the test is out of time.
      const tookMs = performance.now() - sentAt;
      if (signal === 'SIGSTOP') expect(tookMs).toBeGreaterThan((SILENT_PINGS - 2) * impatient.everyMs);
      expect(tookMs).toBeLessThan(20_000);
      expect(isAlive(pid)).toBe(false);
      const states = new Map(engine.loaded().map((one) => [one.modelId, one]));
      expect(states.get(stories.modelId)).toMatchObject({ status: 'failed', memoryBytes: 0, error: { code } });
      expect(states.get(ember.modelId)).toMatchObject({ status: 'ready', error: null });
      expect((await failure(write(engine, stories, 'Once', 2))).code).toBe(code);

      expect(await write(engine, ember, 'Who are you?', 8)).toBe(expected);
      await engine.load(stories);
      expect(await write(engine, stories, 'Once', 8)).not.toBe('');
    },
  );
});

describe('a batch that does not end', () => {
  it('is a hang although the child answers: the child is ended, and the model loads again', async () => {
    // No batch takes 0 ms, so every reply counts as hanging here.
    test = startEngine({ watchdog: { ...impatient, everyMs: 5, unanswered: 6000, startMs: 30_000, batchMs: 0 } });
    const { engine } = test;
    await engine.load(longStories);
    const error = await failure(write(engine, stories, 'Once', 30_000));
    expect(error).toMatchObject({ code: 'engine.crashed', data: { reason: 'hang' } });
    expect(error.message).toBe('The engine made no progress for a long time and was stopped.');
    expect(isAlive(lastPid(test))).toBe(false);
    expect(await engine.load(stories)).toMatchObject({ status: 'ready', error: null });
  });
});

describe.skipIf(process.platform === 'win32')('a model file that is cut short while its model is loaded', () => {
  it('is a typed error that names the file as the cause, and the app continues', async () => {
    test = startEngine();
    const { engine, folder } = test;
    const cut = { ...stories, modelId: 'a/b/cut.gguf', path: path.join(folder, 'cut.gguf') };
    cpSync(stories.path, cut.path);
    await engine.load(cut);
    truncateSync(cut.path, 4096);
    const error = await failure(write(engine, cut, 'Once', 20));
    expect(error).toMatchObject({ code: 'engine.crashed', data: { reason: 'SIGBUS' } });
    expect(error.message).toContain('The model file could no longer be read');
    await engine.load(stories);
    expect(await write(engine, stories, 'Once', 4)).not.toBe('');
  });
});

describe.skipIf(process.platform !== 'linux')('memory that runs out', () => {
  it('is an out-of-memory error when the system refuses it, and the load steps down', async ({ skip }) => {
    if (!existsSync('/usr/bin/prlimit')) skip('prlimit is not installed');
    const notes: LoadNote[] = [];
    // 1.5 GB for the child: it starts, and a context of 4 million tokens (2.6 GB) is refused.
    test = startEngine({ onChange: (loaded) => notes.push(...(loaded[0]?.notes ?? [])) }, childPath, ({ pid }) => {
      // Before any request.
      execFileSync('/usr/bin/prlimit', ['--pid', String(pid), '--data=1500000000'], { stdio: 'ignore' });
    });
    const { engine } = test;
    const state = await engine.load({ ...stories, contextSize: 4_194_304 });
    expect(state.status).toBe('ready');
    expect(state.contextSize).toBeLessThan(4_194_304);
    expect(state.notes).toContainEqual({
      code: 'context_shortened',
      fromTokens: expect.any(Number) as number,
      toTokens: expect.any(Number) as number,
    });
    expect(test.children.length).toBeGreaterThan(1);
    expect(test.children.length).toBeLessThanOrEqual(6);
    expect(await write(engine, stories, 'Once', 4)).not.toBe('');
  });

  it('is an out-of-memory error when the system kills for it', async ({ skip }) => {
    const group = `/sys/fs/cgroup/memory/hearth-test-${process.pid}`;
    try {
      mkdirSync(group);
      writeFileSync(`${group}/memory.limit_in_bytes`, '300000000');
    } catch {
      skip('memory control groups cannot be made here');
    }
    try {
      // The long text keeps the child from answering, on a busy machine longer than the watchdog of the other tests
      // waits.
      test = startEngine({ watchdog: { ...impatient, unanswered: 600 } });
      const { engine } = test;
      await engine.load(stories);
      const pid = lastPid(test);
      writeFileSync(`${group}/cgroup.procs`, String(pid));
      // The cgroup is checked at every answer to a ping. The second answer from here on belongs to a ping after the
      // move.
      const child = test.children.at(-1);
      for (let answers = 0; answers < 3; answers++) await once(child!, 'message');
      // Texts of nearly as many tokens as one request may have, all at once.
      const text = 'once upon a time '.repeat(90_000);
      using lease = await engine.openLoaded(stories.modelId);
      const error = await failure(
        Promise.all(Array.from({ length: 12 }, () => lease.tokenize({ text, special: false }))),
      );
      expect(error.code).toBe('engine.out_of_memory');
      expect(isAlive(pid)).toBe(false);
      await engine.load(stories);
      expect(await write(engine, stories, 'Once', 4)).not.toBe('');
    } finally {
      await test?.close();
      test = undefined;
      rmdirSync(group);
    }
  });
});

describe('a child that cannot start', () => {
  it.skipIf(process.platform !== 'linux')('says so in plain words when a library is missing', async ({ skip }) => {
    if (!childPath.endsWith('.js')) skip('the built child is not there: npm run build');
    const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-broken-'));
    try {
      cpSync(path.join(path.dirname(childPath), '..'), path.join(folder, 'engine'), { recursive: true });
      const name = `@node-llama-cpp/linux-${process.arch}`;
      const copy = path.join(folder, 'engine/node_modules', name);
      cpSync(path.join(root, 'node_modules', name), copy, {
        recursive: true,
        filter: (file) => !/libllama\.[^/]*$/.test(file),
      });
      test = startEngine({}, path.join(folder, 'engine/dist/child.js'));
      const error = await failure(test.engine.load(ember));
      expect(error).toMatchObject({ code: 'engine.start_failed' });
      expect(error.message).toMatch(/^The libraries that run models could not be opened/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('says so when there is no such program', async () => {
    test = startEngine({
      spawnChild: () =>
        spawn(path.join(os.tmpdir(), 'no-such-node'), [], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] }),
    });
    const error = await failure(test.engine.load(ember));
    expect(error.code).toBe('engine.start_failed');
  });
});

describe.skipIf(process.platform === 'win32')('a child that ends while it loads', () => {
  it('is a typed error, or another attempt that is reported', async () => {
    let killed = 0;
    const started = (test = startEngine({
      onChange: (loaded) => {
        const pid = test ? lastPid(test) : 0;
        if (loaded[0]?.status === 'loading' && loaded[0].progress > 0 && pid > 0 && killed < 1) {
          killed++;
          process.kill(pid, 'SIGKILL');
        }
      },
    }));
    const { engine } = started;
    let state = await engine.load(stories);
    // A load that was over before the signal arrived proves nothing, so another one is tried.
    for (let tries = 0; tries < 5 && state.notes.length < 2; tries++) {
      await until(() => engine.loaded()[0]?.status === 'failed', 'the child that was killed is missed');
      killed = 0;
      state = await engine.load(stories);
    }
    expect(killed).toBe(1);
    expect(state.status).toBe('ready');
    expect(state.notes.map(({ code }) => code).join()).toMatch(/_lowered|_shortened/);
    expect(await write(engine, stories, 'Once', 4)).not.toBe('');
  });

  it('is not tried again for an instruction that the processor lacks', async () => {
    test = startEngine({}, childPath, (child) => void child.kill('SIGILL'));
    const error = await failure(test.engine.load(stories));
    expect(error.code).toBe('engine.crashed');
    expect(error.message).toContain('instruction');
    expect(test.children.length).toBe(1);
  });
});

describe.skipIf(process.platform !== 'linux')('an app that is killed', () => {
  it.for(['idle', 'loading', 'writing', 'hanging'] as const)('leaves no child behind: %s', async (state) => {
    const app = spawn(process.execPath, [path.join(root, 'test/support/engine-app.ts'), state], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    // Also when the time limit of the test ends it.
    onTestFinished(() => void app.kill('SIGKILL'));
    await new Promise((resolve) => app.stdout.once('data', resolve));
    const children = childrenOf(app.pid ?? 0);
    expect(children.length).toBeGreaterThan(0);
    app.kill('SIGKILL');
    await until(() => children.every((pid) => !isAlive(pid)), 'the children end');
  });
});
