import { describe, expect, it } from 'vitest';
import type { TemplateMessage } from '../../../chat-format/template/flatten.ts';

import { shorten, type Measure, type Shortened } from './shorten.ts';

/** A model whose tokens are characters, and whose template takes 3 for each message. */
const measure: Measure = {
  size: (messages) => Promise.resolve(messages.reduce((sum, { content }) => sum + content.length + 3, 0)),
  tokenize: (text) => Promise.resolve([...text].map((letter) => letter.codePointAt(0) ?? 0)),
  detokenize: (tokens) => String.fromCodePoint(...tokens),
};
const LIMIT = 400;
const system: TemplateMessage = { role: 'system', content: 'Be kind.' };
const turn = (index: number, length = 20): TemplateMessage[] => [
  { role: 'user', content: `u${index} `.padEnd(length, 'x') },
  { role: 'assistant', content: `a${index} `.padEnd(length, 'y') },
];
const talk = (turns: number): TemplateMessage[] => [
  system,
  ...Array.from({ length: turns }, (_, index) => turn(index)).flat(),
  { role: 'user', content: 'last' },
];
const sizeOf = async ({ messages }: Shortened): Promise<number> => await measure.size(messages);

describe('shorten', () => {
  it('leaves out another quarter of the limit at a time, and the same in the turns between', async () => {
    const starts: number[] = [];
    for (let turns = 9; turns < 60; turns++) {
      const rest = await shorten(talk(turns), 'roll', LIMIT, measure);
      expect(await sizeOf(rest)).toBeLessThanOrEqual(LIMIT);
      expect(await sizeOf(rest)).toBeGreaterThan(LIMIT - LIMIT / 4 - 60);
      expect(rest.messages[0]).toBe(system);
      expect(rest.messages[1]?.role).toBe('user');
      starts.push(rest.omitted);
    }
    // 100 of the limit are two to three turns of 46.
    expect(new Set(starts).size).toBeLessThan(starts.length / 1.8);
    expect(starts).toEqual([...starts].sort((a, b) => a - b));
  });

  it('keeps the first turn and leaves out those behind it when the middle is cut', async () => {
    for (const turns of [12, 30]) {
      const { messages, omitted } = await shorten(talk(turns), 'cut_middle', LIMIT, measure);
      expect(messages.slice(1, 3).map(({ content }) => content.slice(0, 2))).toEqual(['u0', 'a0']);
      expect(messages.at(-1)?.content).toBe('last');
      expect(omitted).toBe(talk(turns).length - messages.length);
    }
  });

  it('keeps the end of a large message, the same end until more must be left out', async () => {
    const large = [system, ...turn(0, 350), ...turn(1)];
    large[2] = { role: 'assistant', content: 'short' };
    const ends: string[] = [];
    for (let more = 0; more < 3; more++) {
      large.push(...turn(2 + more, 8));
      const asked = [...large, { role: 'user', content: 'last' } as const];
      const { messages, omitted } = await shorten(asked, 'roll', LIMIT, measure);
      expect(omitted).toBe(0);
      ends.push(messages[1]?.content ?? '');
    }
    expect(ends[0]).toMatch(/^\n\[…\]\nx+$/);
    expect(ends[0]?.length).toBe(350 - 100 + 5);
    expect(new Set(ends).size).toBe(1);
  });

  it('keeps the end of the turn before the last message where it does not fit whole, and no less than fits', async () => {
    for (const policy of ['roll', 'cut_middle'] as const) {
      const long = [
        system,
        ...turn(0),
        { role: 'user', content: 'ask' } as const,
        { role: 'assistant', content: `${'b'.repeat(400)}END` } as const,
        { role: 'user', content: 'last' } as const,
      ];
      const cut = await shorten(long, policy, LIMIT, measure);
      expect(cut.messages.slice(-3).map(({ content }) => content.slice(0, 6))).toEqual(['ask', '\n[…]\nb', 'last']);
      expect(cut.messages.at(-2)?.content).toMatch(/b{250,}END$/);
      expect(await sizeOf(cut)).toBe(LIMIT);
    }
  });

  it('keeps the newest turn alone, and nothing is left out when that is too large', async () => {
    const last = await shorten(
      [system, ...turn(0, 300), { role: 'user', content: 'z'.repeat(350) }],
      'roll',
      LIMIT,
      measure,
    );
    expect(last.messages.map(({ role }) => role)).toEqual(['system', 'user']);
    const alone: TemplateMessage[] = [{ role: 'user', content: 'z'.repeat(900) }];
    expect(await shorten(alone, 'roll', LIMIT, measure)).toEqual({ messages: alone, omitted: 0, omittedFrom: 0 });
    const cut = await shorten(alone, 'cut_middle', LIMIT, measure);
    expect(cut.messages[0]?.content).toMatch(/^z+\n\[…\]\nz+$/);
    expect(await sizeOf(cut)).toBeLessThanOrEqual(LIMIT);
  });
});
