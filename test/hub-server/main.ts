/**
 * Starts the test Hub by hand: `npm run hub -- [--port N] [--root FOLDER] [--rate BYTES_PER_SECOND] [--resolve-cache]`.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startHub } from './hub-server.ts';
import { computeSeedHashes, seedRepos, seedTokens } from './seed.ts';

const usage = `npm run hub -- [options]
  --port N           the Hub's port (default 8642); the CDN takes the next one. 0 takes free ones
  --root FOLDER      serve <owner>/<name>/ folders in place of the built-in repositories
  --rate N           bytes per second and connection, e.g. 2e6
  --resolve-cache    redirect small files of public repositories, as the real Hub does
  --hash             write seed-hashes.ts anew (minutes), and end`;

async function writeHashes(): Promise<void> {
  const table = await computeSeedHashes((path, sizeBytes) =>
    console.log(`${(sizeBytes / 1e9).toFixed(2)} GB  ${path}`),
  );
  const lines = Object.entries(table).map(([key, sha256]) => `  '${key}': '${sha256}',\n`);
  const text = `/**
 * The sha256 of the seed's generated files, by what makes them (\`generatedKey\`), so that a list of 40 GB files answers at
 * once. Written by \`node test/hub-server/main.ts --hash\`; a file that is not here is hashed when it is first asked for.
 */
export const seedHashes: Readonly<Record<string, string>> = {
${lines.join('')}};
`;
  writeFileSync(join(import.meta.dirname, 'seed-hashes.ts'), text);
}

async function serve(options: {
  port: string;
  root?: string | undefined;
  rate?: string | undefined;
  'resolve-cache'?: boolean | undefined;
}): Promise<void> {
  const port = Number(options.port);
  const rate = Number(options.rate ?? Infinity);
  if (!Number.isInteger(port) || port < 0 || port > 65_534 || !(rate > 0)) throw new RangeError(usage);
  const hub = await startHub({
    port,
    cdnPort: port === 0 ? 0 : port + 1,
    tokens: seedTokens,
    bytesPerSecond: rate,
    smallFiles: options['resolve-cache'] === true ? 'resolve-cache' : 'direct',
    ...(options.root === undefined ? { repos: await seedRepos() } : { root: options.root }),
  });
  console.log(`Test Hub on ${hub.url}, its CDN on ${hub.cdnUrl}.`);
  console.log(`Tokens: ${Object.keys(seedTokens).join(', ')}. Ctrl+C ends it.\n`);
  console.log(`export HF_ENDPOINT=${hub.url}`);
  process.once('SIGINT', () => {
    void hub.close().then(() => process.exit(0));
  });
}

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '8642' },
    root: { type: 'string' },
    rate: { type: 'string' },
    'resolve-cache': { type: 'boolean' },
    hash: { type: 'boolean' },
    help: { type: 'boolean' },
  },
});
if (values.help === true) console.log(usage);
else if (values.hash === true) await writeHashes();
else await serve(values);
