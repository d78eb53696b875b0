/** Fetching GPU libraries: a registry on this machine, a synthetic package, real files. */
import { createHash, randomBytes } from 'node:crypto';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isAppError } from '../../../preload/wire/errors.ts';
import manifest from '../../../package.json' with { type: 'json' };
import { createBackends, npmRegistry, type Backends } from '../../../main/engine/engine.ts';
import type { RunWork } from '../../../main/base/work.ts';
import { alone } from '../../support/alone.ts';
import { publishedPackages } from '../../../main/engine/packages/backends.ts';
import { fetchPackage, type NpmPackage } from '../../../main/engine/packages/npm-package.ts';

interface TarFile {
  readonly name: string;
  readonly text?: string | Buffer;
  readonly type?: string;
  readonly link?: string;
}

/** A tarball as npm makes it. */
function tarball(files: readonly TarFile[]): Buffer {
  const blocks: Buffer[] = [];
  for (const { name, text = '', type = '0', link = '' } of files) {
    const content = Buffer.from(text);
    const header = Buffer.alloc(512);
    header.write(name, 0, 100);
    header.write('0000755\0', 100);
    header.write(content.length.toString(8).padStart(11, '0') + '\0', 124);
    header.write('        ', 148);
    header.write(type, 156);
    header.write(link, 157, 100);
    header.write('ustar\x0000', 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(sum.toString(8).padStart(6, '0') + '\0 ', 148);
    blocks.push(header, content, Buffer.alloc((512 - (content.length % 512)) % 512));
  }
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}
const pax = (name: string): string => {
  const rest = ` path=${name}\n`;
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return `${length}${rest}`;
};
const sri = (content: Buffer): string => `sha512-${createHash('sha512').update(content).digest('base64')}`;
const libraries = Buffer.alloc(300_000, 'library');
const good: readonly TarFile[] = [
  { name: 'package/package.json', text: '{"name":"@node-llama-cpp/made-up","version":"1.0.0"}' },
  { name: 'package/dist/index.js', text: 'export const found = "made-up";' },
  { name: 'package/bins/', type: '5' },
  { name: 'ignored', type: 'x', text: pax(`package/bins/${'long-'.repeat(30)}name.so`) },
  { name: 'package/bins/long.so', text: libraries },
];

let folder: string;
let server: Server;
let registry: string;
const served = new Map<string, Buffer>();
let asked: string[] = [];
/** Ends the connection after this many bytes of a tarball, once. */
let cutAfter: number | null = null;
/** The status of the answer to a range. */
let rangeStatus = 206;

/** Bytes on disk of the package that is being fetched. */
const partialBytes = (): number => {
  const file = path.join(folder, '@node-llama-cpp/made-up@1.0.0.tgz.incomplete');
  return existsSync(file) ? statSync(file).size : 0;
};

beforeEach(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-backends-'));
  served.clear();
  asked = [];
  cutAfter = null;
  server = createServer((request, response) => {
    const url = decodeURIComponent(request.url ?? '');
    asked.push(`${url}${request.headers.range ? ` ${request.headers.range}` : ''}`);
    const content = served.get(url);
    if (!content) return void response.writeHead(404).end();
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    response.writeHead(from > 0 ? rangeStatus : 200, {
      'content-length': content.length - from,
      ...(from > 0 && { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` }),
    });
    if (cutAfter === null || !url.endsWith('.tgz')) return void response.end(content.subarray(from));
    response.write(content.subarray(from, from + cutAfter));
    cutAfter = null;
    // When the connection breaks, bytes that the other side has not read yet are lost.
    void expect
      .poll(partialBytes)
      .toBeGreaterThan(0)
      .finally(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  registry = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

/** Publishes a package on the test's registry. */
function publish(content: Buffer, patch: Partial<NpmPackage> = {}): NpmPackage {
  const wanted = {
    ...{ name: '@node-llama-cpp/made-up', version: '1.0.0', integrity: sri(content), sizeBytes: content.length },
    ...patch,
  };
  served.set('/made-up.tgz', content);
  const dist = { tarball: `${registry}made-up.tgz` };
  served.set(`/${wanted.name}`, Buffer.from(JSON.stringify({ versions: { '1.0.0': { dist } } })));
  return wanted;
}
const fetchIt = (wanted: NpmPackage, signal = new AbortController().signal): Promise<string> =>
  fetchPackage(wanted, folder, { fetch, registry, signal, onBytes: () => {} });
const left = (): string[] =>
  existsSync(path.join(folder, '@node-llama-cpp')) ? readdirSync(path.join(folder, '@node-llama-cpp')) : [];

describe('a package of libraries', () => {
  it('is fetched, checked, and unpacked with all its files', async () => {
    const target = await fetchIt(publish(tarball(good)));
    expect(left()).toEqual(['made-up@1.0.0']);
    expect(readFileSync(path.join(target, 'dist/index.js'), 'utf8')).toContain('made-up');
    const [long = ''] = readdirSync(path.join(target, 'bins'));
    expect(long).toBe(`${'long-'.repeat(30)}name.so`);
    expect(readFileSync(path.join(target, 'bins', long)).equals(libraries)).toBe(true);
    // Nothing is left to fetch.
    asked = [];
    await fetchIt(publish(tarball(good)));
    expect(asked).toEqual([]);
  });

  it('with other bytes than published is discarded before anything of it is unpacked', async () => {
    const content = tarball([{ name: 'package/evil.js', text: 'x'.repeat(5000) }]);
    await expect(fetchIt(publish(content, { integrity: sri(tarball(good)) }))).rejects.toSatisfy((e) =>
      isAppError(e, 'hub.hash_mismatch'),
    );
    expect(left()).toEqual([]);
    await expect(fetchIt(publish(content, { sizeBytes: content.length - 1 }))).rejects.toSatisfy((e) =>
      isAppError(e, 'hub.hash_mismatch'),
    );
  });

  it.each([206, 200])('that was cut is resumed from the received bytes, with status %i', async (status) => {
    rangeStatus = status;
    const content = tarball([...good, { name: 'package/noise', text: randomBytes(50_000) }]);
    cutAfter = 20_000;
    const wanted = publish(content);
    await expect(fetchIt(wanted)).rejects.toSatisfy((e) => isAppError(e, 'hub.offline'));
    expect(left()).toEqual(['made-up@1.0.0.tgz.incomplete']);
    await fetchIt(wanted);
    expect(asked.at(-1)).toMatch(/^\/made-up\.tgz bytes=[1-9]\d*-$/);
    expect(left()).toEqual(['made-up@1.0.0']);
  });

  it.for<[string, readonly TarFile[]]>([
    ['a name that climbs out', [{ name: 'package/../../evil', text: 'x' }]],
    ['an absolute name', [{ name: '/tmp/evil', text: 'x' }]],
    ['a name with a drive', [{ name: 'package/C:evil', text: 'x' }]],
    [
      'a long name that climbs out',
      [
        { name: 'h', type: 'x', text: pax('package/../../evil') },
        { name: 'package/a', text: 'x' },
      ],
    ],
    ['a symbolic link', [{ name: 'package/link', type: '2', link: '/etc/passwd' }]],
    ['a hard link', [{ name: 'package/link', type: '1', link: 'package/a' }]],
    ['a device', [{ name: 'package/null', type: '3' }]],
    [
      'the same file twice',
      [
        { name: 'package/a', text: 'x' },
        { name: 'package/a', text: 'y' },
      ],
    ],
    ['more than such a package holds', [{ name: 'package/zeros', text: Buffer.alloc(20_000_000) }]],
  ])('with %s is refused, and nothing is left', async ([, files]) => {
    await expect(fetchIt(publish(tarball(files)))).rejects.toMatchObject({
      code: 'hub.bad_response',
      data: { reason: 'package' },
    });
    expect(left().filter((name) => !name.endsWith('.incomplete'))).toEqual([]);
    expect(existsSync(path.join(folder, 'evil')) || existsSync(path.join(folder, '../evil'))).toBe(false);
  });

  it('that is missing, or a registry that is unreachable, is a typed error', async () => {
    const wanted = publish(tarball(good));
    served.clear();
    await expect(fetchIt(wanted)).rejects.toSatisfy((e) => isAppError(e, 'hub.not_found'));
    const gone = new AbortController();
    gone.abort(new Error('paused'));
    await expect(fetchIt(wanted, gone.signal)).rejects.toThrow('paused');
    registry = 'http://127.0.0.1:1/';
    await expect(fetchIt(wanted)).rejects.toSatisfy((e) => isAppError(e, 'hub.offline'));
  });

  it.skipIf(process.platform !== 'linux')('is found by a child before an installed one', async () => {
    await fetchIt(publish(tarball(good)));
    const script = `
      import { findPackagesIn } from ${JSON.stringify(pathToFileURL(path.join(import.meta.dirname, '../../../main/engine/child/start-llama.ts')).href)};
      findPackagesIn(${JSON.stringify(folder)}, '1.0.0');
      console.log((await import('@node-llama-cpp/made-up')).found);
      console.log(typeof (await import(${JSON.stringify(`@node-llama-cpp/${process.platform}-${process.arch}`)})).getBinsDir);`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
      cwd: import.meta.dirname,
    });
    // A library that was not fetched is still found where it was installed.
    expect(stdout.split('\n').slice(0, 2)).toEqual(['made-up', 'function']);
  });
});

describe('backends', () => {
  const done: { subject: string | null; total: number; finished: Promise<void> }[] = [];
  const run: RunWork = (order) => {
    const finished = order.run({ ...alone, signal: new AbortController().signal });
    finished.catch(() => {});
    done.push({ subject: order.subject, total: order.totalBytes, finished });
    return { jobId: `job-${done.length}` };
  };
  const create = (
    packages: Parameters<typeof createBackends>[0]['packages'],
    offlineBy: string | null = null,
  ): Backends =>
    createBackends({ folder, registry, fetch, offlineBy, run, target: 'linux-x64', ...(packages && { packages }) });

  it('are installed as a job, one at a time, and then usable', async () => {
    const wanted = publish(tarball(good));
    const backends = create({ 'linux-x64': { vulkan: [wanted] } });
    expect(backends.list()).toMatchObject([
      { id: 'cuda', installed: false, available: false, sizeBytes: null },
      { id: 'vulkan', installed: false, available: true, sizeBytes: wanted.sizeBytes },
      { id: 'metal', installed: false, available: false },
    ]);
    let told = 0;
    const { jobId } = backends.install('vulkan', () => told++);
    expect(backends.install('vulkan', () => told++)).toEqual({ jobId });
    await done.at(-1)?.finished;
    expect(told).toBe(1);
    expect(backends.installed()).toEqual(['vulkan']);
    expect(() => backends.install('cuda', () => {})).toThrow(expect.objectContaining({ code: 'unsupported' }) as Error);
  });

  it('are not fetched offline', () => {
    const backends = create({ 'linux-x64': { vulkan: [publish(tarball(good))] } }, 'HF_HUB_OFFLINE');
    expect(() => backends.install('vulkan', () => {})).toThrow(
      expect.objectContaining({ code: 'hub.offline' }) as Error,
    );
    expect(asked).toEqual([]);
  });

  it('are pinned to the version of node-llama-cpp that loads them', () => {
    const version = manifest.dependencies['node-llama-cpp'];
    for (const platform of Object.values(publishedPackages))
      for (const { name, version: published, integrity } of Object.values(platform).flat()) {
        expect({ name, published }).toEqual({ name, published: version });
        expect(integrity).toMatch(/^sha512-[A-Za-z0-9+/]{86}==$/);
      }
  });

  it('come from the registry of npm’s settings', () => {
    expect(npmRegistry({})).toMatch(/^https:\/\//);
    expect(npmRegistry({ npm_config_registry: 'http://127.0.0.1:4873/' })).toBe('http://127.0.0.1:4873/');
    expect(npmRegistry({ npm_config_registry: 'file:///etc' })).toMatch(/^https:\/\//);
  });
});
