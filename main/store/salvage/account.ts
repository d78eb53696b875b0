/** The account of a salvage. It lies in the data folder from before the damaged file is replaced until somebody was told of it. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readJson } from '../json.ts';

/** How many of something were saved and lost. `lost` is null where the damaged file does not tell how many there were. */
export interface SavedCount {
  readonly saved: number;
  readonly lost: number | null;
}

export interface SalvageAccount {
  /** The name of the damaged file in the data folder. */
  readonly keptAs: string;
  readonly chats: SavedCount;
  readonly messages: SavedCount;
  /** What the messages hold: texts, files, reasoning, calls. */
  readonly parts: SavedCount;
}

const accountName = (file: string): string => `${file}.salvage-account`;

/** Writes the account of the database at `file` before its damaged file is replaced. @throws the errors of the system. */
export function writeAccount(file: string, account: SalvageAccount): void {
  writeFileSync(accountName(file), JSON.stringify(account), { mode: 0o600, flush: true });
}

/** The account that lies beside the database at `file`; null when there is none, or none that can be read. */
export function readAccount(file: string): SalvageAccount | null {
  if (!existsSync(accountName(file))) return null;
  let found: unknown;
  try {
    found = readJson(readFileSync(accountName(file), 'utf8'));
  } catch {
    return null;
  }
  return isAccount(found) ? found : null;
}

/** Gives the account to `tell` and removes it. It is not told where the damaged file was not replaced after all. */
export function tellAccount(file: string, tell: (account: SalvageAccount) => void): void {
  const account = readAccount(file);
  if (account !== null && existsSync(path.join(path.dirname(file), account.keptAs))) tell(account);
  rmSync(accountName(file), { force: true });
}

function isAccount(value: unknown): value is SalvageAccount {
  if (typeof value !== 'object' || value === null) return false;
  const { keptAs, chats, messages, parts } = value as Partial<Record<keyof SalvageAccount, unknown>>;
  return (
    typeof keptAs === 'string' && /^hearth-damaged-[\d-]+\.db$/.test(keptAs) && [chats, messages, parts].every(isCount)
  );
}

function isCount(value: unknown): value is SavedCount {
  if (typeof value !== 'object' || value === null) return false;
  const { saved, lost } = value as Partial<Record<keyof SavedCount, unknown>>;
  return typeof saved === 'number' && (lost === null || typeof lost === 'number');
}
