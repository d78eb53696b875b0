/**
 * The output of electron-builder.yml: packed by electron-builder itself around a fake Electron (its binary is a file
 * with the marker of the fuses), then inspected and run outside of the checkout.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { builtinModules, createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stageResources } from '../../../build.ts';
import { buildStale } from '../../../main/app/bundles.ts';
import { createEngine } from '../../../main/engine/engine.ts';
import { builtInModel } from '../../../main/app/built-in.ts';
import { installedLayout } from '../../../main/app/layout.ts';
import { createConverter } from '../../../main/convert/child/converter.ts';
import { createQuantizer } from '../../../main/convert/quantize/quantize.ts';
import { storiesPath } from '../../support/native-setup.ts';
import { packingTurn } from '../../support/packing-turn.ts';
import { createSpawnChild } from '../../../main/process/spawn-child.ts';
import type { Frame } from '../../../preload/wire/rpc.ts';
import { runDesktopSelfTest, selfTestTable } from '../../../main/shell/electron/self-test-run.ts';
import { selfTestStart, startStandIn } from '../../fixtures/electron-stand-in/start.ts';

const root = path.join(import.meta.dirname, '../../..');
const greedy = { temperature: 0, topK: 0, topP: 1, minP: 0, repeatPenalty: 1, maxTokens: null, seed: null };
const question = 'Who are you?';

// The version readers that electron-builder itself uses.
const builderPath = createRequire(import.meta.url).resolve('electron-builder');
const libraryPath = createRequire(builderPath).resolve('app-builder-lib');
const fromBuilder = createRequire(libraryPath);
const yaml = fromBuilder('js-yaml') as { load(text: string): unknown };
const asar = fromBuilder('@electron/asar') as {
  listPackage(archive: string): string[];
  extractAll(archive: string, folder: string): void;
};

interface FileSet {
  readonly from: string;
  readonly to: string;
  readonly filter?: string | readonly string[];
}
interface BuilderConfig {
  readonly icon: string;
  readonly files: readonly (string | FileSet)[];
  readonly extraResources: readonly FileSet[];
  readonly toolsets: { readonly appimage: string };
  readonly asar: boolean;
  readonly electronFuses: Readonly<Record<string, boolean>>;
  readonly linux: { readonly icon: string; readonly files: readonly FileSet[] };
  readonly mac: {
    readonly entitlements: string;
    readonly entitlementsInherit: string;
    readonly files: readonly FileSet[];
  };
  readonly win: { readonly files: readonly FileSet[] };
}
const config = yaml.load(readFileSync(path.join(root, 'electron-builder.yml'), 'utf8')) as BuilderConfig;

/** The marker in Electron's binary before the fuses: version, count, one character each. */
const FUSE_MARK = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';

/** Files of `folder`, with `/` between the parts. */
function filesBelow(folder: string): string[] {
  return globSync('**', { cwd: folder })
    .filter((file) => statSync(path.join(folder, file)).isFile())
    .map((file) => file.split(path.sep).join('/'))
    .sort();
}

