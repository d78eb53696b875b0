import { describe, expect, it } from 'vitest';
import type { ApiRequest, ServerLoad } from '../../../../preload/contract/server.ts';
import { filtered, foldActivity, newerThan } from './log.ts';

const load: ServerLoad = { tokensPerSecond: 0, running: [], requests: 0, promptTokens: 0, generatedTokens: 0 };
function request(id: string, more: Partial<ApiRequest> = {}): ApiRequest {
  return {
    ...{ id, at: 0, dialect: 'openai', method: 'POST', path: '/v1/chat/completions', keyName: null },
    ...{ program: 'curl/8', modelId: 'ember', phase: 'ended', status: 200, error: null, isHungUp: false },
    ...{ queuedMs: null, loadMs: null, firstTokenMs: null, totalMs: null, promptTokens: null, reusedTokens: null },
    ...{ generatedTokens: 0, tokensPerSecond: null, endReason: null, sent: null, answered: null },
    ...more,
  };
}
const ids = (requests: readonly ApiRequest[]): string => requests.map(({ id }) => id).join('');

describe('foldActivity', () => {
  it('keeps the newest first, changes in place, and keeps what did not change', () => {
    let state = foldActivity(null, { type: 'snapshot', requests: [request('a'), request('b')], load });
    expect(ids(state.requests)).toBe('ba');
    const [, a] = state.requests;
    state = foldActivity(state, {
      type: 'changed',
      requests: [request('b', { status: 500 }), request('c'), request('d')],
      load: { ...load, requests: 4 },
    });
    expect(ids(state.requests)).toBe('dcba');
    expect(state.requests[2]?.status).toBe(500);
    expect(state.requests[3]).toBe(a);
    expect(state.load.requests).toBe(4);
    expect(foldActivity(state, { type: 'cleared', load }).requests).toEqual([]);
  });

  it('keeps at most 500', () => {
    const many = Array.from({ length: 500 }, (_, index) => request(`r${index}`));
    const state = foldActivity(foldActivity(null, { type: 'snapshot', requests: many, load }), {
      type: 'changed',
      requests: [request('new')],
      load,
    });
    expect(state.requests).toHaveLength(500);
    expect(state.requests[0]?.id).toBe('new');
    expect(state.requests.at(-1)?.id).toBe('r1');
  });
});

describe('filtered', () => {
  const all = [
    request('a', { phase: 'generating', status: null }),
    request('b', { status: 404, modelId: null }),
    request('c', { isHungUp: true, keyName: 'Laptop' }),
    request('d', { path: '/api/chat', program: 'ollama-js', dialect: 'ollama' }),
  ];
  it('takes the kind and every word', () => {
    expect(filtered(all, { text: ' ', kind: 'all' })).toBe(all);
    expect(ids(filtered(all, { text: '', kind: 'running' }))).toBe('a');
    expect(ids(filtered(all, { text: '', kind: 'failed' }))).toBe('bc');
    expect(ids(filtered(all, { text: 'CHAT ollama', kind: 'all' }))).toBe('d');
    expect(ids(filtered(all, { text: 'laptop', kind: 'failed' }))).toBe('c');
    expect(ids(filtered(all, { text: '404', kind: 'all' }))).toBe('b');
  });
});

it('counts the requests behind the one at which the log was paused, also when that is too old for the list', () => {
  const [a, b, c] = [request('a'), request('b'), request('c')];
  expect(newerThan([c, b, a], a)).toBe(2);
  expect(newerThan([c, b, a], c)).toBe(0);
  expect(newerThan([c, b], a)).toBe(2);
  expect(newerThan([c, b], undefined)).toBe(2);
});
