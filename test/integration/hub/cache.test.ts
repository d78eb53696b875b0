/** The cache as Python's huggingface_hub describes it, shared with another process, and killed during a move. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, readlink, realpath, stat, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { tryLock } from '../../../main/base/file-lock.ts';
import { listCache, publish, removeCachedFile } from '../../../main/hub/cache/cache.ts';
import { moveCache } from '../../../main/library/storage/move.ts';
import { alone } from '../../support/alone.ts';
import { commits, exists, putFile, temporaryFolder, tree, movePlan } from '../../support/cache-setup.ts';

const repoId = 'owner/name';

/** The rules of that description that a folder violates; [] when it follows all of them. */
async function brokenRules(folder: string): Promise<string[]> {
  const broken: string[] = [];
  for (const line of await tree(folder)) {
    const path = line.split(' -> ')[0]!;
    const [repository = '', kind = '', ...rest] = path.split('/');
    if (path === 'CACHEDIR.TAG') {
      const text = await readFile(join(folder, path), 'utf8');
      if (!text.startsWith('Signature: 8a477f597d28d172789f06886806bc55')) broken.push(path);
      continue;
    }
    const info = await stat(join(folder, path)).catch(() => null);
    if (!/^models--[^/]+--[^/]+$/.test(repository)) broken.push(`${path}: the repository's folder`);
    else if (kind === 'blobs') {
      if (rest.length !== 1 || !/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(rest[0]!)) broken.push(`${path}: the blob's name`);
    } else if (kind === 'refs') {
      if (!/^[0-9a-f]{40}$/.test(await readFile(join(folder, path), 'utf8'))) broken.push(`${path}: the ref`);
    } else if (kind === 'snapshots') {
      const target = await readlink(join(folder, path)).catch(() => '');
      const blob = join(await realpath(join(folder, repository)), 'blobs', basename(target));
      if (!/^[0-9a-f]{40}$/.test(rest[0] ?? '')) broken.push(`${path}: the commit`);
      if (target === '' || isAbsolute(target)) broken.push(`${path}: no relative link`);
      if (!info?.isFile() || (await realpath(join(folder, path))) !== blob) broken.push(`${path}: leads to no blob`);
    } else broken.push(`${path}: unknown`);
  }
  return broken;
}

function startChild(...args: string[]): ChildProcess {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../../support/cache-child.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

describe('the layout', () => {
  it('is Python’s after files were added, deleted and moved', async () => {
    const [folder, to] = [await temporaryFolder(), join(await temporaryFolder(), 'to')];
    const blob = async (name: string): Promise<string> => {
      const hash = name.repeat(64);
      await mkdir(join(folder, 'models--owner--name/blobs'), { recursive: true });
      await writeFile(join(folder, 'models--owner--name/blobs', hash), name);
      return hash;
    };
    await publish(folder, { repoId, commit: commits[0], path: 'a.gguf', blob: await blob('1') }, 'main');
    await publish(folder, { repoId, commit: commits[1], path: 'deep/down/b.gguf', blob: await blob('2') }, 'refs/pr/1');
    await publish(folder, { repoId, commit: commits[1], path: 'a.gguf', blob: '1'.repeat(64) }, null);
    expect(await brokenRules(folder)).toEqual([]);
    await removeCachedFile(folder, { repoId, commit: commits[0], path: 'a.gguf' });
    expect(await brokenRules(folder)).toEqual([]);
    // Absolute links, which some programs write, become relative during the move.
    await putFile(folder, { repoId: 'o/absolute', path: 'c.gguf' });
    const [absolute] = await tree(join(folder, 'models--o--absolute/blobs'));
    await mkdir(join(folder, 'models--o--absolute/snapshots', commits[1]), { recursive: true });
    await symlink(
      join(folder, 'models--o--absolute/blobs', absolute!),
      join(folder, 'models--o--absolute/snapshots', commits[1], 'c.gguf'),
    );
    await moveCache(movePlan(folder, to), alone);
    expect(await brokenRules(to)).toEqual([]);
    expect(await tree(folder)).toEqual([]);
    expect((await listCache(to)).map(({ path }) => path)).toEqual(['c.gguf', 'a.gguf', 'deep/down/b.gguf']);
  });

  it('keeps the target of a link out of the cache after a move', async () => {
    const [folder, to, outside] = [
      await temporaryFolder(),
      join(await temporaryFolder(), 'to'),
      await temporaryFolder(),
    ];
    await writeFile(join(outside, 'own.gguf'), 'own');
    const pointer = `models--o--own/snapshots/${commits[0]}/own.gguf`;
    await mkdir(dirname(join(folder, pointer)), { recursive: true });
    await symlink(join('../../../..', basename(outside), 'own.gguf'), join(folder, pointer));
    await moveCache(movePlan(folder, to), alone);
    expect(await readFile(join(to, pointer), 'utf8')).toBe('own');
    expect(await readFile(join(outside, 'own.gguf'), 'utf8')).toBe('own');
  });
});

describe('two processes', () => {
  it('add and delete at the same time, and no link is ever broken', async () => {
    const folder = await temporaryFolder();
    const publisher = startChild('publish', folder, '400');
    const remover = startChild('delete', folder, '400');
    const ended = Promise.all([once(publisher, 'exit'), once(remover, 'exit')]);
    let looks = 0;
    const over = ended.then(() => (looks = Infinity));
    while (looks < 1000) {
      for (const file of await listCache(folder)) expect(file.sizeBytes).toBe('content 0'.length);
      looks++;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await over;
    expect((await ended).map(([code]) => code as number)).toEqual([0, 0]);
    const rules = (await brokenRules(folder)).filter((rule) => !rule.endsWith('.lock: the repository’s folder'));
    expect(rules).toEqual([]);
  });

  it('does not delete the blob of a file that another process is publishing', async () => {
    const folder = await temporaryFolder();
    const blob = await putFile(folder, { path: 'x.gguf', bytes: 'xxxx' });
    const lock = await tryLock(join(folder, `.locks/models--owner--name/${blob}.hearth.lock`));
    expect(await removeCachedFile(folder, { repoId, path: 'x.gguf', commit: null })).toBe(0);
    expect(await exists(join(folder, 'models--owner--name/blobs', blob))).toBe(true);
    await lock!.release();
  });

  it('survives a kill -9 during a move with the old cache whole, and resumes', async () => {
    const [folder, to] = [await temporaryFolder(), join(await temporaryFolder(), 'to')];
    for (let index = 0; index < 12; index++)
      await putFile(folder, { repoId: `o/m${index}`, bytes: `${index}`, ref: 'main' });
    const before = await tree(folder);
    const mover = startChild('move', folder, to);
    await once(mover.stdout!, 'data');
    mover.kill('SIGKILL');
    await once(mover, 'exit');
    expect(await tree(folder)).toEqual(before);
    expect((await tree(to)).length).toBeGreaterThan(0);
    expect((await tree(to)).length).toBeLessThan(before.length);
    await moveCache(movePlan(folder, to), alone);
    expect(await tree(to)).toEqual(before);
    expect(await tree(folder)).toEqual([]);
  });
});
