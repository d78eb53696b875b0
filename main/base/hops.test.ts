import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createHops, HOPS_HEADER } from './hops.ts';

const foreign = (count: number): string =>
  Array.from({ length: count }, (_, place) => place.toString(16).padStart(16, '0')).join(',');

describe('the hops of a request', () => {
  it('begin with the mark of the Hearth that sends it, in a header that Node gives in small letters', () => {
    const hops = createHops();
    expect(hops.header()).toMatch(/^[0-9a-f]{16}$/);
    expect(hops.header()).toBe(hops.header());
    expect(createHops().header()).not.toBe(hops.header());
    expect(HOPS_HEADER).toBe(HOPS_HEADER.toLowerCase());
    expect(hops.ring()).toBe('none');
  });

  it('are passed on, the oldest first', () => {
    const [first, second, third] = [createHops(), createHops(), createHops()];
    const atSecond = second.on(first.header(), () => second.header());
    expect(atSecond).toBe(`${first.header()},${second.header()}`);
    expect(third.on(atSecond, () => [third.ring(), third.header()])).toEqual(['none', `${atSecond},${third.header()}`]);
    // Outside of a request there are none.
    expect(second.header()).toMatch(/^[0-9a-f]{16}$/);
  });

  it('tell a Hearth that asks itself, and a ring of two and of three', () => {
    const [first, second, third] = [createHops(), createHops(), createHops()];
    const atFirst = first.header();
    expect(first.on(atFirst, first.ring)).toBe('itself');
    const atSecond = second.on(atFirst, second.header);
    expect(first.on(atSecond, first.ring)).toBe('others');
    const atThird = third.on(atSecond, third.header);
    expect(first.on(atThird, first.ring)).toBe('others');
    expect(second.on(atThird, second.ring)).toBe('others');
    expect(third.on(atThird, third.ring)).toBe('itself');
  });

  it('are eight at most: more are taken for a ring, and no header grows', () => {
    const hops = createHops();
    expect(hops.on(foreign(7), hops.ring)).toBe('none');
    expect(hops.on(foreign(8), hops.ring)).toBe('others');
    expect(hops.on(foreign(10_000), hops.ring)).toBe('others');
    expect(hops.on(foreign(10_000), hops.header).split(',')).toHaveLength(9);
  });

  it('are marks alone: whatever else a program sends is left out', () => {
    const hops = createHops();
    for (const header of [
      undefined,
      '',
      ',',
      ' , ',
      'evil',
      `${'a'.repeat(17)}`,
      'A'.repeat(16),
      'x\r\ny: z',
      '\u0000',
    ])
      expect(hops.on(header, hops.header), String(header)).toBe(hops.header());
    const mark = 'a'.repeat(16);
    expect(hops.on(` ${mark} , evil`, hops.header)).toBe(`${mark},${hops.header()}`);
    expect(hops.on([mark, 'evil'], hops.header)).toBe(`${mark},${hops.header()}`);
  });

  it('belong to one request each, through all that it waits for', async () => {
    const hops = createHops();
    const own = hops.header();
    const asked = async (mark: string): Promise<string> => {
      await setImmediate();
      await Promise.all([setImmediate(), setImmediate()]);
      return hops.header().replace(mark, 'MARK');
    };
    const marks = ['1', '2', '3'].map((sign) => sign.repeat(16));
    const answers = await Promise.all(marks.map((mark) => hops.on(mark, () => asked(mark))));
    expect(new Set(answers)).toEqual(new Set([`MARK,${own}`]));
    expect(hops.header()).toBe(own);
  });
});
