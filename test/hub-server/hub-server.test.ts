import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { downloadFile, fileDownloadInfo, listFiles, listModels, modelInfo, pathsInfo, whoAmI } from '@huggingface/hub';
import { afterEach, describe, expect, it } from 'vitest';
import { generatedContent, wholeContent } from './content.ts';
import { ggufContent } from './gguf-file.ts';
import { startHub, type Hub, type HubOptions, type RepoInput } from './hub-server.ts';
import { safetensorsContent } from './safetensors-file.ts';

const shape = {
  name: 'Tiny',
  layers: 1,
  embedding: 32,
  heads: 4,
  kvHeads: 2,
  feedForward: 64,
  vocabulary: 300,
  contextLength: 512,
};
const weights = generatedContent(3_000_000, 7);
const card = '---\nlicense: mit\npipeline_tag: text-generation\nlanguage:\n- en\n---\n# Tiny\n';
const tiny: RepoInput = {
  id: 'someone/tiny-GGUF',
  files: { 'README.md': card, 'config/a.json': '{}', 'weights.gguf': weights },
  downloads: 30,
  likes: 3,
  renamedFrom: ['someone/old-name', 'nameless'],
};
const tokens = {
  hf_owner: { name: 'someone' },
  hf_member: { name: 'ada', gatedAccess: ['acme/gated'] },
  hf_stranger: { name: 'ben' },
};
const closed: RepoInput[] = [
  { id: 'acme/gated', gated: 'auto', files: { 'README.md': 'x', 'w.gguf': Buffer.alloc(100) } },
  { id: 'someone/secret', private: true, files: { 'README.md': 'x' } },
];

let hub: Hub;
const start = async (options: HubOptions = {}): Promise<Hub> =>
  (hub = await startHub({ repos: [tiny], tokens, ...options }));
afterEach(() => hub.close());

const get = (path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Response> =>
  fetch(`${hub.url}${path}`, { method, headers, redirect: 'manual' });
const json = async (path: string, headers: Record<string, string> = {}): Promise<unknown> =>
  (await get(path, headers)).json();
const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
const sha256 = (bytes: ArrayBuffer | Uint8Array): string =>
  createHash('sha256')
    .update(bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes))
    .digest('hex');
async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

describe('with the official client', () => {
  it('lists, describes and downloads', async () => {
    await start();
    const options = { hubUrl: hub.url };
    const [model] = await all(
      listModels({
        ...options,
        search: { query: 'TINY', tags: ['gguf', 'license:mit'] },
        additionalFields: ['sha', 'filePaths'],
      }),
    );
    expect(model).toMatchObject({
      name: 'someone/tiny-GGUF',
      downloads: 30,
      likes: 3,
      task: 'text-generation',
      gated: false,
    });
    expect(model?.filePaths).toEqual(['.gitattributes', 'README.md', 'config/a.json', 'weights.gguf']);
    const info = await modelInfo({ ...options, name: 'someone/tiny-GGUF', additionalFields: ['sha', 'tags'] });
    expect(info.sha).toBe(await hub.mainCommitId('someone/tiny-GGUF'));
    expect(info.tags).toEqual(expect.arrayContaining(['gguf', 'en', 'license:mit', 'text-generation']));

    const repo = 'someone/tiny-GGUF';
    const files = await all(listFiles({ ...options, repo, recursive: true, expand: true }));
    const whole = await wholeContent(weights);
    const listed = files.find((file) => file.path === 'weights.gguf');
    expect(listed?.lfs).toEqual({ oid: sha256(whole), size: 3_000_000, pointerSize: 132 });
    expect(listed?.lastCommit?.id).toBe(info.sha);
    expect(files.map((file) => file.path)).toEqual([
      'config',
      'config/a.json',
      '.gitattributes',
      'README.md',
      'weights.gguf',
    ]);
    expect(
      (await pathsInfo({ ...options, repo, paths: ['config/a.json', 'nothing'] })).map((file) => file.path),
    ).toEqual(['config/a.json']);

    expect(await fileDownloadInfo({ ...options, repo, path: 'nothing' })).toBeNull();
    const small = await fileDownloadInfo({ ...options, repo, path: 'config/a.json' });
    expect(small).toMatchObject({ size: 2, etag: '"9e26dfeeb6e641a33dae4961196235bdb965b21b"' });
    expect((await fileDownloadInfo({ ...options, repo, path: 'weights.gguf', raw: true }))?.size).toBe(132);
    const blob = await downloadFile({ ...options, repo, path: 'weights.gguf', accessToken: 'hf_owner' });
    expect(sha256((await blob?.arrayBuffer()) ?? new ArrayBuffer())).toBe(sha256(whole));
    expect(await (await downloadFile({ ...options, repo, path: 'README.md' }))?.text()).toBe(card);
    expect(await whoAmI({ ...options, accessToken: 'hf_owner' })).toMatchObject({ type: 'user', name: 'someone' });
    expect(hub.requests.some(({ level, headers }) => level === 'cdn' && headers.authorization !== undefined)).toBe(
      false,
    );
  });

  it('pages through long file lists', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 250 }, (_, index) => [`f/${String(index).padStart(4, '0')}.txt`, 'x']),
    );
    await start({ repos: [{ id: 'a/many', files: many }] });
    const files = await all(listFiles({ hubUrl: hub.url, repo: 'a/many', path: 'f', expand: true }));
    expect(new Set(files.map((file) => file.path)).size).toBe(250);
    expect(hub.requests).toHaveLength(3);
  });
});

