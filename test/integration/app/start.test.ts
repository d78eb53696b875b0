/**
 * The launchers: they start from a build that is never stale, load no module before it is needed, and react to Ctrl+C.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lockBuilds } from '../../../main/app/build-lock.ts';
import { buildStale, freshBuild } from '../../../main/app/bundles.ts';
import { listReplaced } from '../../../main/app/replaced.ts';

const root = path.join(import.meta.dirname, '../../..');
/** What a checkout needs to build main and the engine, beside the installed packages. */
const sources = ['main', 'native', 'preload', 'build.ts', 'package.json', 'package-lock.json', 'tsconfig.base.json'];
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-start-'));
  await buildStale(root, ['page', 'engine', 'main']);
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Run {
  readonly child: ChildProcess;
  /** The first line of its standard output. */
  readonly line: Promise<string>;
  readonly ended: Promise<{ code: number | null; out: string; err: string }>;
}

function run(args: readonly string[], env: Readonly<Record<string, string>> = {}, cwd = process.cwd()): Run {
  const child = spawn(process.execPath, args, {
    cwd,
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      HEARTH_DATA_DIR: path.join(folder, 'data'),
      HEARTH_OFFLINE: '1',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const line = new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      if (out.includes('\n')) resolve(out.split('\n')[0] ?? '');
    });
    child.once('close', () => reject(new Error(`It ended: ${out}${err}`)));
  });
  line.catch(() => {}); // for tests that await it
  return { child, line, ended: new Promise((resolve) => child.once('close', (code) => resolve({ code, out, err }))) };
}

