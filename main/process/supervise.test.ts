import { spawn } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../preload/wire/errors.ts';
import { call } from '../../preload/wire/rpc.ts';
import { supervise, type SupervisedChild, type Supervision } from './supervise.ts';

const _contract = { ping: call<null>({ safeParse: () => ({ success: true, data: null }) }).returns<string>() };
type PingContract = typeof _contract;
const answers = "process.on('message', ({ id }) => process.send({ t: 'ok', id, output: 'pong' }))";
const isSilent = 'setInterval(() => {}, 1000)';

function start(script: string, options: Partial<Supervision<PingContract>> = {}): SupervisedChild<PingContract> {
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  return supervise<PingContract>(child, {
    limits: { everyMs: 5, unanswered: 1e6, startMs: 1e9 },
    errors: {
      notStarted: (reason) => new AppError('engine.start_failed', reason),
      ended: ({ code, signal, stderr, answered }) =>
        new AppError('engine.crashed', stderr.trim(), { code: code ?? -1, signal: signal ?? '', answered }),
      disconnected: () => new AppError('disconnected', 'It left.'),
      hung: () => new AppError('busy', 'It hangs.'),
    },
    ping: async (client) => {
      await client.call('ping', null);
      return null;
    },
    ...options,
  });
}

describe('a supervised child', () => {
  it('is told apart by its end: what it wrote, its code, and whether it ever answered', async () => {
    const child = start(
      `${answers}; process.on('message', () => { console.error('the reason'); process.exitCode = 3; process.disconnect(); })`,
    );
    expect(await child.ended).toMatchObject({ message: 'the reason', data: { code: 3, signal: '', answered: true } });
    expect(child.death).toBe(await child.ended);
    const silent = start('process.exit(7)');
    expect((await silent.ended).data).toMatchObject({ code: 7, answered: false });
  });

  it('gives the reason it was ended for to whoever waited, and settles every call', async () => {
    const child = start(isSilent);
    const waiting = child.client.call('ping', null).catch((error: unknown) => child.explain(error));
    const reason = new AppError('cancelled', 'No longer wanted.');
    await child.kill(reason);
    expect(await waiting).toBe(reason);
    expect(await child.explain(new Error('other'))).toMatchObject({ code: 'internal', message: 'other' });
  });

  it('is ended when it does not answer, and when what it answers is not well', async () => {
    const silent = start(isSilent, { limits: { everyMs: 5, unanswered: 1, startMs: 50 } });
    expect((await silent.ended).code).toBe('busy');
    const ill = start(answers, {
      ping: async (client) => new AppError('unsupported', await client.call('ping', null)),
    });
    expect(await ill.ended).toMatchObject({ code: 'unsupported', message: 'pong' });
  });

  it('that has answered has less time than one that starts', async () => {
    // It answers once. The time for a start would never be over.
    const once = start(
      "process.once('message', ({ id }) => process.send({ t: 'ok', id, output: 'pong' })); " + isSilent,
      {
        limits: { everyMs: 5, unanswered: 3, startMs: 1e9 },
      },
    );
    expect((await once.ended).code).toBe('busy');
    // It starts for longer than an answer may take.
    const slow = start(`setTimeout(() => { ${answers} }, 300)`, {
      limits: { everyMs: 5, unanswered: 3, startMs: 1e9 },
      ping: async (client) => new AppError('unsupported', await client.call('ping', null)),
    });
    expect((await slow.ended).message).toBe('pong');
  });

  it('that cannot start says so', async () => {
    const child = spawn('/no/such/program', { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    const errors = { notStarted: (reason: string) => new AppError('engine.start_failed', reason) };
    const supervised = supervise<PingContract>(child, {
      limits: { everyMs: 5, unanswered: 1e6, startMs: 1e9 },
      errors: {
        ...errors,
        ended: () => errors.notStarted('ended'),
        disconnected: () => errors.notStarted('left'),
        hung: () => errors.notStarted('hung'),
      },
      ping: () => new Promise(() => {}),
    });
    expect((await supervised.ended).message).toMatch(/ENOENT/);
  });
});
