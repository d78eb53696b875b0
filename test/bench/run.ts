/** `npm run bench -- NAME [NAME ...]` runs benches and prints JSON lines. Without a name it runs all. */
import { readdirSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.bench.ts'))
  .map((file) => file.slice(0, -'.bench.ts'.length));
const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !names.includes(name));
if (unknown !== undefined) {
  console.error(`There is no bench "${unknown}". There are: ${names.join(', ')}.`);
  process.exit(2);
}
const print = (line: object): void => console.log(JSON.stringify(line));
print({
  bench: 'machine',
  cpu: os.cpus()[0]?.model,
  cores: os.availableParallelism(),
  node: process.versions.node,
  at: new Date().toISOString(),
});
for (const name of wanted.length > 0 ? wanted : names) {
  const { run } = (await import(path.join(import.meta.dirname, `${name}.bench.ts`))) as {
    run: (print: (line: object) => void) => Promise<void>;
  };
  await run((line) => print({ bench: name, ...line }));
}
process.exit(0);