/** The modules that a process loaded: npm packages, bundled or not, and source files of the product. */
function readLoaded(list: string): { packages: string[]; sources: string[] } {
  const files = readFileSync(list, 'utf8')
    .split('\n')
    .filter((url) => url.startsWith('file:'))
    .map((url) => path.relative(root, fileURLToPath(url)).split(path.sep).join('/'));
  // A build names each file before the code that it took from it.
  const taken = files
    .filter((file) => file.startsWith('dist/main/'))
    .flatMap((file) => [...readFileSync(path.join(root, file), 'utf8').matchAll(/^\/\/ (node_modules\/\S+)$/gm)])
    .map((match) => match[1] ?? '');
  const packages = [...files, ...taken].flatMap((file) => /^node_modules\/((@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? []);
  return {
    packages: [...new Set(packages)].sort(),
    sources: files.filter((file) => /^(main\/|native\/|preload\/|build\.ts)/.test(file)).sort(),
  };
}

describe('loaded modules', () => {
  const listing = (name: string): { list: string; hook: string[]; env: Record<string, string> } => {
    const list = path.join(folder, `${name}.txt`);
    return {
      list,
      hook: ['--import', path.join(root, 'test/support/list-modules.mjs')],
      env: { LOADED_MODULES: list },
    };
  };
  const launchers = ['main/app/bundles.ts', 'main/entry.mjs'];

  it('before the app is ready is SQLite and the checks of the settings; the routes come with the first request', async () => {
    const { list, hook, env } = listing('serve');
    const served = run([...hook, path.join(root, 'main/start.mjs'), '--serve', '--port', '0'], env);
    const url = new URL((await served.line).split(' ').at(-1) ?? '');
    expect(readLoaded(list)).toEqual({
      packages: ['better-sqlite3', 'zod'],
      sources: [...launchers, 'main/start.mjs'],
    });
    const authorization = `Bearer ${new URLSearchParams(url.hash.slice(1)).get('token')}`;
    const headers = { authorization, 'content-type': 'application/json' };
    const answer = await fetch(`${url.origin}/rpc/system.info`, { method: 'POST', headers, body: '{}' });
    expect(answer.status).toBe(200);
    expect(readLoaded(list).packages).toEqual(['better-sqlite3', 'ws', 'zod']);
    served.child.kill('SIGTERM');
    expect((await served.ended).code).toBe(0);
  });

  it('by `hearth list` is no package, and SQLite where there are settings to read', async () => {
    for (const [data, packages] of [
      ['never-used', []],
      ['data', ['better-sqlite3']],
    ] as const) {
      const { list, hook, env } = listing(data);
      const listed = run([...hook, path.join(root, 'main/hearth.mjs'), 'list'], {
        ...env,
        HEARTH_DATA_DIR: path.join(folder, data),
      });
      expect(await listed.ended).toMatchObject({ code: 0, err: '' });
      expect(readLoaded(list)).toEqual({ packages, sources: [...launchers, 'main/hand-over.mjs', 'main/hearth.mjs'] });
    }
  });
});

describe('a build of other sources than there are', () => {
  /** A checkout whose built command prints that it is stale. */
  function checkout(): string {
    const copy = mkdtempSync(path.join(folder, 'checkout-'));
    for (const one of sources) cpSync(path.join(root, one), path.join(copy, one), { recursive: true });
    mkdirSync(path.join(copy, 'dist/main'), { recursive: true });
    for (const name of ['hearth.js', 'start.js']) {
      const file = path.join(copy, 'dist/main', name);
      writeFileSync(file, "export const hearth = () => (console.log('stale'), 0);");
      utimesSync(file, 1000, 1000);
    }
    return copy;
  }
  const help = (copy: string): Promise<{ code: number | null; out: string; err: string }> =>
    run([path.join(copy, 'main/hearth.mjs'), '--help']).ended;

  it('is not run: without the tools the source is', async () => {
    const copy = checkout();
    expect(await help(copy)).toMatchObject({
      code: 0,
      out: expect.stringContaining('Usage: hearth') as string,
      err: '',
    });
  });

  it('is made again, and again after a change', async () => {
    const copy = checkout();
    symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'), 'junction');
    expect((await help(copy)).out).toContain('Usage: hearth');
    const built = freshBuild(copy, 'main');
    expect(built).not.toBeNull();
    // Nothing is built when nothing changed.
    expect(await help(copy)).toMatchObject({ code: 0, err: '' });
    const source = path.join(copy, 'main/cli/help.ts');
    writeFileSync(source, readFileSync(source, 'utf8').replaceAll('Usage: hearth', 'Usage, changed: hearth'));
    expect(freshBuild(copy, 'main')).toBeNull();
    expect((await help(copy)).out).toContain('Usage, changed: hearth');
  });

  it('is made again when a source is put back with its old time, or is gone', async () => {
    const copy = checkout();
    symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'), 'junction');
    const [source, backup] = [path.join(copy, 'main/cli/help.ts'), path.join(copy, 'backup')];
    cpSync(source, backup, { preserveTimestamps: true });
    writeFileSync(source, readFileSync(source, 'utf8').replaceAll('Usage: hearth', 'Usage, changed: hearth'));
    expect((await help(copy)).out).toContain('Usage, changed: hearth');
    renameSync(backup, source);
    expect((await help(copy)).out).toContain('Usage: hearth');
    expect(freshBuild(copy, 'main')).not.toBeNull();
    rmSync(path.join(copy, 'main/serve.ts'));
    expect(freshBuild(copy, 'main')).toBeNull();
    // After a source that cannot be built, the old build is not run.
    expect((await help(copy)).err).toContain('serve.ts');
  });

  it('is not taken for one because of the lock of an editor', { skip: process.platform === 'win32' }, async () => {
    const copy = checkout();
    symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'), 'junction');
    for (const link of ['.#hearth.ts', 'hearth-copy.ts']) symlinkSync('user@host.1:1', path.join(copy, 'main', link));
    expect((await help(copy)).out).toContain('Usage: hearth');
    expect(await help(copy)).toMatchObject({ code: 0, err: '' });
  });

  it('that cannot be made leaves the one that was there, and the source runs', async () => {
    const copy = checkout();
    symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'), 'junction');
    // A command that only prints its usage does not need it.
    writeFileSync(path.join(copy, 'main/serve.ts'), 'this is no TypeScript');
    const outcome = await help(copy);
    expect(outcome).toMatchObject({ code: 0, out: expect.stringContaining('Usage: hearth') as string });
    expect(outcome.err).toContain('serve.ts');
    expect(readFileSync(path.join(copy, 'dist/main/hearth.js'), 'utf8')).toContain('stale');
  });
});

/** A checkout that can be built in. */
function buildableCheckout(): string {
  const copy = mkdtempSync(path.join(folder, 'rebuilt-'));
  for (const one of [...sources, 'renderer', 'vite.config.ts', 'assets/icon.png', 'assets/texts'])
    cpSync(path.join(root, one), path.join(copy, one), { recursive: true });
  symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'), 'junction');
  return copy;
}

describe('a build under a running app', () => {
  /** The content of each file below a folder. */
  const filesOf = (below: string): Map<string, string> =>
    new Map(
      readdirSync(below, { recursive: true, withFileTypes: true }).flatMap((entry) => {
        const file = path.join(entry.parentPath, entry.name);
        return entry.isFile() ? [[path.relative(below, file), readFileSync(file, 'latin1')] as const] : [];
      }),
    );
  /** What started a thread of this name, by the file that it names. */
  /** The threads that hash files, among all that main starts. */
  const threadsIn = (files: Map<string, string>, entry = /\.js$/): string[] => [
    ...new Set(
      [...files]
        .filter(([name]) => entry.test(name))
        .flatMap(([, text]) =>
          [...text.matchAll(/threadFile\(["']\.\/(hash-[\w-]+)\.ts["']/g)].map(([, name]) => `${name}.js`),
        ),
    ),
  ];
  function change(copy: string, source: string, find: string | RegExp, by: string): void {
    const file = path.join(copy, source);
    const text = readFileSync(file, 'utf8');
    expect(text).toMatch(find);
    writeFileSync(file, text.replace(find, by));
  }

  it('that lost any of its files is stale', async () => {
    const copy = buildableCheckout();
    await buildStale(copy, ['page', 'engine', 'main', 'desktop']);
    for (const [build, lost] of [
      ['page', /^dist\/renderer\/assets\/[^/]*\.woff2$/],
      ['page', /^dist\/renderer\/theme\.js$/],
      ['engine', /^dist\/engine\/\w+\/package\.json$/],
      ['engine', /^dist\/engine\/\w+\/llama\/[^/]*\.json$/],
      ['main', /^dist\/main\/hash-worker-[^/]*$/],
      ['main', /^dist\/main\/step-thread-[^/]*$/],
      ['desktop', /^dist\/main\/hash-worker-[^/]*$/],
      ['desktop', /^dist\/preload\/preload\.cjs$/],
      ['desktop', /^dist\/migrations\/0001[^/]*$/],
      ['desktop', /^dist\/icon\.png$/],
    ] as const) {
      const [name] = [...filesOf(path.join(copy, 'dist')).keys()].filter((file) => lost.test(`dist/${file}`));
      const [file, aside] = [path.join(copy, 'dist', name ?? 'none'), path.join(copy, 'aside')];
      expect([lost, freshBuild(copy, build)]).toEqual([lost, expect.any(String)]);
      renameSync(file, aside);
      expect([lost, freshBuild(copy, build)]).toEqual([lost, null]);
      renameSync(aside, file);
    }
  });

  it('waits for another build, and takes away what killed ones left', async () => {
    const copy = buildableCheckout();
    const killed = ['renderer', 'threads', 'main', 'engine'].map((name) => path.join(copy, 'dist', `${name}.999999`));
    for (const left of killed) mkdirSync(path.join(left, 'dist'), { recursive: true });
    const release = lockBuilds(path.join(copy, 'dist'), () => {});
    const build = run([path.join(copy, 'build.ts'), '--only', 'main']);
    await new Promise((resolve) => build.child.stderr?.once('data', resolve));
    // Only now are there the sources that the build is made of.
    change(copy, 'main/cli/help.ts', 'Usage: hearth', 'Usage, changed: hearth');
    expect(freshBuild(copy, 'main')).toBeNull();
    release?.();
    expect(await build.ended).toMatchObject({ code: 0, err: 'Waiting for another build…\n' });
    const built = freshBuild(copy, 'main') ?? '';
    expect([...filesOf(path.dirname(built)).values()].join()).toContain('Usage, changed: hearth');
    expect(killed.filter((left) => existsSync(left))).toEqual([]);
  });

  it('is not made twice by two that start at the same time', async () => {
    const copy = buildableCheckout();
    await buildStale(copy, ['main']);
    const before = statSync(path.join(copy, 'dist/main/start.js')).mtimeMs;
    expect(await run([path.join(copy, 'build.ts'), '--if-stale', '--only', 'main']).ended).toMatchObject({ code: 0 });
    expect(statSync(path.join(copy, 'dist/main/start.js')).mtimeMs).toBe(before);
  });

  it('leaves the threads and chunks of main that it starts from, and names its own by their content', async () => {
    const copy = buildableCheckout();
    await buildStale(copy, ['main', 'desktop']);
    const before = filesOf(path.join(copy, 'dist/main'));
    const [worker, ...others] = threadsIn(before);
    expect(others).toEqual([]);
    expect([...before.keys()]).toContain(worker);
    change(copy, 'main/hub/transfer/hash-worker.ts', 'const BLOCK_BYTES = 1 << 20', 'const BLOCK_BYTES = 1 << 21');
    change(copy, 'main/hub/transfer/transfer.ts', 'The hash is right.', 'The hash is really right.');
    await buildStale(copy, ['main']);
    const after = filesOf(path.join(copy, 'dist/main'));
    const kept = [...before].filter(([name]) => !/^(start|hearth)\.js$|\.(json|sources)$/.test(name));
    expect(kept.filter(([name, text]) => after.get(name) !== text)).toEqual([]);
    const [newWorker, ...rest] = threadsIn(after, /^(?!electron\.js$).*\.js$/).filter((name) => name !== worker);
    expect(rest).toEqual([]);
    expect(after.get(newWorker ?? '')).toContain('1 << 21');
    // The desktop is of the earlier sources, and starts the thread of those.
    expect(threadsIn(after, /^electron\.js$/)).toEqual([worker]);
    await buildStale(copy, ['desktop']);
    expect(threadsIn(filesOf(path.join(copy, 'dist/main')), /^electron\.js$/)).toEqual([newWorker]);
  });

  it('leaves the engine child that it starts, which speaks its protocol', async () => {
    const copy = buildableCheckout();
    await buildStale(copy, ['engine']);
    const child = freshBuild(copy, 'engine') ?? '';
    const before = filesOf(path.dirname(child));
    expect([...before.keys()]).toEqual(
      expect.arrayContaining(['child.js', 'template-worker.js', 'lifeline-worker.js']),
    );
    change(copy, 'main/process/lifeline-worker.ts', /$/, "\nconsole.error('another');\n");
    await buildStale(copy, ['engine']);
    const newChild = freshBuild(copy, 'engine') ?? '';
    expect(newChild).not.toBe(child);
    expect(filesOf(path.dirname(newChild)).get('lifeline-worker.js')).toContain('another');
    expect(filesOf(path.dirname(child))).toEqual(before);
  });

  it('leaves the chunks that an open page may still load', async () => {
    const copy = buildableCheckout();
    await buildStale(copy, ['page']);
    const before = filesOf(path.join(copy, 'dist/renderer'));
    change(copy, 'renderer/features/settings/SettingsScreen.tsx', /$/, '\nconsole.log("another");\n');
    await buildStale(copy, ['page']);
    const after = filesOf(path.join(copy, 'dist/renderer'));
    const chunks = [...before].filter(([name]) => name.startsWith('assets/') && !name.endsWith('.json'));
    expect(chunks.length).toBeGreaterThan(10);
    expect(chunks.filter(([name, text]) => after.get(name) !== text)).toEqual([]);
    const replaced = listReplaced(path.join(copy, 'dist/renderer/assets'));
    const isScreen = (name: string): boolean => /SettingsScreen-[^/]*\.js$/.test(name);
    const screens = [...after.keys()].filter(isScreen);
    expect(screens).toHaveLength(2);
    expect(screens.filter((name) => replaced.has(path.basename(name)))).toEqual([...before.keys()].filter(isScreen));
    expect(after.get('index.html')).not.toBe(before.get('index.html'));
  });
});

describe('hearth serve', () => {
  it('starts the engine child of the build', { skip: process.platform !== 'linux' }, async () => {
    const served = run([path.join(root, 'main/hearth.mjs'), 'serve', '--port', '0']);
    await served.line;
    const pids = readFileSync(`/proc/${served.child.pid}/task/${served.child.pid}/children`, 'utf8').trim().split(' ');
    const commands = pids.map((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0'));
    expect(commands.flat()).toContain(freshBuild(root, 'engine'));
    served.child.kill('SIGINT');
    expect((await served.ended).code).toBe(130);
  });

  it('builds the page of its own checkout, whatever folder it is started in', async () => {
    const copy = buildableCheckout();
    cpSync(path.join(root, 'assets'), path.join(copy, 'assets'), { recursive: true });
    const elsewhere = mkdtempSync(path.join(folder, 'elsewhere-'));
    const env = { HEARTH_DATA_DIR: path.join(elsewhere, 'data') };
    const served = run([path.join(copy, 'main/hearth.mjs'), 'serve', '--port', '0'], env, elsewhere);
    const url = new URL((await served.line).split(' ').at(-1) ?? '');
    const headers = { authorization: `Bearer ${new URLSearchParams(url.hash.slice(1)).get('token')}` };
    const page = await fetch(url.origin, { headers }).then((response) => response.text());
    served.child.kill('SIGINT');
    expect((await served.ended).code).toBe(130);
    expect(page).toContain('<script');
    expect(freshBuild(copy, 'page')).not.toBeNull();
    expect(readdirSync(elsewhere)).toEqual(['data']);
  });

  it('says what could not be built, and takes that for no defect', async () => {
    const copy = buildableCheckout();
    writeFileSync(path.join(copy, 'vite.config.ts'), 'throw new Error("no page today");');
    const { code, err } = await run([path.join(copy, 'main/hearth.mjs'), 'serve', '--port', '0']).ended;
    expect(code).toBe(1);
    expect(err).toContain('no page today');
    expect(err).toContain('unsupported: Building failed: page');
  });

  it('goes on without the terminal that it was started from', async () => {
    const script = `
      const { loadEntry } = await import(${JSON.stringify(pathToFileURL(path.join(root, 'main/entry.mjs')).href)});
      await loadEntry('hearth');
      process.on('disconnect', () => {
        for (const stream of [process.stdout, process.stderr]) stream.write('nobody reads this');
        setTimeout(() => process.exit(7), 50);
      });`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [child.stdout, child.stderr]) stream?.destroy();
    child.disconnect();
    expect(await once(child, 'exit')).toEqual([7, null]);
  });

  it.runIf(process.platform !== 'win32').each([
    ['hearth serve', ['main/hearth.mjs', 'serve'], 130],
    ['npm start', ['main/start.mjs', '--serve'], 0],
  ] as const)('closes in order at a Ctrl+C that npm sends twice: %s', async (name, [entry, command], code) => {
    const data = path.join(folder, `twice-${name.replace(' ', '-')}`);
    const served = run([path.join(root, entry), command, '--port', '0'], { HEARTH_DATA_DIR: data });
    await served.line;
    served.child.kill('SIGINT');
    await sleep(5);
    served.child.kill('SIGINT');
    expect((await served.ended).code).toBe(code);
    expect(readFileSync(path.join(data, 'logs/hearth.log'), 'utf8')).toContain('Closed.');
  });

  it('ends at once at a second Ctrl+C that is meant', async () => {
    const script = `
      import { main } from ${JSON.stringify(pathToFileURL(path.join(root, 'main/cli/cli.ts')).href)};
      // Closing never ends, and somebody presses Ctrl+C again and again.
      const close = () => (console.error('closing'), new Promise(() => {}));
      const serveCheckout = async () => ({ url: 'http://127.0.0.1:1', close });
      setInterval(() => process.kill(process.pid, 'SIGINT'), 50);
      process.exitCode = await main(['serve'], async () => ({ serveCheckout }));`;
    expect(await run(['--input-type=module', '-e', script]).ended).toMatchObject({ code: 130, err: 'closing\n' });
  });

  it('does not lose a Ctrl+C that comes while it starts', async () => {
    const script = `
      import { main } from ${JSON.stringify(pathToFileURL(path.join(root, 'main/cli/cli.ts')).href)};
      const serveCheckout = async () => {
        const interrupted = new Promise((resolve) => process.once('SIGINT', resolve));
        const alive = setInterval(() => {}, 1000);
        process.kill(process.pid, 'SIGINT');
        await interrupted;
        clearInterval(alive);
        return { url: 'http://127.0.0.1:1', close: async () => console.error('closed') };
      };
      process.exitCode = await main(['serve'], async () => ({ serveCheckout }));`;
    const outcome = await run(['--input-type=module', '-e', script]).ended;
    expect(outcome).toEqual({ code: 130, out: '', err: 'closed\n' });
  });
});
