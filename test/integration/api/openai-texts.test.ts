/** OpenAI's completions, embeddings and models, and reranking, asked by its official client. */
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withModels } from '../../support/api-models.ts';
import { startApiServer, type ApiServer } from '../../support/api-server.ts';
import { writeRanker } from '../../support/made-models.ts';

let server: ApiServer;
let client: OpenAI;
beforeAll(async () => {
  server = await startApiServer({
    prepare: withModels({ 'made/ranker': (file) => writeRanker(file, ['fire', 'bird', 'stone', 'water']) }),
  });
  client = new OpenAI({ baseURL: `${server.address}/v1`, apiKey: 'none', maxRetries: 0 });
}, 60_000);
afterAll(() => server.close());

const base = { model: 'ember', prompt: 'Once upon a time', temperature: 0 };
const create = (body: object) =>
  client.completions.create({ ...base, ...body } as OpenAI.CompletionCreateParamsNonStreaming);
const stream = async (body: object): Promise<OpenAI.Completion[]> =>
  await Array.fromAsync(
    await client.completions.create({ ...base, ...body, stream: true } as OpenAI.CompletionCreateParamsStreaming),
  );
const idsOf = async (content: string): Promise<number[]> =>
  ((await server.ask('/tokenize', { model: 'ember', content, add_special: true })).body as { tokens: number[] }).tokens;