describe('search', () => {
  const repos = Array.from({ length: 25 }, (_, index): RepoInput => ({
    id: `owner${String(index % 3)}/model-${String(index)}`,
    files: index % 2 === 0 ? { 'w.gguf': 'x' } : { 'config.json': '{}' },
    downloads: index % 5,
    likes: index,
    license: index % 2 === 0 ? 'mit' : 'apache-2.0',
    gated: index === 7 ? 'manual' : false,
    lastModified: new Date(Date.UTC(2024, 0, 1 + index)).toISOString(),
  }));
  const ids = async (query: string): Promise<string[]> =>
    ((await json(`/api/models?${query}`)) as { id: string }[]).map(({ id }) => id);

  it('filters by words, author, tags, task and gate', async () => {
    await start({ repos });
    expect(await ids('search=owner1%20model-1')).toHaveLength(5);
    expect(await ids('author=owner2')).toHaveLength(8);
    expect(await ids('filter=gguf&filter=license:mit')).toHaveLength(13);
    expect(await ids('filter=gguf,license:apache-2.0')).toHaveLength(0);
    expect(await ids('library=gguf&author=owner0')).toHaveLength(5);
    expect(await ids('gated=true')).toEqual(['owner1/model-7']);
    expect(await ids('pipeline_tag=text-generation')).toEqual([]);
  });

  it('sorts both ways and follows Link to the end, each model once, although one is removed between two pages', async () => {
    await start({ repos });
    expect((await ids('sort=likes&limit=2'))[0]).toBe('owner0/model-24');
    expect((await ids('sort=lastModified&direction=1&limit=1'))[0]).toBe('owner0/model-0');
    expect((await get('/api/models?sort=color')).status).toBe(400);
    const seen: string[] = [];
    let next: string | undefined = `${hub.url}/api/models?sort=downloads&limit=10`;
    while (next !== undefined) {
      const response: Response = await fetch(next);
      seen.push(...((await response.json()) as { id: string }[]).map(({ id }) => id));
      next = /<([^>]+)>; rel="next"/.exec(response.headers.get('Link') ?? '')?.[1];
      if (seen.length === 10) hub.removeRepo(seen[0] ?? '');
    }
    expect(seen).toHaveLength(25);
    expect(new Set(seen).size).toBe(25);
  });

  it('gives the short form, the full one, or the properties that were asked for', async () => {
    await start();
    const [short] = (await json('/api/models')) as Record<string, unknown>[];
    expect(Object.keys(short ?? {})).not.toContain('siblings');
    const [full] = (await json('/api/models?full=true&cardData=true')) as Record<string, unknown>[];
    expect(full).toMatchObject({ author: 'someone', gated: false, cardData: { license: 'mit', language: ['en'] } });
    const [some] = (await json('/api/models?expand[]=likes&expand=gated')) as Record<string, unknown>[];
    expect(Object.keys(some ?? {}).sort()).toEqual(['_id', 'gated', 'id', 'likes']);
    expect((await get('/api/models?expand=shoe')).status).toBe(400);
  });
});

