/** Fetches a package from the npm registry into a folder. It is unpacked only after its hash was verified. */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { AppError, isAppError } from '../../../preload/wire/errors.ts';
import { diskErrorCode } from '../../../preload/wire/disk-error.ts';
import { isThere } from '../../base/disk.ts';
import { gatherBytes } from '../../base/gathered-bytes.ts';
import { unpackTarball } from './tarball.ts';

export interface NpmPackage {
  readonly name: string;
  readonly version: string;
  /** Subresource integrity of the tarball: `sha512-` and base64. */
  readonly integrity: string;
  /** Size of the tarball. */
  readonly sizeBytes: number;
}

export interface FetchOptions {
  readonly fetch: typeof globalThis.fetch;
  /** The registry's URL, as npm is configured. */
  readonly registry: string;
  readonly signal: AbortSignal;
  readonly onBytes: (downloadedBytes: number) => void;
}

/** Limit for the unpacked size in bytes. A package of libraries unpacks to about three times the size of its tarball. */
const unpackedLimit = ({ sizeBytes }: NpmPackage): number => 16_000_000 + 12 * sizeBytes;
const MANIFEST_LIMIT_BYTES = 20_000_000;

/** The folder of a package below `folder`: `@SCOPE/NAME@VERSION`. */
export function packageFolder(folder: string, { name, version }: Pick<NpmPackage, 'name' | 'version'>): string {
  return path.join(folder, `${name}@${version}`);
}

/**
 * Installs `wanted` into its folder below `folder`. The folder appears whole or not at all. A partial tarball is resumed.
 * @throws AppError `hub.offline`, `hub.not_found`, `hub.bad_response`, `hub.hash_mismatch`, `disk.full`, `disk.denied`; the signal's reason.
 */
export async function fetchPackage(wanted: NpmPackage, folder: string, options: FetchOptions): Promise<string> {
  const target = packageFolder(folder, wanted);
  const tarball = `${target}.tgz.incomplete`;
  const unpacked = `${target}.unpacking`;
  try {
    if (await isThere(target)) return target;
    await mkdir(path.dirname(target), { recursive: true });
    await download(wanted, tarball, options);
    if ((await integrityOf(tarball, options.signal)) !== wanted.integrity) {
      await rm(tarball, { force: true });
      throw new AppError(
        'hub.hash_mismatch',
        `The package ${wanted.name} differs from the published one. It was deleted.`,
        { reason: 'package', package: wanted.name },
      );
    }
    await rm(unpacked, { recursive: true, force: true });
    await unpackTarball(tarball, unpacked, unpackedLimit(wanted), options.signal);
    await rename(unpacked, target);
    await rm(tarball, { force: true });
    return target;
  } catch (error) {
    await rm(unpacked, { recursive: true, force: true });
    throw diskError(error, options.signal);
  }
}

/** Deletes the partial files of a download. */
export async function discardPackage(wanted: NpmPackage, folder: string): Promise<void> {
  const target = packageFolder(folder, wanted);
  await rm(`${target}.tgz.incomplete`, { force: true });
  await rm(`${target}.unpacking`, { recursive: true, force: true });
}

