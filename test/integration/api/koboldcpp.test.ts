/** KoboldCpp's dialect, as its programs speak it. Expected forms are those of koboldcpp.py. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApiServer, type ApiServer } from '../../support/api-server.ts';

let server: ApiServer;
beforeAll(async () => {
  server = await startApiServer();
}, 60_000);
afterAll(() => server.close());

const story = { prompt: 'Once upon a time', max_length: 12, temperature: 0 };
interface Result {
  readonly text: string;
  readonly finish_reason: string;
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
}
async function generate(body: object): Promise<Result> {
  const { status, body: answer } = await server.ask('/api/v1/generate', { ...story, ...body });
  expect([status, answer.model]).toEqual([200, 'ember']);
  return answer.results[0] as Result;
}
const countOf = async (prompt: string): Promise<number> =>
  (await server.ask('/api/extra/tokencount', { prompt })).body.value as number;
/** Never ends by itself. */
const endless = { ...story, max_length: 900, grammar: 'root ::= "a"+', ban_eos_token: true };

it('tells the model that answers before any is loaded, and who it is', async () => {
  const get = async (route: string) => (await server.ask(route)).body as unknown;
  expect(await get('/api/extra/perf')).toMatchObject({ total_gens: 0, idle: 1, queue: 0, last_token_count: 0 });
  for (const version of ['v1', 'latest']) {
    expect(await get(`/api/${version}/model`)).toEqual({ result: 'ember' });
    expect(await get(`/api/${version}/info/version`)).toEqual({ result: '1.2.5' });
    expect(await get(`/api/${version}/config/max_context_length`)).toEqual({ value: 1024 });
    expect(await get(`/api/${version}/config/max_length`)).toEqual({ value: 512 });
  }
  expect(await get('/api/extra/true_max_context_length')).toEqual({ value: 1024 });
  expect(await get('/api/extra/version')).toMatchObject({
    result: 'KoboldCpp',
    version: expect.stringMatching(/^1\.\d+/) as string,
  });
});

describe('generate', () => {
  it('continues the text itself, in no template', async () => {
    const whole = await generate({});
    expect(whole).toMatchObject({ finish_reason: 'length', completion_tokens: 12 });
    expect(whole.prompt_tokens).toBe(await countOf(story.prompt));
    const raw = await server.ask('/completion', {
      model: 'ember',
      prompt: story.prompt,
      n_predict: 12,
      temperature: 0,
    });
    expect(whole.text).toBe(raw.body.content);
    expect((await server.ask('/api/latest/generate', story)).body.results[0].text).toBe(whole.text);
    expect(await generate({ model: 'ember' })).toEqual(whole);
  });

  it('streams the same as events named message', async () => {
    const whole = await generate({});
    const { body } = await server.ask('/api/extra/generate/stream', story);
    const events = (body as string)
      .trim()
      .split('\n\n')
      .map((event) => {
        const [name, data] = event.split('\n');
        expect(name).toBe('event: message');
        return JSON.parse(data?.replace('data: ', '') ?? '') as { token: string; finish_reason: string | null };
      });
    expect(events.map(({ token }) => token).join('')).toBe(whole.text);
    expect(events.pop()).toEqual({ token: '', finish_reason: 'length' });
    expect(events.every((event) => event.finish_reason === null)).toBe(true);
  });

  it('ends at a stop sequence, which is a part of the text only where that is asked for', async () => {
    const { text } = await generate({});
    const stop = text.trim().split(' ')[1] ?? '';
    const before = text.slice(0, text.indexOf(stop));
    expect(await generate({ stop_sequence: ['', stop] })).toMatchObject({ text: before, finish_reason: 'stop' });
    expect((await generate({ stop_sequence: [stop], trim_stop: false })).text).toBe(before + stop);
    // KoboldCpp takes 256 of them, of which none is passed over.
    const others = Array.from({ length: 255 }, (_, index) => `@${index}@`);
    expect(await generate({ stop_sequence: [...others, stop] })).toMatchObject({ text: before, finish_reason: 'stop' });
    expect((await generate({ grammar: 'root ::= "yes"' })).text).toBe('yes');
  });

  it('keeps the memory and the end of a prompt that is too long', async () => {
    const memory = 'Ember is small. ';
    const long = `${'far away '.repeat(3000)}at the end`;
    for (const size of [64, 200, 100_000]) {
      const { prompt_tokens: count } = await generate({ memory, prompt: long, max_context_length: size });
      const context = Math.min(size, 1024);
      expect(count).toBeLessThanOrEqual(context - story.max_length);
      expect(count).toBeGreaterThan(context - story.max_length - 6);
    }
    // The end decides what is written, and the memory is there: both are what a short prompt would be made of.
    const { prompt_tokens: whole, text } = await generate({ memory, prompt: 'at the end' });
    expect(await generate({ prompt: `${memory}at the end` })).toMatchObject({ prompt_tokens: whole, text });
    // A reply as long as the context leaves something of the prompt.
    expect(
      (await generate({ prompt: long, max_length: 100_000, max_context_length: 64, stop_sequence: [' '] }))
        .prompt_tokens,
    ).toBeGreaterThan(8);
  });

  it('forbids tokens, and writes the same for a seed', async () => {
    const [first] = (await server.ask('/api/extra/tokencount', { prompt: (await generate({})).text, special: false }))
      .body.ids as number[];
    expect((await generate({ logit_bias: { [String(first)]: -100 } })).text).not.toBe((await generate({})).text);
    const warm = { temperature: 1.5, sampler_seed: 7 };
    expect(await generate(warm)).toEqual(await generate(warm));
  });

  it.each([
    [{ images: ['x'] }, 400, 'images'],
    [{ prompt: 5 }, 400, 'prompt'],
    [{ max_length: 0 }, 400, 'max_length'],
    [{ temperature: 'hot' }, 400, 'temperature'],
    [{ model: 'embr' }, 404, 'ember'],
    [{ grammar: 'root ::= (' }, 400, 'grammar'],
  ])('%j is refused', async (body, status, named) => {
    const answer = await server.ask('/api/v1/generate', { ...story, ...body });
    expect([answer.status, answer.body]).toEqual([
      status,
      { detail: { msg: expect.stringContaining(named) as string, type: expect.any(String) as string } },
    ]);
  });
});

