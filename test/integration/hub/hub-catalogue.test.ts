/** Search, one model, and resolving the files of a download, against a real server. */
import { describe, expect, it } from 'vitest';
import { withoutFrontMatter } from '../../../main/hub/api/catalogue.ts';
import type { RepoInput } from '../../hub-server/hub-server.ts';
import { content, never, repoId, setUp } from '../../support/hub-setup.ts';
import { fitIn } from '../../../main/model-file/fit-of.ts';

const search = {
  query: '',
  sort: 'downloads',
  library: 'gguf',
  author: null,
  task: null,
  license: null,
  cursor: null,
} as const;
const gguf = (id: string, downloads = 1): RepoInput => ({
  id,
  downloads,
  files: { 'x-Q4_0.gguf': content.subarray(0, 100) },
});

const rich: RepoInput = {
  id: 'owner/Rich-7B-GGUF',
  likes: 7,
  downloads: 1234,
  lastModified: '2025-02-03T04:05:06.000Z',
  files: {
    'README.md':
      '---\nlicense: apache-2.0\nbase_model: owner/Rich-7B\npipeline_tag: text-generation\n---\n\n# Rich\n\nText with --- inside.\n',
    'Rich-7B-Q8_0.gguf': content.subarray(0, 800_000),
    'Rich-7B-Q4_K_M.gguf': content.subarray(0, 480_000),
    'Rich-7B-Q2_K.gguf': content.subarray(0, 250_000),
    'BF16/Rich-7B-BF16-00001-of-00002.gguf': content.subarray(0, 900_000),
    'BF16/Rich-7B-BF16-00002-of-00002.gguf': content.subarray(0, 700_000),
    'F32/Rich-7B-F32-00001-of-00003.gguf': content.subarray(0, 10),
    'mmproj-Rich-F16.gguf': content.subarray(0, 50_000),
    'rich-lora-F16.gguf': content.subarray(0, 20_000),
    'Rich-imatrix.gguf': content.subarray(0, 1_000),
    'CON.gguf': content.subarray(0, 1_000),
    'config.json': '{}',
  },
};

describe('search', () => {
  it('reads all pages by the cursor, in order', async () => {
    const repos = Array.from({ length: 70 }, (_, index) => gguf(`many/m${String(index)}`, index));
    const { hub, server } = await setUp(
      {},
      { repos: [...repos, { id: 'other/text', files: { 'README.md': '# no' } }] },
    );
    const seen: number[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof hub.search>> = await hub.search({ ...search, cursor }, never);
      seen.push(...page.models.map((model) => model.downloads));
      cursor = page.cursor;
    } while (cursor !== null && seen.length < 200);
    expect(seen).toEqual(Array.from({ length: 70 }, (_, index) => 69 - index));
    expect(server.requests).toHaveLength(3);
  });

  it('finds by words, and also models without GGUF files', async () => {
    const { hub } = await setUp(
      {},
      { repos: [gguf('a/Fine-Model'), gguf('b/other'), { id: 'c/Fine-Text', files: { 'README.md': '# x' } }] },
    );
    const names = async (query: string, library: 'gguf' | 'any'): Promise<string[]> =>
      (await hub.search({ ...search, query, library }, never)).models.map((model) => model.repoId).sort();
    expect(await names('fine', 'gguf')).toEqual(['a/Fine-Model']);
    expect(await names('fine', 'any')).toEqual(['a/Fine-Model', 'c/Fine-Text']);
    expect(await names('nothing like it', 'any')).toEqual([]);
  });

  it('answers a pasted name or address with that model', async () => {
    const { hub, server } = await setUp({}, { repos: [rich, gguf('a/b')] });
    for (const query of [
      'owner/Rich-7B-GGUF',
      'owner/Rich-7B-GGUF:Q4_K_M',
      'owner/Rich-7B-GGUF:UD-Q4_K_XL ',
      'owner/Rich-7B-GGUF:latest',
      `${server.url}/owner/Rich-7B-GGUF/tree/main`,
      'https://huggingface.co/owner/Rich-7B-GGUF',
    ]) {
      const { models, cursor } = await hub.search({ ...search, query }, never);
      expect(models).toEqual([
        {
          repoId: 'owner/Rich-7B-GGUF',
          downloads: 1234,
          likes: 7,
          updatedAt: Date.parse('2025-02-03T04:05:06.000Z'),
          gated: false,
          task: 'text-generation',
          license: 'apache-2.0',
          isGguf: true,
        },
      ]);
      expect(cursor).toBeNull();
    }
    expect((await hub.search({ ...search, query: 'https://huggingface.co/no/body' }, never)).models).toEqual([]);
    // An owner's page.
    const [owned] = (await hub.search({ ...search, query: 'https://huggingface.co/a', author: 'owner' }, never)).models;
    expect(owned?.repoId).toBe('a/b');
    expect((await hub.search({ ...search, query: 'https://huggingface.co/nobody' }, never)).models).toEqual([]);
    expect((await hub.search({ ...search, query: 'no/body' }, never)).models).toEqual([]);
  });
});

