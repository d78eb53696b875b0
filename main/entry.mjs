// Loads an entry of main: what build.ts made of it, built first where it is not fresh, else its TypeScript source.
// Plain JavaScript: stripping the types of one file costs 40 ms, and main has two hundred of them.
import module from 'node:module';
import path from 'node:path';

// An app goes on without the terminal or pipe that it was started from. A command ends with the reader of its output (cli/output.ts).
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

const root = path.join(import.meta.dirname, '..');
// Compiled code is kept in the checkout; where that cannot be written, it is compiled at each start.
module.enableCompileCache(path.join(root, 'dist/compile-cache'));

/** The exports of `main/NAME.ts`. */
export async function loadEntry(name) {
  const { entryAddress } = await import('./app/bundles.ts');
  return await import(await entryAddress(root, name));
}
