/** The door for commands: a server of the routes without a page, and the file in the data folder by which commands find it. */
import { randomBytes } from 'node:crypto';
import { encodeError } from '../../../preload/wire/errors.ts';
import { removeControl, writeControl, type Control } from '../../app/control.ts';
import { startHttpShell } from './http.ts';
import type { ShellApp } from './requests.ts';

export interface DoorOptions {
  readonly app: ShellApp;
  readonly dataFolder: string;
  readonly version: string;
  readonly owner: Control['owner'];
}

export interface Door {
  /** Ends what commands are doing through it. */
  close(): Promise<void>;
}

/** Opens the door on a free port of 127.0.0.1. @throws the system's error where it has none, or the file cannot be written. */
export async function openDoor({ app, dataFolder, version, owner }: DoorOptions): Promise<Door> {
  const token = newToken();
  const shell = await startHttpShell({ app, pageFolder: null, port: 0, token });
  try {
    writeControl(dataFolder, { origin: shell.origin, token, pid: process.pid, version, owner });
  } catch (error) {
    await shell.close();
    throw error;
  }
  return {
    async close() {
      removeControl(dataFolder, token);
      await shell.close();
    },
  };
}

/** The same where the app goes on without: `log` is told why there is no door. Never throws. */
export async function tryOpenDoor(options: DoorOptions, log: (line: string) => void): Promise<Door | null> {
  try {
    return await openDoor(options);
  } catch (error) {
    log(`Commands cannot reach this app: ${encodeError(error).message}`);
    return null;
  }
}

/** A token that nobody guesses, and that is another one at each start, so that one that was seen is soon of no use. */
export const newToken = (): string => randomBytes(24).toString('base64url');
