/** Finds and opens the program that a benchmark compares with. */
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../../preload/wire/errors.ts';
import { benchPeer } from './bench-peer.ts';
import { runProgram, type Peer, type PeerModel } from './peer.ts';
import { startServerPeer } from './server-peer.ts';

const VERSION_LIMIT_MS = 10_000;

/** The first of the two programs in PATH, llama-bench before llama-server; null without one. */
export async function findPeer(env: NodeJS.ProcessEnv = process.env): Promise<string | null> {
  const endings = process.platform === 'win32' ? ['.exe'] : [''];
  const folders = (env['PATH'] ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  for (const name of ['llama-bench', 'llama-server'])
    for (const folder of folders)
      for (const ending of endings) {
        const file = path.join(folder, `${name}${ending}`);
        if (await isProgram(file)) return file;
      }
  return null;
}

async function isProgram(file: string): Promise<boolean> {
  const isFile = await stat(file).then(
    (found) => found.isFile(),
    () => false,
  );
  return (
    isFile &&
    (await access(file, constants.X_OK).then(
      () => true,
      () => false,
    ))
  );
}

/** The program at a path, by its name. @throws AppError `not_found` where there is none, `invalid_input` for another program. */
export async function openPeer(file: string, model: PeerModel, signal: AbortSignal): Promise<Peer> {
  if (!(await isProgram(file))) throw new AppError('not_found', `There is no program ${file}.`);
  const name = path.basename(file).toLowerCase();
  const full = path.resolve(file);
  if (name.includes('llama-server')) return await startServerPeer(full, await versionOf(full, signal), model, signal);
  if (!name.includes('llama-bench'))
    throw new AppError(
      'invalid_input',
      `--against takes a llama-bench or a llama-server, and ${file} is called neither.`,
    );
  return benchPeer(full, await versionOf(full, signal), model);
}

async function versionOf(file: string, signal: AbortSignal): Promise<string | null> {
  const { out, err } = await runProgram(
    file,
    ['--version'],
    AbortSignal.any([signal, AbortSignal.timeout(VERSION_LIMIT_MS)]),
  ).catch(() => ({ out: '', err: '' }));
  signal.throwIfAborted();
  return /version:\s*([^\n]{1,80})/.exec(`${out}\n${err}`)?.[1]?.trim() ?? null;
}