describe('a completion', () => {
  it('goes on from a text, whole and as a stream, for sixteen tokens unless told otherwise', async () => {
    const min_tokens = 16;
    const whole = await create({ min_tokens });
    expect(whole).toMatchObject({ object: 'text_completion', usage: { completion_tokens: 16 } });
    expect(whole.choices).toMatchObject([{ index: 0, finish_reason: 'length', logprobs: null }]);
    const chunks = await stream({ min_tokens, stream_options: { include_usage: true } });
    expect(chunks.map(({ choices }) => choices[0]?.text ?? '').join('')).toBe(whole.choices[0]!.text);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: 16 } });
    const stopped = await create({ stop: ' ', max_tokens: 30 });
    expect(stopped.choices[0]).toMatchObject({
      finish_reason: 'stop',
      text: expect.not.stringContaining(' ') as string,
    });
  });

  it('takes several prompts, as texts or as tokens, each with as many replies as wanted, in their order', async () => {
    const texts = ['Once upon a time', 'The fire'];
    const ids = await Promise.all(texts.map(idsOf));
    const wanted = { n: 2, echo: true, max_tokens: 6, seed: 5, temperature: 1 };
    const asTexts = await create({ ...wanted, prompt: texts });
    expect(asTexts.choices.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
    for (const { index, text } of asTexts.choices) expect(text.startsWith(texts[index < 2 ? 0 : 1]!)).toBe(true);
    const asIds = await create({ ...wanted, prompt: ids, echo: false });
    expect(asIds.choices.map(({ text }) => text)).toEqual(
      asTexts.choices.map(({ index, text }) => text.slice(texts[index < 2 ? 0 : 1]!.length)),
    );
    expect(asIds.usage!.prompt_tokens).toBe(ids.flat().length);
    const one = await create({ prompt: ids[0], max_tokens: 6, echo: true });
    expect(one.choices[0]!.text).toMatch(/Once upon a time/);
    const chunks = await stream({ ...wanted, prompt: texts });
    const streamed = [0, 1, 2, 3].map((at) =>
      chunks.map(({ choices: [choice] }) => (choice?.index === at ? choice.text : '')).join(''),
    );
    expect(streamed).toEqual(asTexts.choices.map(({ text }) => text));
  });

  it('tells log probabilities in parallel lists, with offsets behind the prompt', async () => {
    const { choices } = await create({ logprobs: 2, max_tokens: 8 });
    const { tokens, token_logprobs, top_logprobs, text_offset } = choices[0]!.logprobs!;
    expect(tokens!.join('')).toBe(choices[0]!.text);
    for (const [index, token] of tokens!.entries()) {
      const prompt = base.prompt + tokens!.slice(0, index).join('');
      expect(text_offset![index]).toBe([...prompt].length);
      expect(top_logprobs![index]).toMatchObject({ [token]: token_logprobs![index] });
      expect(Object.keys(top_logprobs![index]!)).toHaveLength(2);
    }
  });

  it('scores a text as lm-eval-harness asks for it', async () => {
    const ids = await idsOf('The fire is warm and bright.');
    const contextTokens = 3;
    // lm_eval/models/openai_completions.py: the tokens of the continuation, the last being generated and left out.
    const score = async (prompt: readonly number[]) => {
      const { choices } = await create({ prompt, echo: true, logprobs: 1, max_tokens: 1, seed: 1234 });
      const { tokens, token_logprobs: logprobs, top_logprobs: top, text_offset } = choices[0]!.logprobs!;
      expect(tokens).toHaveLength(prompt.length + 1);
      expect([logprobs![0], top![0]]).toEqual([null, null]);
      expect(tokens!.join('')).toBe(choices[0]!.text);
      expect(text_offset!.at(-1)).toBe(tokens!.slice(0, -1).join('').length);
      const likeliest = top!.slice(1).map((one) => Math.max(...Object.values(one)));
      const isGreedy = logprobs!.slice(contextTokens, -1).every((one, at) => one === likeliest[contextTokens - 1 + at]);
      return { likeliest, isGreedy };
    };
    const { likeliest, isGreedy } = await score(ids);
    expect(isGreedy).toBe(false);
    // The probabilities are those with which each next token would be generated.
    for (let at = 1; at < ids.length; at++) {
      const { choices } = await create({ prompt: ids.slice(0, at), max_tokens: 1, logprobs: 0 });
      expect(likeliest[at - 1]).toBeCloseTo(choices[0]!.logprobs!.token_logprobs![0]!, 3);
    }
    // As llama-server b11669 tells them of the same file (`n_probs` of /completion, behind each beginning of the text).
    const story = await create({ prompt: 'Once upon a time', echo: true, logprobs: 1, max_tokens: 0 });
    const told = story.choices[0]!.logprobs!.top_logprobs!.slice(1).map((top) => Math.max(...Object.values(top)));
    for (const [at, value] of [-0.8442, -0.7076, -1.0589, -0.3516, -1.4417].entries())
      expect(told[at]).toBeCloseTo(value, 2);
    // What the model itself would write is greedy.
    const context = ids.slice(0, contextTokens);
    const greedy = await create({ prompt: context, max_tokens: 6 });
    expect((await score([...context, ...(await idsOf(greedy.choices[0]!.text))])).isGreedy).toBe(true);
    const none = await create({ prompt: ids, echo: true, logprobs: 1, max_tokens: 0 });
    expect([none.choices[0]!.logprobs!.tokens!.length, none.usage!.completion_tokens]).toEqual([ids.length, 0]);
    const chunks = await stream({ prompt: ids, echo: true, logprobs: 0, max_tokens: 4 });
    expect(chunks.flatMap(({ choices }) => choices[0]?.logprobs?.tokens ?? [])).toHaveLength(ids.length + 4);
  });

  it('keeps the likeliest of several', async () => {
    const wanted = { temperature: 1.5, seed: 1, max_tokens: 8 };
    const all = await create({ ...wanted, n: 6, logprobs: 0 });
    const mean = (choice: OpenAI.CompletionChoice): number => {
      const list = choice.logprobs!.token_logprobs!;
      return list.reduce((sum, one) => sum + one, 0) / list.length;
    };
    const [best] = all.choices.toSorted((a, b) => mean(b) - mean(a));
    const { choices, usage } = await create({ ...wanted, best_of: 6 });
    expect(choices.map(({ text }) => text)).toEqual([best!.text]);
    expect(usage!.completion_tokens).toBe(all.usage!.completion_tokens);
  });

  it('says what is wrong', async () => {
    for (const [body, param] of [
      [{ best_of: 3, stream: true }, 'best_of'],
      [{ best_of: 1, n: 2 }, 'best_of'],
      [{ prompt: [1, 999_999] }, 'prompt'],
      [{ prompt: [1, 999_999], echo: true }, 'prompt'],
      [{ prompt: [1, 2], suffix: 'x' }, 'suffix'],
      [{ prompt: [] }, 'prompt'],
      [{ prompt: [[1], 'x'] }, 'prompt'],
      [{ prompt: [1.5] }, 'prompt'],
      [{ logprobs: 21 }, 'logprobs'],
    ] as const)
      await expect(create(body), JSON.stringify(body)).rejects.toMatchObject({
        ...{ status: 400, param: expect.stringMatching(new RegExp(`^${param}`)) as string },
      });
    await expect(create({ suffix: 'x' })).rejects.toMatchObject({ status: 400, code: 'unsupported' });
    const long = Array.from({ length: 5000 }, () => 5);
    await expect(create({ prompt: long })).rejects.toMatchObject({ status: 400, code: 'context_length_exceeded' });
  });
});

