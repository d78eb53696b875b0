/** The functions of the libggml that comes with node-llama-cpp: the judges of values that are written for it. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

interface Koffi {
  load(file: string): { func(declaration: string): (from: object, to: object, count: number) => void };
}

const packages: Readonly<Record<string, readonly [folder: string, file: string]>> = {
  'linux-x64': ['linux-x64', 'libggml-base.so'],
  'linux-arm64': ['linux-arm64', 'libggml-base.so'],
  'darwin-x64': ['mac-x64', 'libggml-base.dylib'],
  'darwin-arm64': ['mac-arm64-metal', 'libggml-base.dylib'],
  'win32-x64': ['win-x64', 'ggml-base.dll'],
};

const [folder, file] = packages[`${process.platform}-${process.arch}`] ?? ['', ''];
const library = path.join(import.meta.dirname, '../../node_modules/@node-llama-cpp', folder, 'bins', folder, file);

export const hasGgml = existsSync(library) && file !== '';

/** A function of libggml-base that reads `count` values at `from` and writes what it makes of them at `to`. */
export function ggmlFunction(name: string): (from: object, to: object, count: number) => void {
  // koffi belongs to native/; here it calls what the product's own functions are compared with.
  const koffi = createRequire(import.meta.url)('koffi') as Koffi;
  return koffi.load(library).func(`void ${name}(const void *from, void *to, int64_t count)`);
}
