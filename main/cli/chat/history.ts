/** What was typed in chats of the terminal, for the up key: a file of the data folder that only the user can read. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseBoundedJson } from '../../base/bounded-json.ts';

export const MAX_ENTRIES = 500;
/** A pasted document is not typed again by the up key. */
const MAX_ENTRY_LENGTH = 4000;

const historyFile = (dataFolder: string): string => path.join(dataFolder, 'chat-history.json');

/** The entries, the newest first. Never throws: without a readable file there are none. */
export function readHistory(dataFolder: string): string[] {
  try {
    const value = parseBoundedJson(readFileSync(historyFile(dataFolder), 'utf8'));
    if (!Array.isArray(value)) return [];
    return kept(value.filter((one): one is string => typeof one === 'string'));
  } catch {
    return [];
  }
}

/** Adds the entries of this chat, the newest first, before those that are there now: another chat may have written meanwhile. Never throws. */
export function addToHistory(dataFolder: string, entries: readonly string[]): void {
  const all = kept([...entries, ...readHistory(dataFolder)]);
  const file = historyFile(dataFolder);
  const fresh = `${file}.${process.pid}.new`;
  try {
    mkdirSync(dataFolder, { recursive: true });
    writeFileSync(fresh, JSON.stringify(all), { mode: 0o600 });
    renameSync(fresh, file);
  } catch {
    // A full disk takes the up key's memory, not the chat.
    rmSync(fresh, { force: true });
  }
}

/** Each once, where it was last typed. */
const kept = (entries: readonly string[]): string[] =>
  [...new Set(entries.filter((one) => one.trim() !== '' && one.length <= MAX_ENTRY_LENGTH))].slice(0, MAX_ENTRIES);