describe('model', () => {
  it('shows the files that can run, sets of shards as one, with one recommended', async () => {
    const { hub, server } = await setUp(
      {
        fitOf: fitIn(() => ({ freeRamBytes: 224_000_000, totalRamBytes: 8e9 })),
        fileState: (_repo, path) => (path.includes('Q2_K') ? 'local' : 'remote'),
      },
      { repos: [rich] },
    );
    const model = await hub.model('owner/Rich-7B-GGUF', 'main', never);
    expect(model).toMatchObject({
      repoId: 'owner/Rich-7B-GGUF',
      revision: await server.mainCommitId('owner/Rich-7B-GGUF'),
      baseModel: 'owner/Rich-7B',
      license: 'apache-2.0',
      pageUrl: `${server.url}/owner/Rich-7B-GGUF`,
      card: '# Rich\n\nText with --- inside.\n',
    });
    expect(
      model.files.map((file) => [
        file.path,
        file.kind,
        file.quantization,
        file.sizeBytes,
        file.shards.length,
        file.state,
      ]),
    ).toEqual([
      ['Rich-7B-Q2_K.gguf', 'model', 'Q2_K', 250_000, 1, 'local'],
      ['Rich-7B-Q4_K_M.gguf', 'model', 'Q4_K_M', 480_000, 1, 'remote'],
      ['Rich-7B-Q8_0.gguf', 'model', 'Q8_0', 800_000, 1, 'remote'],
      ['BF16/Rich-7B-BF16-00001-of-00002.gguf', 'model', 'BF16', 1_600_000, 2, 'remote'],
      ['mmproj-Rich-F16.gguf', 'projector', 'F16', 50_000, 1, 'remote'],
      ['rich-lora-F16.gguf', 'adapter', 'F16', 20_000, 1, 'remote'],
      ['Rich-imatrix.gguf', 'imatrix', null, 1000, 1, 'remote'],
    ]);
    expect(model.files.filter((file) => file.recommended !== null).map((file) => file.path)).toEqual([
      'Rich-7B-Q4_K_M.gguf',
    ]);
    expect(model.files[0]?.modelId).toBe('owner/Rich-7B-GGUF/Rich-7B-Q2_K.gguf');
  });

  it('is shown without a card, and in another revision', async () => {
    const { hub } = await setUp(
      {},
      { repos: [{ ...gguf(repoId), revisions: { v1: { 'old-Q8_0.gguf': content.subarray(0, 10) } } }] },
    );
    expect((await hub.model(repoId, 'main', never)).card).toBeNull();
    expect((await hub.model(repoId, 'v1', never)).files.map((file) => file.path)).toEqual(['old-Q8_0.gguf']);
  });

  it('reads a file list of several pages', async () => {
    const files = Object.fromEntries(Array.from({ length: 1500 }, (_, index) => [`f${String(index)}.gguf`, 'x']));
    const { hub } = await setUp({}, { repos: [{ id: repoId, files }] });
    expect((await hub.model(repoId, 'main', never)).files).toHaveLength(1500);
  });
});

