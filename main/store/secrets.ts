/** Secrets in a file that only the user can read, encrypted by the system's keychain where the shell has one. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { systemCode } from '../../preload/wire/disk-error.ts';
import { readJsonObject } from './json.ts';
import { storeError } from './store-error.ts';

/** Encryption by the system's keychain (Electron's safeStorage). */
export interface Seal {
  seal(text: string): Buffer;
  open(sealed: Buffer): string;
}

export interface Secrets {
  read(name: string): string | null;
  /** Stores the secret; null deletes it. A damaged file is kept beside. Throws disk.full; disk.denied, also where the others cannot be read. */
  write(name: string, value: string | null): void;
}

type Stored = Record<string, { readonly value: unknown; readonly sealed: boolean } | null>;

/** The function of `node:fs` that writes a file whole. */
type WriteFile = (file: string, text: string, options: { readonly mode: number; readonly flush: boolean }) => void;

/** Secrets in `<dataFolder>/secrets.json` (mode 0600). A secret that cannot be decrypted (another user, a lost keychain) reads as null. */
export function createSecrets(dataFolder: string, seal: Seal | null, writeFile: WriteFile = writeFileSync): Secrets {
  const file = path.join(dataFolder, 'secrets.json');
  const load = (): Stored => {
    try {
      return readJsonObject<Stored>(readFileSync(file, 'utf8')) ?? {};
    } catch {
      return {};
    }
  };
  /** What a write keeps. Null for a damaged file; throws for one that cannot be read, whose secrets a write would delete. */
  const loadToChange = (): Stored | null => {
    try {
      const text = readFileSync(file, 'utf8');
      return text === '' ? {} : readJsonObject<Stored>(text);
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return {};
      throw storeError(error);
    }
  };
  return {
    read(name) {
      const stored = load();
      const found = Object.hasOwn(stored, name) ? stored[name] : undefined;
      if (typeof found?.value !== 'string') return null;
      if (!found.sealed) return found.value;
      try {
        return seal?.open(Buffer.from(found.value, 'base64')) ?? null;
      } catch {
        return null;
      }
    },
    write(name, value) {
      const readable = loadToChange();
      const stored = readable ?? {};
      if (value === null) delete stored[name];
      else
        stored[name] = seal ? { value: seal.seal(value).toString('base64'), sealed: true } : { value, sealed: false };
      try {
        mkdirSync(dataFolder, { recursive: true });
        // Synced before it takes the name: after a power cut a file that was only renamed may be empty, and all secrets gone.
        writeFile(`${file}.new`, JSON.stringify(stored), { mode: 0o600, flush: true });
        if (readable === null) renameSync(file, damagedName(dataFolder));
        renameSync(`${file}.new`, file);
      } catch (error) {
        rmSync(`${file}.new`, { force: true });
        throw storeError(error);
      }
    },
  };
}

/** A free name for a damaged file, such as `secrets-damaged-2026-01-31.json`. */
function damagedName(dataFolder: string): string {
  const day = new Date().toISOString().slice(0, 10);
  for (let number = 1; ; number++) {
    const name = path.join(dataFolder, `secrets-damaged-${day}${number === 1 ? '' : `-${number}`}.json`);
    if (!existsSync(name)) return name;
  }
}
