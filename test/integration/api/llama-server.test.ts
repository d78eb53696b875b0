/** llama-server's endpoints, beside what a real one answered about the same files (`test/support/reference/make_llama_server.py`). */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkoutRoot as root } from '../../../main/app/layout.ts';
import { startApiServer, type ApiServer } from '../../support/api-server.ts';
import { putFile } from '../../support/cache-setup.ts';

interface Recorded {
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly answer: Readonly<Record<string, unknown>>;
}
const recorded = JSON.parse(
  readFileSync(path.join(root, 'test/fixtures/llama-server/answers.json'), 'utf8'),
) as Readonly<Record<'ember' | 'stories', readonly Recorded[]>>;

const STORIES = 'karpathy/tinyllamas';
const FILLING = 'made/filling';

/** The same model with three words of its vocabulary as the infill marks that llama.cpp knows by their text. */
function withInfill(): Buffer {
  const bytes = readFileSync(path.join(root, 'test/fixtures/stories260K/stories260K-F32.gguf'));
  for (const [word, mark] of [
    ['▁to', '<PRE>'],
    ['▁he', '<SUF>'],
    ['▁wa', '<MID>'],
  ] as const)
    bytes.write(mark, bytes.indexOf(Buffer.concat([Buffer.from(BigUint64Array.of(5n).buffer), Buffer.from(word)])) + 8);
  return bytes;
}
let server: ApiServer;
beforeAll(async () => {
  server = await startApiServer({
    prepare: async (folder) => {
      await putFile(path.join(folder, 'cache'), {
        repoId: FILLING,
        path: 'filling.gguf',
        ref: 'main',
        bytes: withInfill(),
      });
      await putFile(path.join(folder, 'cache'), {
        ...{ repoId: STORIES, path: 'stories260K.gguf', ref: 'main' },
        bytes: readFileSync(path.join(root, 'test/fixtures/stories260K/stories260K-F32.gguf')),
      });
    },
  });
}, 60_000);
afterAll(() => server.close());

it('names no model that nobody named: it says what is loaded', async () => {
  const none = await server.ask('/tokenize', { content: 'a' });
  expect([none.status, none.body.error]).toEqual([
    400,
    { code: 400, type: 'invalid_request_error', message: expect.stringMatching(/^No model is loaded/) as string },
  ]);
  expect((await server.ask('/props')).body).toMatchObject({
    models: [],
    build_info: expect.stringMatching(/^hearth-/) as string,
  });
  expect((await server.ask('/slots')).body).toEqual([]);
  await server.ask('/tokenize', { model: 'ember', content: 'a' });
  for (const model of [undefined, null, '', ' '])
    expect((await server.ask('/tokenize', { model, content: 'Hello' })).body).toEqual({ tokens: [1462] });
  expect((await server.ask('/tokenize', { model: STORIES, content: 'a' })).status).toBe(200);
  const several = await server.ask('/tokenize', { content: 'a' });
  expect(several.status).toBe(400);
  expect(several.body.error.message).toMatch(/^Several models are loaded: .*ember/);
  expect((await server.ask('/tokenize', { model: 'embr', content: 'a' })).body.error).toMatchObject({
    ...{ code: 404, type: 'not_found_error', message: expect.stringContaining('ember') as string },
  });
});

/** Probabilities differ in the last digits with the kernels of a processor. */
function nearly(value: unknown): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? value : (expect.closeTo(value, 1) as number);
  if (Array.isArray(value)) return value.map(nearly);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, nearly(one)]));
}

describe.each([
  ['ember', 'ember'],
  [STORIES, 'stories'],
] as const)('%s', (model, name) => {
  it.each(recorded[name].map((one) => [one.path, JSON.stringify(one.body), one] as const))(
    'answers %s %s as llama-server does',
    async (_path, _body, { path: route, body, answer }) => {
      const { status, body: given } = await server.ask(route, { model, ...body });
      expect([status, given]).toEqual([200, expect.anything()]);
      if (route !== '/completion') expect(given).toEqual(answer);
      else expect(given).toMatchObject(nearly(answer) as object);
    },
  );
});

