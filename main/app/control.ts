/**
 * `control.json` in the data folder: where the app that owns the folder answers, so that a command can ask it instead of opening the
 * database a second time. A killed app leaves its file behind, and another program may have its port by then. Whoever reads the file
 * therefore asks for a proof first, which only the app that wrote it can give, and sends neither the token nor a prompt before.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { mkdirSync, openSync, readSync, closeSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { AppError, isAppError } from '../../preload/wire/errors.ts';

/** What runs the app: a window, `hearth serve`, or a command that needs the database, such as `hearth chat`. */
const owners = ['desktop', 'browser', 'command'] as const;
type ControlOwner = (typeof owners)[number];

export interface Control {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  readonly token: string;
  readonly pid: number;
  /** The app's version. */
  readonly version: string;
  readonly owner: ControlOwner;
}

/** The file has some 200 bytes. */
const MAX_BYTES = 4096;

const controlFile = (dataFolder: string): string => path.join(dataFolder, 'control.json');

/** Writes the file for this user alone, whole or not at all. @throws file system errors. */
export function writeControl(dataFolder: string, control: Control): void {
  const file = controlFile(dataFolder);
  mkdirSync(dataFolder, { recursive: true });
  // A file that is left of a killed app would keep its mode.
  rmSync(`${file}.new`, { force: true });
  writeFileSync(`${file}.new`, JSON.stringify(control), { mode: 0o600, flag: 'wx' });
  renameSync(`${file}.new`, file);
}

/** Removes the file where it is still the one with this token. Never throws: a file that stays is recognised as left behind. */
export function removeControl(dataFolder: string, token: string): void {
  try {
    if (readControl(dataFolder)?.token === token) rmSync(controlFile(dataFolder), { force: true });
  } catch {
    // As promised.
  }
}

/** What the file says; null without one, and for one that no app has written. Never throws. */
export function readControl(dataFolder: string): Control | null {
  try {
    const buffer = Buffer.alloc(MAX_BYTES);
    const handle = openSync(controlFile(dataFolder), 'r');
    try {
      const length = readSync(handle, buffer, 0, MAX_BYTES, 0);
      return length === MAX_BYTES ? null : controlIn(JSON.parse(buffer.toString('utf8', 0, length)));
    } finally {
      closeSync(handle);
    }
  } catch {
    return null;
  }
}

/** The same where the process that wrote it lives, or another one that got its number. */
export function readLivingControl(dataFolder: string): Control | null {
  const control = readControl(dataFolder);
  return control !== null && isAlive(control.pid) ? control : null;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's process cannot be asked.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Who has the database, in words in place of those of `error`; the same error where nobody has told. Its token stays out of it. */
export function withOwner(error: unknown, dataFolder: string): unknown {
  const control = isAppError(error, 'store.in_use') ? readLivingControl(dataFolder) : null;
  if (control === null) return error;
  const { owner, origin, pid } = control;
  const sentences: Readonly<Record<ControlOwner, string>> = {
    desktop: `Hearth's window is open with this data folder (process ${pid}). Use that window, or close it first.`,
    browser: `Hearth already serves this data folder at ${origin} (process ${pid}). Open the address that it printed when it started.`,
    command: `A hearth command in a terminal, such as a chat, uses this data folder (process ${pid}). Hearth can start when it has ended.`,
  };
  const data = { owner, pid, ...(owner === 'browser' && { address: origin }) };
  return new AppError('store.in_use', sentences[owner], data, { cause: error });
}

function controlIn(value: unknown): Control | null {
  if (typeof value !== 'object' || value === null) return null;
  const { origin, token, pid, version, owner } = value as Readonly<Record<string, unknown>>;
  if (typeof origin !== 'string' || !/^http:\/\/127\.0\.0\.1:\d{1,5}$/.test(origin)) return null;
  if (typeof token !== 'string' || !/^[\w-]{8,128}$/.test(token)) return null;
  if (typeof version !== 'string' || !/^[\w.+-]{1,64}$/.test(version)) return null;
  if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid <= 0) return null;
  const known = owners.find((one) => one === owner);
  return known === undefined ? null : { origin, token, pid, version, owner: known };
}

/** The path on which an app answers a challenge. The challenge follows it. */
export const CONTROL_PATH = '/control/';

/** A challenge: 16 to 64 bytes in hexadecimal. */
export const isChallenge = (text: string): boolean => /^(?:[0-9a-f]{2}){16,64}$/.test(text);

/** What shows that an app has the token, without telling it. */
export const proofOf = (token: string, challenge: string): string =>
  createHmac('sha256', token).update(`hearth control ${challenge}`).digest('hex');

/** Whether `proof` answers the challenge. */
export function isProof(proof: unknown, token: string, challenge: string): boolean {
  const given = Buffer.from(typeof proof === 'string' ? proof : '');
  const right = Buffer.from(proofOf(token, challenge));
  return given.length === right.length && timingSafeEqual(given, right);
}