describe('resolve', () => {
  it('finds every shard from any of them', async () => {
    const { hub } = await setUp({}, { repos: [rich] });
    const files = await hub.resolve(rich.id, 'BF16/Rich-7B-BF16-00002-of-00002.gguf', 'main', never);
    expect(files.map((file) => [file.path, file.sizeBytes])).toEqual([
      ['BF16/Rich-7B-BF16-00001-of-00002.gguf', 900_000],
      ['BF16/Rich-7B-BF16-00002-of-00002.gguf', 700_000],
    ]);
    expect(new Set(files.map((file) => file.sha256)).size).toBe(2);
  });

  it('reports missing things', async () => {
    const { hub } = await setUp({}, { repos: [rich] });
    for (const [id, path, revision] of [
      [rich.id, 'F32/Rich-7B-F32-00001-of-00003.gguf', 'main'],
      [rich.id, 'none.gguf', 'main'],
      [rich.id, 'config.json', 'v9'],
      ['no/body', 'x.gguf', 'main'],
    ] as const) {
      await expect(hub.resolve(id, path, revision, never)).rejects.toMatchObject({ code: 'hub.not_found' });
    }
    await expect(hub.model('no/body', 'main', never)).rejects.toMatchObject({ code: 'hub.not_found' });
  });

  it('reports before a download that the terms must be accepted', async () => {
    const repos: RepoInput[] = [{ ...gguf(repoId), gated: 'manual' }];
    const tokens = { hf_stranger: { name: 'ben' }, hf_friend: { name: 'ada', gatedAccess: [repoId] } };
    const ask = async (token: string | null): Promise<unknown> => {
      const { hub, server } = await setUp({ token: () => token }, { repos, tokens });
      const answer: unknown = await hub.resolve(repoId, 'x-Q4_0.gguf', 'main', never).catch((error: unknown) => error);
      const access = token === 'hf_friend' ? 'granted' : 'refused';
      expect(await hub.model(repoId, 'main', never)).toMatchObject({ gated: 'manual', access });
      return answer instanceof Error
        ? { ...answer, message: answer.message, expected: `${server.url}/${repoId}` }
        : answer;
    };
    for (const token of [null, 'hf_stranger']) {
      const error = (await ask(token)) as { message: string; expected: string };
      expect(error).toMatchObject({ code: 'hub.gated', data: { repoId, pageUrl: error.expected } });
      expect(error.message).toContain(error.expected);
    }
    expect(await ask('hf_friend')).toHaveLength(1);
  });

  it('says whose a token is without using it, and refuses one that the Hub does not know', async () => {
    const tokens = { hf_friend: { name: 'ada' } };
    const { hub, server } = await setUp({}, { tokens });
    expect(await hub.checkToken('hf_friend', never)).toEqual({ name: 'ada' });
    await expect(hub.checkToken('hf_nobody', never)).rejects.toMatchObject({ code: 'hub.unauthorized' });
    const { headers } = server.requests.at(-1) ?? {};
    expect(headers?.authorization).toBe('Bearer hf_nobody');
    await hub.search(
      { query: '', sort: 'trending', library: 'any', author: null, task: null, license: null, cursor: null },
      never,
    );
    expect(server.requests.at(-1)?.headers.authorization).toBeUndefined();
    server.setFault({ at: 'api', kind: 'status', status: 503 });
    await expect(hub.checkToken('hf_friend', never)).rejects.toMatchObject({ code: 'hub.bad_response' });
  });
});

