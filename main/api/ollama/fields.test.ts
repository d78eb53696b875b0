import { expect, it } from 'vitest';
import { optionsSchema, readFormat, readKeepAlive, readOptions, readThink } from './fields.ts';
import { readGoDuration } from './go-duration.ts';

// By Go's time.ParseDuration, in milliseconds.
it.each([
  ['5m', 300_000],
  ['1h30m', 5_400_000],
  ['1.5h', 5_400_000],
  ['.5s', 500],
  ['1h15m30.918s', 4_530_918],
  ['-1.5s', -1500],
  ['+5s', 5000],
  ['0', 0],
  ['-0', 0],
  ['100us', 0.1],
  ['100µs', 0.1],
  ['5.s', 5000],
  ['1m1m', 120_000],
])('reads %s as Go does', (text, ms) => {
  expect(readGoDuration(text)).toBeCloseTo(ms, 9);
});

it.each(['', '3', '-', 's', '.', '.s', '1 m', '5x', '1h ', 'm5', '1e3s', '--1s'])(
  'knows that "%s" is no duration',
  (text) => {
    expect(readGoDuration(text)).toBeNull();
  },
);

it('reads how long a model stays', () => {
  expect(readKeepAlive(undefined)).toBeUndefined();
  expect(readKeepAlive(null)).toBeUndefined();
  expect(readKeepAlive(0)).toBe(0);
  expect(readKeepAlive('0')).toBe(0);
  expect(readKeepAlive('0s')).toBe(0);
  expect(readKeepAlive(1800)).toBe(1_800_000);
  expect(readKeepAlive('1800')).toBe(1_800_000);
  expect(readKeepAlive('5m')).toBe(300_000);
  expect(readKeepAlive(-1)).toBeNull();
  expect(readKeepAlive('-1')).toBeNull();
  expect(readKeepAlive('-1m')).toBeNull();
  for (const wrong of ['soon', '', '5 minutes', '999999999h'])
    expect(() => readKeepAlive(wrong)).toThrow(expect.objectContaining({ data: { field: 'keep_alive' } }));
});

it('reads options, and leaves out those of the load', () => {
  const read = (options: object) => readOptions(optionsSchema.parse(options));
  expect(readOptions(null)).toEqual({});
  expect(
    read({
      temperature: 0,
      top_k: -1,
      top_p: 0.9,
      min_p: null,
      seed: 7,
      stop: 'a',
      num_predict: 5,
      num_ctx: 8192,
    }),
  ).toEqual({ temperature: 0, topK: 0, topP: 0.9, seed: 7, stop: ['a'], maxTokens: 5 });
  expect(read({ num_predict: -1, seed: -1, repeat_last_n: -1, stop: [] })).toEqual({
    maxTokens: null,
    seed: null,
    penaltyTokens: null,
  });
  // As in Ollama, 0 is no limit.
  expect(read({ num_predict: 0 })).toEqual({ maxTokens: null });
});

it('reads formats and thinking', () => {
  expect(readFormat('')).toBeUndefined();
  expect(readFormat('json')).toEqual({ kind: 'json_schema', text: '{"type":"object"}' });
  expect(readFormat({ type: 'array' })).toEqual({ kind: 'json_schema', text: '{"type":"array"}' });
  expect(readThink(undefined)).toBeUndefined();
  expect(readThink(false)).toEqual({ enable_thinking: false });
  expect(readThink('low')).toEqual({ enable_thinking: true, reasoning_effort: 'low' });
  expect(readThink('max')).toEqual({ enable_thinking: true, reasoning_effort: 'high' });
});
