import { describe, expect, it } from 'vitest';
import type { NoticesEvent } from '../../preload/contract/system.ts';
import { createNotices } from './notices.ts';

describe('notices', () => {
  it('reach every window, those that open within a minute among them, and later ones not', async () => {
    let now = 1000;
    const notices = createNotices(() => now);
    const window = new AbortController();
    const events = notices.watch(window.signal);
    const titles = async (): Promise<string[]> => {
      const { value } = await events.next();
      return (value as NoticesEvent).notices.map(({ title }) => title);
    };
    expect(await titles()).toEqual([]);
    notices.say('x was not deleted', 'It is open.');
    expect(await titles()).toEqual(['x was not deleted']);
    now += 59_000;
    const second = notices.watch(window.signal);
    expect(((await second.next()).value as NoticesEvent).notices).toMatchObject([{ text: 'It is open.' }]);
    now += 2000;
    notices.say('y was not deleted', 'It is open.');
    expect(await titles()).toEqual(['y was not deleted']);
    window.abort();
  });
});
