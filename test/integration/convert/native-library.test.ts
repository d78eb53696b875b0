/** The gate before llama.cpp's libraries: their release and the layout of their structs. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import koffi from 'koffi';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLlama } from '../../../native/library/llama.ts';
import { librariesFolder, libraryFiles } from '../../../native/library/release.ts';
import { checkedStruct, structTables } from '../../../native/library/structs.ts';
import { openTensors } from '../../../native/library/tensor.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'hearth-libraries-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function putLibraries(release: unknown, names: readonly string[]): void {
  const metadata = { buildOptions: { platform: 'linux', llamaCpp: { repo: 'ggml-org/llama.cpp', release } } };
  writeFileSync(path.join(folder, '_nlcBuildMetadata.json'), JSON.stringify(metadata));
  for (const name of names) writeFileSync(path.join(folder, name), '');
}

describe('the release', () => {
  // The names in the packages of node-llama-cpp 3.21.1.
  it.each([
    [
      'Linux',
      ['libggml-base.so', 'libggml.v0.4.0.so', 'libllama.v0.4.0.so', 'libllama-common.so', 'libggml-cpu-x64.so'],
    ],
    ['macOS', ['libggml-base.dylib', 'libggml.metal.v0.4.0.dylib', 'libllama.metal.v0.4.0.dylib', 'libggml-metal.so']],
    ['Windows', ['ggml-base.dll', 'ggml.v0.4.0.dll', 'llama.v0.4.0.dll', 'llama-common.dll', 'ggml-cpu-x64.dll']],
  ])('finds the libraries of %s', (_system, names) => {
    putLibraries('v0.4.0', names);
    const files = libraryFiles(folder);
    expect([files.ggmlBase, files.ggml, files.llama].map((file) => path.basename(file))).toEqual(names.slice(0, 3));
  });

  it.each(['v0.5.0', 'b9999', 'v0.4.01', '', null, 7])('%s is refused, and not called', (release) => {
    putLibraries(release, ['libggml-base.so', 'libggml.v0.4.0.so', 'libllama.v0.4.0.so']);
    expect(() => openLlama(folder)).toThrow(
      expect.objectContaining({ code: 'unsupported', data: expect.objectContaining({ reason: 'release' }) as unknown }),
    );
  });

  it('libraries that are not there are refused', () => {
    const missing = expect.objectContaining({
      code: 'unsupported',
      data: expect.objectContaining({ reason: 'library_missing' }) as unknown,
    }) as unknown as Error;
    expect(() => libraryFiles(folder)).toThrow(missing);
    putLibraries('v0.4.0', ['libggml-base.so', 'libllama.v0.4.0.so']);
    expect(() => libraryFiles(folder)).toThrow(missing);
    expect(() => librariesFolder('plan9-x64')).toThrow(/no llama.cpp libraries for plan9-x64/);
  });
});

describe('the layout', () => {
  const open = (): ReturnType<typeof koffi.load> => {
    const files = libraryFiles(librariesFolder());
    koffi.load(files.ggmlBase, { global: true });
    koffi.load(files.ggml, { global: true });
    return koffi.load(files.llama, { global: true });
  };
  const refusal = (member: string): Error =>
    expect.objectContaining({
      code: 'unsupported',
      data: expect.objectContaining({ reason: 'layout', member }) as unknown,
    }) as unknown as Error;

  it('is the one of the installed libraries', () => {
    const library = open();
    for (const table of Object.values(structTables)) {
      const { defaults } = checkedStruct(library, table);
      for (const [name, type, byDefault] of table.members) {
        const value = defaults()[name];
        expect([name, type === 'void *' ? value === null : Number(value) === byDefault]).toEqual([name, true]);
      }
    }
    const tensors = openTensors(openLlama());
    expect(tensors.mulMat).toBeGreaterThan(0);
  });

  it('a default that stands elsewhere is noticed', () => {
    const library = open();
    const { members, ...table } = structTables.quantizeParams;
    const swapped = members.map((member) => (member[0] === 'ftype' ? ([member[0], member[1], 8] as const) : member));
    expect(() => checkedStruct(library, { ...table, members: swapped })).toThrow(refusal('ftype'));
    // As if the release had no max_buf_size.
    const shorter = { ...table, members: members.slice(0, -1), size: 56 };
    if (process.arch === 'x64') expect(() => checkedStruct(library, shorter)).toThrow(refusal('end'));
  });
});