describe('embeddings', () => {
  it('are the same as numbers and as bytes, in the order of the texts, and for tokens', async () => {
    const input = ['the fire', 'a bird', 'the fire'];
    // The client asks for bytes unless told otherwise.
    const decoded = await client.embeddings.create({ model: 'ember', input });
    const numbers = await client.embeddings.create({ model: 'ember', input, encoding_format: 'float' });
    expect(decoded.data.map(({ index }) => index)).toEqual([0, 1, 2]);
    for (const [at, { embedding }] of decoded.data.entries()) {
      expect(embedding).toHaveLength(192);
      expect(embedding).toEqual(Array.from(new Float32Array(numbers.data[at]!.embedding)));
      expect(Math.hypot(...embedding)).toBeCloseTo(1, 5);
    }
    expect(decoded.data[0]!.embedding).toEqual(decoded.data[2]!.embedding);
    const raw = await server.ask('/v1/embeddings', { model: 'ember', input: 'the fire', encoding_format: 'base64' });
    const { data, usage } = raw.body as { data: { embedding: string }[]; usage: object };
    expect(Buffer.from(data[0]!.embedding, 'base64')).toHaveLength(192 * 4);
    const { tokens } = (await server.ask('/tokenize', { model: 'ember', content: 'the fire' })).body as {
      tokens: number[];
    };
    expect(usage).toEqual({ prompt_tokens: tokens.length, total_tokens: tokens.length });
    const ofTokens = await client.embeddings.create({ model: 'ember', input: [tokens, tokens] });
    expect(ofTokens.data[1]!.embedding).toEqual(decoded.data[0]!.embedding);
  });

  it('are cut to the wanted dimensions and have their length again', async () => {
    const embed = (dimensions?: number) =>
      client.embeddings.create({ model: 'ember', input: 'the fire', ...(dimensions && { dimensions }) });
    const whole = (await embed()).data[0]!.embedding;
    const cut = (await embed(8)).data[0]!.embedding;
    const length = Math.hypot(...whole.slice(0, 8));
    for (const [at, value] of cut.entries()) expect(value).toBeCloseTo(whole[at]! / length, 5);
    await expect(embed(193)).rejects.toMatchObject({ status: 400, param: 'dimensions' });
  });

  it('are bounded', async () => {
    for (const input of ['', [], ['a', ''], Array.from({ length: 2049 }, () => 'a'), [[]], [1.5], [[1], 'a']])
      await expect(client.embeddings.create({ model: 'ember', input: input as string })).rejects.toMatchObject({
        ...{ status: 400, param: expect.stringMatching(/^input/) as string },
      });
    expect(
      (await client.embeddings.create({ model: 'ember', input: Array.from({ length: 2048 }, () => 'a') })).data,
    ).toHaveLength(2048);
    await expect(client.embeddings.create({ model: 'ember', input: [[999_999]] })).rejects.toMatchObject({
      ...{ status: 400, param: 'input' },
    });
    await expect(client.embeddings.create({ model: 'ember', input: 'word '.repeat(9000) })).rejects.toMatchObject({
      ...{ status: 400, code: 'context_length_exceeded' },
    });
  });
});

describe('reranking', () => {
  const documents = ['stone water', 'bird fire', { text: 'fire stone' }];
  it('gives documents in the order of their relevance', async () => {
    for (const route of ['/v1/rerank', '/rerank', '/v1/reranking']) {
      const { status, body } = await server.ask(route, { model: 'made/ranker', query: 'fire bird', documents });
      expect([status, body.object, body.model]).toEqual([200, 'list', 'made/ranker']);
      const results = body.results as { index: number; relevance_score: number; document?: object }[];
      expect(results.map(({ index }) => index)).toEqual([1, 2, 0]);
      for (const { relevance_score: score, document } of results) {
        expect(score > 0 && score < 1).toBe(true);
        expect(document).toBeUndefined();
      }
      expect(body.usage.total_tokens).toBeGreaterThan(0);
    }
    const wanted = { model: 'made/ranker', query: 'fire bird', documents, top_n: 2, return_documents: true };
    const { body } = await server.ask('/v1/rerank', wanted);
    expect(body.results.map(({ document }: { document: object }) => document)).toEqual([
      { text: 'bird fire' },
      { text: 'fire stone' },
    ]);
  });
  it('says what is wrong', async () => {
    const wrong = async (body: object) => (await server.ask('/v1/rerank', body)).body.error as object;
    expect(await wrong({ model: 'ember', query: 'a', documents: ['b'] })).toMatchObject({ code: 'unsupported' });
    expect(await wrong({ model: 'made/ranker', query: 'a', documents: [] })).toMatchObject({ param: 'documents' });
    expect(await wrong({ model: 'made/ranker', query: 'a', documents: [{ image: 'x' }] })).toMatchObject({
      param: 'documents.0.text',
    });
    expect(await wrong({ model: 'made/ranker', documents: ['b'] })).toMatchObject({ param: 'query' });
  });
});

describe('models', () => {
  it('are listed with what programs ask before they choose one', async () => {
    const { data } = await client.models.list();
    const ember = data.find(({ id }) => id === 'ember') as OpenAI.Model & Record<string, unknown>;
    expect(ember).toMatchObject({ object: 'model', context_length: 1024 });
    expect(ember['capabilities']).toMatchObject({
      chat: true,
      completion: true,
      embeddings: true,
      rerank: false,
      vision: false,
    });
    const ranker = data.find(({ id }) => id.includes('ranker')) as OpenAI.Model & Record<string, unknown>;
    expect(ranker['capabilities']).toMatchObject({ chat: false, completion: false, rerank: true });
    expect(await client.models.retrieve('ember')).toEqual(ember);
    await expect(client.models.retrieve('embr')).rejects.toMatchObject({ status: 404, code: 'model_not_found' });
  });
});
