/** Secrets in a file that only the user can read, encrypted by the system's keychain where the shell has one. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readJsonObject } from './json.ts';
import { storeError } from './store-error.ts';

/** Encryption by the system's keychain (Electron's safeStorage). */
export interface Seal {
  seal(text: string): Buffer;
  open(sealed: Buffer): string;
}

export interface Secrets {
  read(name: string): string | null;
  /** Stores the secret; null deletes it. Throws disk.full, disk.denied. */
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
      const stored = load();
      if (value === null) delete stored[name];
      else
        stored[name] = seal ? { value: seal.seal(value).toString('base64'), sealed: true } : { value, sealed: false };
      try {
        mkdirSync(dataFolder, { recursive: true });
        // Synced before it takes the name: after a power cut a file that was only renamed may be empty, and all secrets gone.
        writeFile(`${file}.new`, JSON.stringify(stored), { mode: 0o600, flush: true });
        renameSync(`${file}.new`, file);
      } catch (error) {
        rmSync(`${file}.new`, { force: true });
        throw storeError(error);
      }
    },
  };
}
