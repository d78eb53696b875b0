import { describe, expect, it } from 'vitest';
import { AppError } from '../../../preload/wire/errors.ts';
import { withRetries } from './metadata-retry.ts';

const never = new AbortController().signal;
const offline = (cause: string): AppError => new AppError('hub.offline', '', { cause });
const limited = (retryAfterMs: number): AppError => new AppError('hub.rate_limited', '', { retryAfterMs });
const status = (code: number): AppError => new AppError('hub.bad_response', '', { status: code });

/** The pauses of a request whose attempts fail with these errors, and how it ended. */
async function tryWith(...errors: readonly unknown[]): Promise<{ pauses: number[]; end: unknown }> {
  const pauses: number[] = [];
  const left = [...errors];
  const sleep = (ms: number): Promise<void> => {
    pauses.push(ms);
    return Promise.resolve();
  };
  const end: unknown = await withRetries({ sleep }, never, () =>
    left.length === 0 ? Promise.resolve('done') : Promise.reject(left.shift() as Error),
  ).catch((error: unknown) => error);
  return { pauses, end };
}
const times = <T>(count: number, one: T): T[] => Array.from({ length: count }, () => one);

describe('a request that failed', () => {
  it.each([
    ['a reset', offline('ECONNRESET'), 3],
    ['a moment without names', offline('EAI_AGAIN'), 3],
    ['no answer in time', offline('ETIMEDOUT'), 2],
    ['status 503', status(503), 3],
    ['a limit', limited(1_000), 3],
    ['a proxy that reached nobody', new AppError('network.proxy', '', { reason: 'no_answer' }), 3],
    ['nobody there', offline('ECONNREFUSED'), 0],
    ['status 400', status(400), 0],
    ['a proxy that wants a password', new AppError('network.proxy', '', { reason: 'password' }), 0],
    ['no such model', new AppError('hub.not_found', '', {}), 0],
    ['a fault of ours', new TypeError('x'), 0],
  ])('with %s is repeated at most this often', async (_what, error, most) => {
    const enough = await tryWith(...times(most, error));
    expect([enough.end, enough.pauses.length]).toEqual(['done', most]);
    const tooMany = await tryWith(...times(most + 1, error));
    expect([tooMany.end, tooMany.pauses.length]).toEqual([error, most]);
  });

  it('waits as long as the Hub asks, up to twenty seconds', async () => {
    expect(await tryWith(limited(20_000))).toEqual({ pauses: [20_000], end: 'done' });
    expect(await tryWith(limited(20_001))).toMatchObject({ pauses: [], end: { code: 'hub.rate_limited' } });
    // The second refusal counts for itself.
    expect(await tryWith(limited(15_000), limited(21_000))).toMatchObject({ pauses: [15_000] });
  });

  it('waits twice as long each time, with chance in it', async () => {
    const { pauses } = await tryWith(...times(3, status(500)));
    for (const [index, ms] of [500, 1_000, 2_000].entries()) {
      expect(pauses[index]).toBeGreaterThanOrEqual(ms * 0.75);
      expect(pauses[index]).toBeLessThanOrEqual(ms * 1.25);
    }
  });

  it('ends with its caller after the pause', async () => {
    const abort = new AbortController();
    let attempts = 0;
    const sleep = (): Promise<void> => {
      abort.abort(new Error('gone'));
      return Promise.resolve();
    };
    const asked = withRetries({ sleep }, abort.signal, () => {
      attempts++;
      return Promise.reject(status(500));
    });
    await expect(asked).rejects.toThrow('gone');
    expect(attempts).toBe(1);
  });
});