describe('a running reply', () => {
  it('is told, and aborted by its key', async () => {
    const running = server.ask('/api/v1/generate', { ...endless, genkey: 'KCPP1' });
    const check = async (genkey?: string): Promise<string> =>
      (await server.ask('/api/extra/generate/check', { genkey })).body.results[0].text as string;
    await expect.poll(() => check('KCPP1')).toMatch(/^a+$/);
    expect(await check()).toMatch(/^a+$/);
    expect(await check('KCPP2')).toBe('');
    expect(
      (await server.ask('/api/extra/generate/check', { genkey: 'KCPP1' }, { 'user-agent': 'another' })).body,
    ).toEqual({ results: [{ text: '' }] });
    const abort = async (genkey: string, headers = {}) =>
      (await server.ask('/api/extra/abort', { genkey }, headers)).body as unknown;
    expect(await abort('KCPP2')).toEqual({ success: 'false', done: 'false' });
    expect(await abort('KCPP1', { 'user-agent': 'another' })).toEqual({ success: 'false', done: 'false' });
    expect(await abort('KCPP1')).toEqual({ success: 'true', done: 'true' });
    const { status, body } = await running;
    expect([status, body.results[0].finish_reason]).toEqual([200, 'stop']);
    expect(body.results[0].text).toMatch(/^a+$/);
    expect(body.results[0].completion_tokens).toBeLessThan(900);
    expect(await check('KCPP1')).toBe(body.results[0].text);
    expect((await server.ask('/api/extra/perf')).body).toMatchObject({
      ...{ idle: 1, stop_reason: -1, last_token_count: body.results[0].completion_tokens },
    });
  });

  it('frees its slot where the program goes away', async () => {
    const gone = new AbortController();
    const answer = await fetch(`${server.address}/api/extra/generate/stream`, {
      ...{ method: 'POST', signal: gone.signal, body: JSON.stringify(endless) },
      headers: { 'content-type': 'application/json' },
    });
    await answer.body?.getReader().read();
    expect((await server.ask('/api/extra/perf')).body.idle).toBe(0);
    gone.abort();
    await expect.poll(async () => (await server.ask('/api/extra/perf')).body.idle as number).toBe(1);
    await expect
      .poll(async () =>
        ((await server.ask('/slots')).body as { is_processing: boolean }[]).some((slot) => slot.is_processing),
      )
      .toBe(false);
  });
});

it('counts tokens with those that the vocabulary puts around a text', async () => {
  expect((await server.ask('/api/extra/tokencount', { prompt: 'Hello, world' })).body).toEqual({
    ...{ value: 3, ids: [1462, 14, 1337] },
  });
  expect((await server.ask('/api/extra/tokencount', { prompt: '' })).body).toEqual({ value: 0, ids: [] });
});