describe('model info', () => {
  it('reads GGUF and safetensors headers, and lists blobs', async () => {
    const repo: RepoInput = {
      id: 'a/b',
      files: { 'w.gguf': ggufContent({ shape, quantization: 'Q8_0', seed: 1 }), 'broken.gguf': 'GGUF' },
    };
    const plain: RepoInput = { id: 'a/c', files: { 'model.safetensors': safetensorsContent(shape, 1) } };
    await start({
      repos: [
        { ...repo, files: { 'w.gguf': repo.files['w.gguf'] ?? '' } },
        plain,
        { id: 'a/d', files: { 'b.gguf': 'GGUF' } },
      ],
    });
    const info = (await json('/api/models/a/b?blobs=true')) as {
      gguf: unknown;
      siblings: { rfilename: string; lfs?: { sha256: string } }[];
    };
    expect(info.gguf).toMatchObject({
      architecture: 'llama',
      context_length: 512,
      total: 28_512,
      eos_token: '<|im_end|>',
    });
    const lfs = info.siblings.find(({ rfilename }) => rfilename === 'w.gguf')?.lfs;
    const content = repo.files['w.gguf'];
    if (content === undefined || typeof content === 'string' || content instanceof Uint8Array)
      throw new Error('not content');
    expect(lfs?.sha256).toBe(sha256(await wholeContent(content)));
    expect(await json('/api/models/a/c')).toMatchObject({
      safetensors: { parameters: { BF16: 18_912 }, total: 18_912 },
      tags: expect.arrayContaining(['safetensors']) as unknown,
    });
    expect(await json('/api/models/a/d')).not.toHaveProperty('gguf');
  });

  it('keeps old commits readable after an update, and serves further revisions', async () => {
    await start({ repos: [{ ...tiny, revisions: { 'refs/pr/1': { 'README.md': 'proposed' } } }] });
    const before = await hub.mainCommitId(tiny.id);
    const after = await hub.addFile(tiny.id, 'README.md', 'new');
    expect(after).not.toBe(before);
    const text = async (revision: string): Promise<string> =>
      (await get(`/${tiny.id}/resolve/${revision}/README.md`)).text();
    expect([await text('main'), await text(after), await text(before), await text('refs%2Fpr%2F1')]).toEqual([
      'new',
      'new',
      card,
      'proposed',
    ]);
    expect(((await json(`/api/models/${tiny.id}/revision/${before}`)) as { sha: string }).sha).toBe(before);
    const tree = (await json(`/api/models/${tiny.id}/tree/main?expand=true`)) as {
      path: string;
      lastCommit: { id: string };
    }[];
    expect(tree.find(({ path }) => path === 'README.md')?.lastCommit.id).toBe(after);
    expect(tree.find(({ path }) => path === 'weights.gguf')?.lastCommit.id).toBe(before);
  });

  it('gives the same commit id for the same files, from code and from a folder', async () => {
    const root = await mkdtemp(join(tmpdir(), 'hub-root-'));
    await mkdir(join(root, 'a', 'b', 'sub'), { recursive: true });
    await writeFile(join(root, 'a', 'b', 'sub', 'x.txt'), 'hello');
    await writeFile(
      join(root, 'a', 'b', '.hub.json'),
      JSON.stringify({ likes: 9, generated: [{ path: 'w.gguf', sizeBytes: 5e10, seed: 4, sha256: 'ab'.repeat(32) }] }),
    );
    await start({ root });
    const id = await hub.mainCommitId('a/b');
    expect(await json('/api/models/a/b')).toMatchObject({ likes: 9, usedStorage: 5e10 + 5 + 1374 });
    const slice = await fetch(`${hub.url}/a/b/resolve/main/w.gguf`, { headers: { Range: 'bytes=49999999990-' } });
    expect((await slice.arrayBuffer()).byteLength).toBe(10);
    await hub.close();
    await start({ repos: [{ id: 'a/b', files: { 'sub/x.txt': 'hello', 'w.gguf': generatedContent(5e10, 4) } }] });
    expect(await hub.mainCommitId('a/b')).toBe(id);
    await rm(root, { recursive: true });
  });
});