describe('errors of the Hub', () => {
  it('have a code each', async () => {
    const { hub, server } = await setUp();
    const expectCode = async (code: string, data: object = {}): Promise<void> => {
      await expect(hub.search(search, never)).rejects.toMatchObject({ code, data });
      await expect(hub.model(repoId, 'main', never)).rejects.toMatchObject({ code, data });
      server.clearFaults();
    };
    server.setFault({ at: 'api', kind: 'status', status: 429, retryAfterSeconds: 5 });
    await expectCode('hub.rate_limited', { retryAfterMs: 5000 });
    server.setFault({ at: 'api', kind: 'status', status: 503 });
    await expectCode('hub.bad_response', { status: 503 });
    server.setFault({ at: 'api', kind: 'reset' });
    await expectCode('hub.offline', { host: new URL(server.url).host });
    server.setFault({ at: 'api', kind: 'cut', afterBytes: 5 });
    await expectCode('hub.offline');
  });

  it('name a token that is not accepted', async () => {
    const { hub } = await setUp({ token: () => 'hf_wrong_wrong' });
    await expect(hub.search(search, never)).rejects.toMatchObject({ code: 'hub.unauthorized' });
    const error: unknown = await hub.model(repoId, 'main', never).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'hub.unauthorized' });
    expect(JSON.stringify(error) + String(error)).not.toContain('hf_wrong');
  });

  it('do not quote an invalid token', async () => {
    const { hub, server } = await setUp({ token: () => 'hf_secret\u0000secret' });
    const error: unknown = await hub.search(search, never).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'hub.unauthorized' });
    expect(JSON.stringify(error) + String(error)).not.toContain('secret');
    expect(server.requests).toEqual([]);
  });

  it('come from malformed responses, too', async () => {
    const answers = (body: string, headers: Record<string, string> = {}): typeof globalThis.fetch => {
      return () => Promise.resolve(new Response(body, { headers }));
    };
    for (const fetch of [answers('<xml>'), answers('null'), answers('{}'), answers('[{}]'), answers('"x"')]) {
      const { hub } = await setUp({ fetch });
      await expect(hub.model(repoId, 'main', never)).rejects.toMatchObject({ code: 'hub.bad_response' });
      await expect(hub.resolve(repoId, 'x.gguf', 'main', never)).rejects.toMatchObject({ code: 'hub.bad_response' });
    }
    const { hub } = await setUp({ fetch: answers('[{"id": "../x"}, {"id": "a/b", "tags": 3, "likes": "many"}]') });
    expect((await hub.search(search, never)).models).toMatchObject([{ repoId: 'a/b', likes: 0, license: null }]);
  });

  it('end a chain of redirects, and a redirect to a less secure place', async () => {
    const redirect = (location: string): typeof globalThis.fetch => {
      return () => Promise.resolve(new Response(null, { status: 302, headers: { location } }));
    };
    for (const location of ['/again', 'file:///etc/passwd', 'http://[']) {
      const { hub } = await setUp({ fetch: redirect(location) });
      await expect(hub.resolve(repoId, 'x.gguf', 'main', never)).rejects.toMatchObject({ code: 'hub.bad_response' });
    }
    // One redirect to plain http, where everything would be answered.
    const asked: string[] = [];
    const { hub } = await setUp({
      endpoint: 'https://127.0.0.1:1',
      fetch: (input, init) => {
        const url = new URL(input instanceof Request ? input.url : input);
        asked.push(url.protocol);
        if (url.protocol === 'http:') return Promise.resolve(Response.json([]));
        url.protocol = 'http:';
        return redirect(url.href)(input, init);
      },
    });
    await expect(hub.search(search, never)).rejects.toMatchObject({ code: 'hub.bad_response', data: { status: 302 } });
    expect(new Set(asked)).toEqual(new Set(['https:']));
  });

  it('an abort is an abort, and ends the request', async () => {
    const { hub, server } = await setUp();
    server.setFault({ at: 'api', kind: 'stall', afterBytes: 1 });
    const abort = new AbortController();
    const asked = expect(hub.search(search, abort.signal)).rejects.toThrow('enough');
    await expect.poll(() => server.requests[0]?.bytesSent).toBeGreaterThan(0);
    abort.abort(new Error('enough'));
    await asked;
    await expect.poll(() => server.requests.map(({ outcome }) => outcome)).toEqual(['client_gone']);
  });
});

it('asks a mirror for the next page, and sends the token to no other origin', async () => {
  const asked: { url: string; authorization: string | null }[] = [];
  const fetch: typeof globalThis.fetch = (input, init) => {
    const url = input instanceof Request ? input.url : input.toString();
    asked.push({ url, authorization: new Headers(init?.headers).get('authorization') });
    const info = { id: 'a/b', _id: '1', sha: 'a'.repeat(40), lastModified: 'never', tags: [] };
    const more = asked.filter(({ url }) => url.includes('/tree/')).length < 2;
    const headers: Record<string, string> = more
      ? { link: '<https://huggingface.co/api/models/a/b/tree/x?cursor=2>; rel="next"' }
      : {};
    return Promise.resolve(url.includes('/tree/') ? Response.json([], { headers }) : Response.json(info));
  };
  const { hub } = await setUp({ endpoint: 'https://mirror.example/hf/', token: () => 'hf_12345678', fetch });
  await hub.model('a/b', 'main', never);
  expect(asked.length).toBeGreaterThan(3);
  for (const { url, authorization } of asked) {
    expect(url).toMatch(/^https:\/\/mirror\.example\/hf\//);
    expect(authorization).toBe('Bearer hf_12345678');
  }
});

describe('withoutFrontMatter', () => {
  it.each([
    ['---\na: 1\n---\n# x', '# x'],
    ['\uFEFF---\r\na: 1\r\n---\r\n\r\n# x', '# x'],
    ['# x\n---\ny', '# x\n---\ny'],
    ['---\n---\nx', 'x'],
    ['--- no end', '--- no end'],
  ])('%j', (text, rest) => {
    expect(withoutFrontMatter(text)).toBe(rest);
  });
});