function runBuilder(...args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const cli = path.join(path.dirname(builderPath), '../cli.js');
    const child = spawn(process.execPath, [cli, ...args], {
      cwd: root,
      env: { ...process.env, CI: '1', NO_UPDATE_NOTIFIER: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.once('error', reject);
    child.once('exit', (code) => (code === 0 ? resolve(output) : reject(new Error(output))));
  });
}

describe('electron-builder.yml', () => {
  it('matches the schema of the installed electron-builder', () => {
    const schema = JSON.parse(readFileSync(path.join(path.dirname(libraryPath), '../scheme.json'), 'utf8')) as object;
    const Ajv = fromBuilder('ajv') as new (options: object) => {
      compile(schema: object): ((data: unknown) => boolean) & { errors?: unknown };
    };
    const validate = new Ajv({ strict: false, allErrors: true }).compile(schema);
    expect([validate(config), validate.errors]).toEqual([true, null]);
    expect(validate({ ...config, nonsense: true })).toBe(false);
  });

  it('has the entitlements of electron-builder’s own template, with which an ad hoc signed build starts', () => {
    const granted = (file: string): string[] =>
      [...readFileSync(file, 'utf8').matchAll(/<key>([^<]+)<\/key>\s*<true\/>/g)].map(([, key = '']) => key).sort();
    const template = path.join(path.dirname(libraryPath), '../templates/entitlements.mac.plist');
    expect(granted(template)).toContain('com.apple.security.cs.disable-library-validation');
    for (const file of [config.mac.entitlements, config.mac.entitlementsInherit])
      expect(granted(path.join(root, file))).toEqual(granted(template));
  });

  it('gives up Chromium’s sandbox in an AppImage only where the system has no user namespaces for it', () => {
    expect(config.toolsets.appimage).toBe('1.0.3');
    const { generateAppRunScript } = fromBuilder(
      path.join(path.dirname(libraryPath), 'targets/appimage/appImageUtil.js'),
    ) as { generateAppRunScript(config: object): string };
    const script = generateAppRunScript({ ExecutableName: 'hearth', executableName: 'hearth', ProductName: 'Hearth' });
    expect(script).toMatch(/! unshare -Ur true[^\n]*; then\n\s*NO_SANDBOX=\(--no-sandbox\)/);
  });

  it('names only existing files, for every platform', () => {
    for (const file of [config.icon, config.mac.entitlements, config.mac.entitlementsInherit])
      expect([file, existsSync(path.join(root, file))]).toEqual([file, true]);
    for (const size of [16, 32, 48, 64, 128, 256, 512]) {
      // Width and height are in the first chunk of a PNG.
      const png = readFileSync(path.join(root, config.linux.icon, `${size}x${size}.png`));
      expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([size, size]);
    }
    expect(readFileSync(path.join(root, config.icon)).readUInt32BE(16)).toBe(1024);
    for (const [files, architectures] of [
      [config.linux.files, ['x64', 'arm64']],
      [config.mac.files, ['x64', 'arm64']],
      [config.win.files, ['x64', 'arm64']],
    ] as const)
      for (const { from, to, filter } of files)
        for (const arch of architectures) {
          const binary = path.join(from, String(filter).replace('${arch}', arch));
          expect([binary, existsSync(path.join(root, binary))]).toEqual([binary, true]);
          expect(to).toBe(from);
        }
  });
});

// Only on Linux does Electron's folder have the same simple layout; the other platforms are packed in the same way.
describe.runIf(process.platform === 'linux')('the packed app', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-packed-'));
  const packed = path.join(folder, process.arch === 'x64' ? 'linux-unpacked' : `linux-${process.arch}-unpacked`);
  const resources = path.join(packed, 'resources');
  const archive = path.join(resources, 'app.asar');
  /** The archive's content as the running app sees it. */
  const appFolder = path.join(folder, 'app');

  beforeAll(async () => {
    await buildStale(root, ['page', 'engine', 'desktop']);
    using _ = packingTurn(root);
    await stageResources(`linux-${process.arch}`);
    const electron = path.join(folder, 'electron');
    mkdirSync(path.join(electron, 'resources'), { recursive: true });
    const allOpposite = Buffer.from('10110011');
    writeFileSync(
      path.join(electron, 'electron'),
      Buffer.concat([Buffer.from(`binary ${FUSE_MARK}`), Buffer.from([1, allOpposite.length]), allOpposite]),
      { mode: 0o755 },
    );
    await runBuilder(
      '--linux',
      'dir',
      `--${process.arch}`,
      '--publish=never',
      `-c.electronDist=${electron}`,
      `-c.directories.output=${folder}`,
    );
    asar.extractAll(archive, appFolder);
  }, 600_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('contains the files that main, preload and page need, and nothing else', () => {
    const allowed = [
      /^package\.json$/,
      /^dist\/main\/electron\.js$/,
      /^dist\/main\/hash-worker-[0-9a-f]{8}\.js$/,
      /^dist\/main\/trial-worker-[0-9a-f]{8}\.js$/,
      /^dist\/main\/memory-worker-[0-9a-f]{8}\.js$/,
      /^dist\/preload\/preload\.cjs$/,
      /^dist\/migrations\/\d{4}-[a-z0-9-]+\.sql$/,
      /^dist\/icon\.png$/,
      /^dist\/renderer\/(index\.html|preview\.html|theme\.js|flame\.svg)$/,
      /^dist\/renderer\/assets\/[\w.-]+\.(js|css|woff2|svg|png)$/,
      /^node_modules\/better-sqlite3\/(package\.json|LICENSE)$/,
      /^node_modules\/better-sqlite3\/lib\/(methods\/)?[a-z-]+\.js$/,
      new RegExp(`^node_modules/better-sqlite3/prebuilds/linux-${process.arch}\\.node$`),
    ];
    const files = filesBelow(appFolder);
    expect(files.filter((file) => !allowed.some((pattern) => pattern.test(file)))).toEqual([]);
    expect(allowed.filter((pattern) => !files.some((file) => pattern.test(file)))).toEqual([]);
    expect(filesBelow(`${archive}.unpacked`)).toEqual([
      `node_modules/better-sqlite3/prebuilds/linux-${process.arch}.node`,
    ]);
    const manifest = JSON.parse(readFileSync(path.join(appFolder, 'package.json'), 'utf8')) as Record<string, unknown>;
    expect(manifest).toMatchObject({ type: 'module', main: 'dist/main/electron.js', desktopName: 'hearth.desktop' });
    expect(manifest).not.toHaveProperty('devDependencies');
    expect(manifest).not.toHaveProperty('scripts');
  });

  it('bundles main with everything but Electron and SQLite', () => {
    const source = readFileSync(path.join(appFolder, 'dist/main/electron.js'), 'utf8');
    const imported = [
      ...source.matchAll(/^(?:import|export)\b[^;]*?\bfrom\s*["']([^"']+)["']|^import\s*["']([^"']+)["']/gm),
    ];
    const names = new Set(imported.map((match) => match[1] ?? match[2] ?? ''));
    const others = [...names].filter((name) => !name.startsWith('node:') && !builtinModules.includes(name));
    expect(others.sort()).toEqual(['better-sqlite3', 'electron']);
    expect(source).not.toContain('sourceMappingURL');
    const preload = readFileSync(path.join(appFolder, 'dist/preload/preload.cjs'), 'utf8');
    expect([...preload.matchAll(/require\(["']([^"']+)["']\)/g)].map((match) => match[1])).toEqual(['electron']);
  });

  it('puts files that a plain Node process opens beside the archive, without a GPU package', () => {
    const files = filesBelow(resources).filter((file) => !file.startsWith('app.asar'));
    const library = `engine/node_modules/@node-llama-cpp/linux-${process.arch}`;
    for (const needed of [
      'node/node',
      'engine/package.json',
      'engine/dist/child.js',
      'engine/dist/native-child.js',
      'engine/dist/convert-child.js',
      `engine/node_modules/@koromix/koffi-linux-${process.arch}/linux_${process.arch}/koffi.node`,
      `${library}/package.json`,
      `${library}/dist/index.js`,
      'models/ember-3M-Q8_0.gguf',
      'texts/varied.txt',
    ])
      expect(files).toContain(needed);
    const packages = new Set(files.map((file) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1]).filter(Boolean));
    expect([...packages].sort()).toEqual([
      `@koromix/koffi-linux-${process.arch}`,
      `@node-llama-cpp/linux-${process.arch}`,
    ]);
    expect(files.filter((file) => /cuda|vulkan|hip|metal|\.map$|\.ts$|\.env|(^|\/)\.|test/i.test(file))).toEqual([]);
    expect(statSync(path.join(resources, 'node/node')).mode & 0o111).not.toBe(0);
  });

  it('has the fuses set', () => {
    expect(config.electronFuses).toEqual({
      runAsNode: false,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      enableEmbeddedAsarIntegrityValidation: true,
      onlyLoadAppFromAsar: true,
      grantFileProtocolExtraPrivileges: false,
      enableCookieEncryption: true,
    });
    expect(config.asar).toBe(true);
    const binary = readFileSync(path.join(packed, 'hearth'), 'latin1');
    const wire = binary.slice(binary.indexOf(FUSE_MARK) + FUSE_MARK.length + 2);
    // In Electron's order: run as Node, cookie encryption, NODE_OPTIONS, inspect, archive integrity, only from the archive, own V8
    // snapshot (not set by us), file privileges.
    expect(wire.slice(0, 8).replace(/^(.{6})./, '$1-')).toBe('010011-0');
  });

  it('runs its engine without the checkout', async () => {
    const layout = installedLayout(archive, resources);
    const engine = createEngine({
      spawnChild: createSpawnChild(layout.nodePath, layout.engineChildPath),
      onChange: () => {},
    });
    try {
      using lease = await engine.open({
        modelId: builtInModel.id,
        name: builtInModel.name,
        path: layout.builtInModelPath,
        weightsBytes: 3_300_000,
        contextSize: 1024,
      });
      expect(lease.state()).toMatchObject({ status: 'ready', device: 'CPU' });
      let answer = '';
      const request = { input: { messages: [{ role: 'user' as const, content: question }] }, sampling: greedy };
      for await (const event of lease.generate(request, new AbortController().signal))
        if (event.type === 'text') answer += event.content;
      expect(answer).toMatch(/Ember/);
    } finally {
      await engine.close();
    }
  });

  it('converts without the checkout', async () => {
    const layout = installedLayout(archive, resources);
    const converter = createConverter({
      startChild: (writableFolder, variables) =>
        createSpawnChild(layout.nodePath, layout.convertChildPath, writableFolder)(variables, 'advanced'),
    });
    const outputPath = path.join(folder, 'converted.gguf');
    const request = { name: 'qwen3', outputType: 'F16', outputPath, verificationBytes: 0 } as const;
    const options = { signal: new AbortController().signal, onEvent: () => {} };
    const source = { folder: path.join(root, 'test/fixtures/conversion/qwen3') };
    const { sizeBytes } = await converter.convert({ ...request, source }, options);
    expect(statSync(outputPath).size).toBe(sizeBytes);
  });

  it('quantizes without the checkout', async () => {
    const layout = installedLayout(archive, resources);
    const quantizer = createQuantizer({
      startChild: (writableFolder) => createSpawnChild(layout.nodePath, layout.nativeChildPath, writableFolder)(),
    });
    const outputPath = path.join(folder, 'quantized.gguf');
    const settings = { inputPath: storiesPath, fileType: 'Q8_0', threads: 1 };
    let files: readonly { path: string }[] = [];
    for await (const event of quantizer.quantize({ ...settings, outputPath }, new AbortController().signal))
      if (event.type === 'done') files = event.files;
    expect(files.map((file) => file.path)).toEqual([outputPath]);
    expect(createHash('sha256').update(readFileSync(outputPath)).digest('hex')).toBe(
      // What llama-quantize writes (test/fixtures/quantize/expected.json).
      'b3148e25f9bc01e5115b258eb20bdfc1af09a4ee0b86c466b4658179c56464d6',
    );
  });

  it('starts by its own Node, serves its page and writes a first reply with Ember', async () => {
    const dataFolder = path.join(folder, 'data');
    const shell = startStandIn(
      path.join(appFolder, 'dist/main/electron.js'),
      {
        appPath: appFolder,
        isPackaged: true,
        resourcesPath: resources,
        hasLock: true,
        pickedFolder: null,
        storageBackend: 'none',
      },
      { HOME: dataFolder, HEARTH_DATA_DIR: dataFolder, HEARTH_OFFLINE: '1' },
      path.join(resources, 'node/node'),
    );
    try {
      const [options] = (await shell.seen('new BrowserWindow')).args as [
        { webPreferences: { preload: string; devTools: boolean } },
      ];
      expect(options.webPreferences.devTools).toBe(false);
      expect(existsSync(options.webPreferences.preload)).toBe(true);
      await shell.seen('window.loadURL');
      expect((await shell.act('fetch', 'app://hearth/')).status).toBe(200);
      const frame = { t: 'call', id: 1, route: 'engine.load', input: { modelId: builtInModel.id } };
      await shell.act('message', 'page', 'hearth:frame', frame);
      const sent = await shell.seen('webContents.send', ([, one]) => (one as Frame).id === 1);
      expect(sent.args[1]).toMatchObject({ t: 'ok', output: { name: 'Ember', status: 'ready' } });
      const ask = {
        chat: { fresh: { modelId: builtInModel.id, systemPrompt: '', sampling: greedy, contextPolicy: null } },
        parts: [{ type: 'text', text: question }],
      };
      await shell.act('message', 'page', 'hearth:frame', { t: 'call', id: 2, route: 'chat.send', input: ask });
      const asked = (await shell.seen('webContents.send', ([, one]) => (one as Frame).id === 2)).args[1];
      expect(asked).toMatchObject({ t: 'ok', output: { chatId: expect.any(String) as unknown } });
      const { chatId } = (asked as { output: { chatId: string } }).output;
      let id = 2;
      /** The chat as a page that opens it now is shown it. */
      const snapshot = async (): Promise<string> => {
        const own = ++id;
        await shell.act('message', 'page', 'hearth:frame', {
          t: 'open',
          id: own,
          route: 'chat.watch',
          input: { chatId },
        });
        return JSON.stringify((await shell.seen('webContents.send', ([, one]) => (one as Frame).id === own)).args[1]);
      };
      await expect.poll(snapshot, { timeout: 60_000 }).toMatch(/"text":"[^"]*\bEmber\b/);
      void shell.act('quit').catch(() => {});
      expect(await shell.exited).toBe(0);
    } finally {
      await shell.kill();
    }
  });

  it('passes its own self-test, as far as that does not need a real window', async () => {
    const settings = {
      ...{ appPath: appFolder, isPackaged: true, resourcesPath: resources, hasLock: true, sharesLock: true },
      ...{ pickedFolder: null, storageBackend: 'none' as const },
    };
    const start = selfTestStart(
      path.join(appFolder, 'dist/main/electron.js'),
      settings,
      path.join(resources, 'node/node'),
    );
    expect(selfTestTable(await runDesktopSelfTest(start))).not.toContain('FAILED');
  });
});
