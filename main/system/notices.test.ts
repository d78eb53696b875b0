import { describe, expect, it } from 'vitest';
import type { NoticesEvent } from '../../preload/contract/system.ts';
import { createNotices } from './notices.ts';

const about = (name: string) => ({ code: 'not_deleted', name, reason: 'denied', message: '' }) as const;

describe('notices', () => {
  it('reach every window, those that open within a minute among them, and later ones not', async () => {
    let now = 1000;
    const notices = createNotices(() => now);
    const window = new AbortController();
    const events = notices.watch(window.signal);
    const names = async (): Promise<string[]> => {
      const { value } = await events.next();
      return (value as NoticesEvent).notices.map((notice) => ('name' in notice ? notice.name : notice.code));
    };
    expect(await names()).toEqual([]);
    notices.tell(about('x.gguf'));
    expect(await names()).toEqual(['x.gguf']);
    now += 59_000;
    const second = notices.watch(window.signal);
    expect(((await second.next()).value as NoticesEvent).notices).toMatchObject([{ reason: 'denied' }]);
    now += 2000;
    notices.tell(about('y.gguf'));
    expect(await names()).toEqual(['y.gguf']);
    notices.tell({ code: 'unexpected_error', logFile: 'hearth.log' }, true);
    expect(await names()).toEqual(['y.gguf', 'unexpected_error']);
    now += 3_600_000;
    const third = notices.watch(window.signal);
    expect(((await third.next()).value as NoticesEvent).notices).toMatchObject([{ code: 'unexpected_error' }]);
    window.abort();
  });

  it('that last stay, whatever number of others follows; of those the latest twenty stay', async () => {
    const notices = createNotices(() => 1000);
    notices.tell({ code: 'unexpected_error', logFile: 'hearth.log' }, true);
    for (let number = 1; number <= 25; number++) notices.tell(about(`${number}.gguf`));
    const { value } = await notices.watch(new AbortController().signal).next();
    const names = (value as NoticesEvent).notices.map((one) => ('name' in one ? one.name : one.code));
    expect([names.length, names[0], names[1], names.at(-1)]).toEqual([21, 'unexpected_error', '6.gguf', '25.gguf']);
  });
});