describe('resolve', () => {
  it('sends small files itself, with the blob id as ETag, and answers 304 to it', async () => {
    await start();
    const response = await get(`/${tiny.id}/resolve/main/config/a.json`, {}, 'HEAD');
    expect(response.status).toBe(200);
    expect(response.headers.get('ETag')).toBe('"9e26dfeeb6e641a33dae4961196235bdb965b21b"');
    expect(response.headers.get('Content-Length')).toBe('2');
    expect(response.headers.get('X-Repo-Commit')).toBe(await hub.mainCommitId(tiny.id));
    expect(
      (await get(`/${tiny.id}/resolve/main/config/a.json`, { 'If-None-Match': response.headers.get('ETag') ?? '' }))
        .status,
    ).toBe(304);
    expect(await (await get(`/${tiny.id}/raw/main/weights.gguf`)).text()).toMatch(/^version https:\/\/git-lfs/);
  });

  it('redirects small files of public repositories to a pinned address when told to', async () => {
    await start({ smallFiles: 'resolve-cache', repos: [tiny, ...closed] });
    const response = await get(`/${tiny.id}/resolve/main/README.md`);
    expect(response.status).toBe(307);
    expect(response.headers.get('Location')).toMatch(
      new RegExp(`^/api/resolve-cache/models/${tiny.id}/${await hub.mainCommitId(tiny.id)}/README\\.md\\?`),
    );
    expect(response.headers.get('X-Linked-ETag')).toMatch(/^"[0-9a-f]{40}"$/);
    expect(await (await fetch(`${hub.url}/${tiny.id}/resolve/main/README.md`)).text()).toBe(card);
    expect((await get('/someone/secret/resolve/main/README.md', bearer('hf_owner'))).status).toBe(200);
  });

  it('redirects LFS files to the CDN, whose own ETag is not the sha256', async () => {
    await start();
    const response = await get(`/${tiny.id}/resolve/main/weights.gguf`, {}, 'HEAD');
    expect(response.status).toBe(302);
    const location = response.headers.get('Location') ?? '';
    expect(location.startsWith(`${hub.cdnUrl}/`)).toBe(true);
    expect(response.headers.get('X-Linked-Size')).toBe('3000000');
    expect(response.headers.get('X-Linked-ETag')).toBe(`"${sha256(await wholeContent(weights))}"`);
    expect(response.headers.get('Content-Length')).not.toBe('3000000');
    const file = await fetch(location, { method: 'HEAD' });
    expect(file.headers.get('ETag')).toMatch(/^"[0-9a-f]{64}"$/);
    expect(file.headers.get('ETag')).not.toBe(response.headers.get('X-Linked-ETag'));
  });

  it('redirects former names, relatively, in files and API', async () => {
    await start();
    expect((await get('/someone/old-name/resolve/main/README.md')).headers.get('Location')).toBe(
      `/${tiny.id}/resolve/main/README.md`,
    );
    expect((await get('/nameless/resolve/main/README.md')).headers.get('Location')).toBe(
      `/${tiny.id}/resolve/main/README.md`,
    );
    const api = await get('/api/models/nameless/tree/main?recursive=true');
    expect([api.status, api.headers.get('Location')]).toEqual([307, `/api/models/${tiny.id}/tree/main?recursive=true`]);
    expect(await (await fetch(`${hub.url}/someone/old-name/resolve/main/README.md`)).text()).toBe(card);
  });
});