it('streams a completion as it answers it', async () => {
  const body = { model: 'ember', prompt: 'The sky is', n_predict: 12, temperature: 0, n_probs: 1 };
  const whole = (await server.ask('/completion', body)).body;
  const stream = (await server.ask('/completions', { ...body, stream: true })).body as string;
  const events = stream
    .trim()
    .split('\n\n')
    .map((line) => JSON.parse(line.replace('data: ', '')));
  const last = events.pop();
  expect(events.map(({ content }) => content).join('')).toBe(whole.content);
  expect(events.flatMap(({ completion_probabilities: some }) => some)).toEqual(whole.completion_probabilities);
  expect(events.flatMap(({ tokens }) => tokens)).toHaveLength(12);
  expect(events.every(({ stop }) => stop === false)).toBe(true);
  expect(last).toMatchObject({
    stop: true,
    content: '',
    stop_type: 'limit',
    tokens_predicted: 12,
    tokens_evaluated: 5,
  });
});

it('answers several prompts in their order, and the fields that are wanted', async () => {
  const alone = async (prompt: string) =>
    (await server.ask('/completion', { model: 'ember', prompt, n_predict: 6, temperature: 0 })).body.content as string;
  const expected = [await alone('Once upon'), await alone('The sky')];
  const { body } = await server.ask('/completion', {
    ...{ model: 'ember', prompt: ['Once upon', 'The sky'], n_predict: 6, temperature: 0 },
    response_fields: ['content', 'timings/predicted_n', 'nothing', 'content/length'],
  });
  expect(body).toEqual(expected.map((content) => ({ content, 'timings/predicted_n': 6 })));
});

it('holds a completion to a grammar, to a schema, to biases and to its time', async () => {
  const base = { model: 'ember', prompt: 'Answer: ', n_predict: 40, temperature: 0 };
  expect((await server.ask('/completion', { ...base, grammar: 'root ::= "yes" | "no"' })).body.content).toMatch(
    /^(yes|no)$/,
  );
  const schema = {
    type: 'object',
    properties: { a: { type: 'boolean' } },
    required: ['a'],
    additionalProperties: false,
  };
  expect(JSON.parse((await server.ask('/completion', { ...base, json_schema: schema })).body.content)).toEqual({
    a: expect.any(Boolean) as boolean,
  });
  const forbidden = await server.ask('/completion', {
    ...{
      model: 'ember',
      prompt: 'The sky is',
      n_predict: 1,
      temperature: 0,
      logit_bias: [
        [268, false],
        [' and', -50],
      ],
    },
    return_tokens: true,
  });
  expect([268, 296]).not.toContain(forbidden.body.tokens[0]);
  const late = await server.ask('/completion', {
    ...base,
    n_predict: 200,
    t_max_predict_ms: 0,
    ignore_eos: true,
    grammar: 'root ::= ("a\\n")+',
  });
  expect(late.body).toMatchObject({ stop_type: 'limit', content: expect.stringMatching(/^(a\n)+/) as string });
  expect(late.body.tokens_predicted).toBeLessThan(200);
});

it('fills in, with as much of the files as fits', async () => {
  const base = { model: FILLING, input_prefix: 'Once upon', input_suffix: ' time', n_predict: 5, temperature: 0 };
  const small = (await server.ask('/infill', base)).body;
  expect(small).toMatchObject({ tokens_predicted: 5, stop_type: 'limit', prompt: 'Once upon' });
  const more = (await server.ask('/infill', { ...base, prompt: ' a girl' })).body;
  expect([more.prompt, more.tokens_evaluated > small.tokens_evaluated]).toEqual(['Once upon a girl', true]);
  const extra = [{ filename: 'a.txt', text: 'Lily was here.' }, { text: 'And there.' }];
  const others = (await server.ask('/infill', { ...base, input_extra: extra })).body;
  expect(others.prompt).toMatch(/a\.txt[^]*Lily was here\.[^]*snippet[^]*And there\.[^]*Once upon$/);
  const long = 'Once there was a girl. '.repeat(500);
  const { n_ctx: size } = (await server.ask(`/props?model=${FILLING}`)).body.default_generation_settings;
  const cut = (
    await server.ask('/infill', { ...base, input_prefix: `${long}The end`, input_suffix: long, input_extra: extra })
  ).body;
  expect(cut.prompt).toMatch(/The end$/);
  expect(cut.tokens_evaluated).toBeLessThanOrEqual(size - 5);
  expect(cut.tokens_evaluated).toBeGreaterThan(size - 30);
  const stream = (await server.ask('/infill', { ...base, stream: true })).body as string;
  const pieces = stream
    .trim()
    .split('\n\n')
    .map((line) => JSON.parse(line.replace('data: ', '')).content as string);
  expect(pieces.join('')).toBe(small.content);
});