async function download(wanted: NpmPackage, tarball: string, options: FetchOptions): Promise<void> {
  const { signal, onBytes } = options;
  const partialBytes = await sizeOf(tarball);
  if (partialBytes === wanted.sizeBytes) return onBytes(partialBytes);
  if (partialBytes > wanted.sizeBytes) await rm(tarball);
  const from = partialBytes > wanted.sizeBytes ? 0 : partialBytes;
  const url = await tarballUrl(wanted, options);
  const response = await request(options, url, from > 0 ? { range: `bytes=${from}-` } : {});
  // Some mirrors send the requested range with status 200.
  const isRange = response.status === 206 || response.headers.get('content-range')?.startsWith(`bytes ${from}-`);
  const resumes = from > 0 && isRange === true;
  if (!response.ok || response.body === null) throw refused(response.status, wanted.name);
  let done = resumes ? from : 0;
  onBytes(done);
  await pipeline(
    response.body as unknown as AsyncIterable<Uint8Array>, // Node's bodies are iterable, the DOM types omit it
    async function* (source: AsyncIterable<Uint8Array>) {
      for await (const piece of source) {
        done += piece.length;
        if (done > wanted.sizeBytes)
          throw new AppError('hub.hash_mismatch', `The package ${wanted.name} is larger than the published one.`, {
            reason: 'package',
            package: wanted.name,
          });
        onBytes(done);
        yield piece;
      }
    },
    createWriteStream(tarball, { flags: resumes ? 'a' : 'w' }),
    { signal },
  );
}

/** The tarball's URL from the registry's manifest. A mirror may keep its tarballs on another host. */
async function tarballUrl({ name, version }: NpmPackage, options: FetchOptions): Promise<string> {
  const registry = options.registry.endsWith('/') ? options.registry : `${options.registry}/`;
  const response = await request(options, new URL(name.replace('/', '%2f'), registry).href, {
    accept: 'application/vnd.npm.install-v1+json, application/json;q=0.5',
  });
  if (!response.ok) throw refused(response.status, name);
  const text = await boundedText(response);
  let tarball: unknown;
  try {
    const manifest = JSON.parse(text) as { versions?: Record<string, { dist?: { tarball?: unknown } }> };
    tarball = manifest.versions?.[version]?.dist?.tarball;
  } catch {
    throw new AppError('hub.bad_response', 'The npm registry answered with something that is not a package.', {
      reason: 'npm_registry',
    });
  }
  if (typeof tarball !== 'string' || !/^https?:\/\//.test(tarball))
    throw new AppError('hub.not_found', `The npm registry does not have ${name} ${version}.`, {
      reason: 'package',
      package: name,
      version,
    });
  return tarball;
}

async function boundedText(response: Response): Promise<string> {
  const gathered = gatherBytes();
  for await (const piece of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    if (gathered.size() + piece.length > MANIFEST_LIMIT_BYTES)
      throw new AppError('hub.bad_response', "The npm registry's answer is too long.", { reason: 'npm_registry' });
    gathered.add(piece);
  }
  return gathered.bytes().toString('utf8');
}

async function request(
  { fetch, signal }: FetchOptions,
  url: string,
  headers: Record<string, string>,
): Promise<Response> {
  try {
    return await fetch(url, { headers, signal });
  } catch (error) {
    signal.throwIfAborted();
    if (isAppError(error)) throw error;
    throw new AppError(
      'hub.offline',
      'The npm registry could not be reached.',
      { reason: 'npm_registry' },
      { cause: error },
    );
  }
}

function refused(status: number, name: string): AppError {
  return status === 404
    ? new AppError('hub.not_found', `The npm registry does not have ${name}.`, { reason: 'package', package: name })
    : new AppError('hub.bad_response', `The npm registry answered with status ${status}.`, {
        reason: 'npm_registry',
        status,
      });
}

async function integrityOf(file: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha512');
  for await (const piece of createReadStream(file, { signal, highWaterMark: 1 << 20 })) hash.update(piece as Buffer);
  return `sha512-${hash.digest('base64')}`;
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch {
    return 0;
  }
}

function diskError(error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (isAppError(error)) return error;
  const code = diskErrorCode(error);
  if (code === 'disk.full') return new AppError('disk.full', 'The disk is full: the package does not fit.');
  if (code === 'disk.denied')
    return new AppError('disk.denied', 'Hearth cannot write in its data folder.', { reason: 'data_folder' });
  // All other errors are connections that broke in the middle of a body.
  return new AppError(
    'hub.offline',
    'The connection broke during the download.',
    { reason: 'npm_registry' },
    { cause: error },
  );
}