describe('CDN', () => {
  const locate = async (): Promise<string> =>
    (await get(`/${tiny.id}/resolve/main/weights.gguf`)).headers.get('Location') ?? '';
  const part = async (location: string, headers: Record<string, string>) => {
    const response = await fetch(location, { headers });
    return {
      status: response.status,
      range: response.headers.get('Content-Range'),
      bytes: Buffer.from(await response.arrayBuffer()),
    };
  };

  it('serves ranges', async () => {
    await start();
    const whole = await wholeContent(weights);
    const location = await locate();
    expect(await part(location, { Range: 'bytes=10-19' })).toEqual({
      status: 206,
      range: 'bytes 10-19/3000000',
      bytes: whole.subarray(10, 20),
    });
    expect((await part(location, { Range: 'bytes=-5' })).bytes).toEqual(whole.subarray(-5));
    expect((await part(location, { Range: 'bytes=2999990-9999999' })).range).toBe('bytes 2999990-2999999/3000000');
    expect(await part(location, { Range: 'bytes=3000000-' })).toMatchObject({ status: 416, range: 'bytes */3000000' });
    expect((await part(location, { Range: 'bytes=9-2' })).status).toBe(200);
    expect((await part(location, { Range: 'bytes=0-9', 'If-Range': '"other"' })).status).toBe(200);
    const both = await part(location, { Range: 'bytes=0-3,1048570-1048579' });
    expect(both.status).toBe(206);
    expect(both.bytes.includes(whole.subarray(1_048_570, 1_048_580))).toBe(true);
  });

  it('refuses a token, a forged address and an expired one', async () => {
    let now = 1_700_000_000_000;
    await start({ now: () => now, redirectLifetimeMs: 60_000 });
    const location = await locate();
    expect((await part(location, bearer('hf_owner'))).status).toBe(400);
    expect((await part(location.replace(/Expires=\d+/, 'Expires=9999999999'), {})).status).toBe(403);
    now += 59_000;
    expect((await part(location, {})).status).toBe(200);
    now += 2_000;
    expect((await part(location, {})).status).toBe(403);
  });
});

describe('refusals', () => {
  const refusal = async (path: string, token?: string) => {
    const response = await get(path, token === undefined ? {} : bearer(token));
    expect(response.headers.get('X-Request-Id')).toMatch(/^Root=/);
    return [response.status, response.headers.get('X-Error-Code')];
  };

  it('names the missing thing', async () => {
    await start();
    expect(await refusal('/api/models/no/body')).toEqual([401, 'RepoNotFound']);
    expect(await refusal('/api/models/no/body', 'hf_stranger')).toEqual([404, 'RepoNotFound']);
    expect(await refusal('/no/body/resolve/main/x', 'hf_stranger')).toEqual([404, 'RepoNotFound']);
    expect(await refusal(`/${tiny.id}/resolve/v9/README.md`)).toEqual([404, 'RevisionNotFound']);
    expect(await refusal(`/api/models/${tiny.id}/revision/v9`)).toEqual([404, 'RevisionNotFound']);
    expect(await refusal(`/${tiny.id}/resolve/main/none.txt`)).toEqual([404, 'EntryNotFound']);
    expect(await refusal(`/api/models/${tiny.id}/tree/main/none`)).toEqual([404, 'EntryNotFound']);
    expect(await refusal('/api/models', 'hf_unknown')).toEqual([401, null]);
    expect(await refusal('/api/whoami-v2')).toEqual([401, null]);
    expect(await json('/api/models/no/body', bearer('hf_stranger'))).toEqual({ error: 'Repository not found' });
  });

  it('shows gated repositories and keeps their files; hides private ones', async () => {
    await start({ repos: closed });
    expect(await json('/api/models/acme/gated')).toMatchObject({ gated: 'auto' });
    expect(await refusal('/acme/gated/resolve/main/w.gguf')).toEqual([401, 'GatedRepo']);
    expect(await refusal('/acme/gated/resolve/main/w.gguf', 'hf_stranger')).toEqual([403, 'GatedRepo']);
    expect(await refusal('/acme/gated/resolve/main/w.gguf', 'hf_member')).toEqual([302, null]);
    expect(await refusal('/someone/secret/resolve/main/README.md')).toEqual([401, 'RepoNotFound']);
    expect(await refusal('/api/models/someone/secret', 'hf_stranger')).toEqual([404, 'RepoNotFound']);
    expect(await refusal('/api/models/someone/secret', 'hf_owner')).toEqual([200, null]);
    expect((await json('/api/models')) as unknown[]).toHaveLength(1);
    expect((await json('/api/models', bearer('hf_owner'))) as unknown[]).toHaveLength(2);
  });
});