it('tells that a model cannot fill in', async () => {
  const { status, body } = await server.ask('/infill', { model: 'ember', input_prefix: 'a', input_suffix: 'b' });
  expect([status, body.error.message]).toEqual([400, expect.stringContaining('fill in')]);
});

it('tells its health without a key, and its state with one', async () => {
  for (const route of ['/health', '/v1/health']) expect((await server.ask(route)).body).toEqual({ status: 'ok' });
  const props = (await server.ask('/props?model=ember')).body;
  const template = readFileSync(path.join(root, 'test/fixtures/ember/hf/chat_template.jinja'), 'utf8');
  expect(props).toMatchObject({
    ...{ model_alias: 'ember', chat_template: template.trimEnd(), is_sleeping: false, bos_token: '<|im_start|>' },
    ...{ eos_token: '<|im_end|>', default_generation_settings: { n_ctx: 1024 }, modalities: { vision: false } },
  });
  const slots = (await server.ask('/slots?model=ember')).body as { id: number; model: string }[];
  expect(slots).toHaveLength(props.total_slots);
  expect(slots[0]).toEqual({ id: 0, model: 'ember', n_ctx: 1024, is_processing: false });
  expect((await server.ask('/props?model=nothing')).status).toBe(404);
  expect((await server.ask('/lora-adapters')).body).toEqual([]);
});

it('frees the slot of a caller that went away', async () => {
  const gone = new AbortController();
  const answer = await fetch(`${server.address}/completion`, {
    ...{ method: 'POST', signal: gone.signal, headers: { 'content-type': 'application/json' } },
    body: JSON.stringify({
      model: 'ember',
      prompt: 'a',
      n_predict: -1,
      stream: true,
      ignore_eos: true,
      grammar: 'root ::= "a"+',
    }),
  });
  await answer.body?.getReader().read();
  gone.abort();
  await expect
    .poll(async () =>
      ((await server.ask('/slots?model=ember')).body as { is_processing: boolean }[]).some(
        (slot) => slot.is_processing,
      ),
    )
    .toBe(false);
});

it('keeps to the text format of Prometheus', async () => {
  const { headers, body } = await server.ask('/metrics');
  expect(headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  const text = body as string;
  expect(text.endsWith('\n')).toBe(true);
  // Its rules: HELP, TYPE and the samples of one metric in one group, each metric once, each sample once.
  const seen = new Set<string>();
  for (const group of text.split(/^(?=# HELP )/m)) {
    const [help = '', type = '', ...samples] = group.trimEnd().split('\n');
    const name = /^# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) [^\n]+$/.exec(help)?.[1] ?? '';
    expect(type).toMatch(new RegExp(`^# TYPE ${name} (counter|gauge)$`));
    if (type.endsWith('counter')) expect(name).toMatch(/_total$/);
    for (const sample of samples)
      expect(sample).toMatch(new RegExp(`^${name}(\\{[a-z_]+="(?:[^"\\\\\\n]|\\\\["\\\\n])*"\\})? [0-9.e+-]+$`));
    for (const key of [name, ...samples.map((sample) => sample.replace(/ \S+$/, ' '))]) {
      expect(seen).not.toContain(key);
      seen.add(key);
    }
  }
  const value = (name: string): number => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  expect(value('llamacpp:tokens_predicted_total')).toBeGreaterThan(100);
  expect(value('hearth_models_loaded')).toBeGreaterThanOrEqual(2);
  expect(value('hearth_requests_failed_total')).toBeGreaterThanOrEqual(4);
  expect(value('hearth_model_context_tokens\\{model="ember"\\}')).toBe(1024);
});
