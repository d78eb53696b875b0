/** SQLite: opening, migrating, and the one place where its errors become AppErrors. */
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { AppError, isAppError } from '../../preload/wire/errors.ts';
import { systemCode } from '../../preload/wire/disk-error.ts';
import { readJson } from './json.ts';
import { tellAccount, type SalvageAccount } from './salvage/account.ts';
import { assertSound, assertUsable, isMarkedDamaged, markDamaged, removeDamageMark } from './salvage/damage.ts';
import { deleteOldCopies } from './salvage/old-copies.ts';
import { finishSalvage, salvage } from './salvage/salvage.ts';
import { isPageDamage, storeError } from './store-error.ts';
import { storeFile } from './store-file.ts';

export type Store = Database.Database;

interface Migration {
  readonly number: number;
  readonly sql: string;
}

/** Time that a start waits for another program with a lock on the database, such as a backup. A late start is better than a failed one. */
const OPENING_BUSY_TIMEOUT_MS = 5000;
/** The same for a write of the running app. It blocks main's only thread. */
const BUSY_TIMEOUT_MS = 250;
/** Number of backups; older ones are deleted when a new one is made. */
const KEPT_BACKUPS = 3;

/** The migrations in `folder`, `NNNN-slug.sql`, in order. @throws AppError `internal` when a number is missing. */
export function readMigrations(folder: string): readonly Migration[] {
  const names = readdirSync(folder)
    .filter((name) => /^\d{4}-[a-z0-9-]+\.sql$/.test(name))
    .sort();
  return names.map((name, index) => {
    const number = Number(name.slice(0, 4));
    if (number !== index + 1) throw new AppError('internal', `The migration ${name} is out of order.`);
    return { number, sql: readFileSync(path.join(folder, name), 'utf8') };
  });
}

/**
 * Opens `hearth.db` in `dataFolder`, which is created when missing, and migrates it to the newest schema. Before existing data is
 * migrated, a complete copy is saved beside it. A damaged database is replaced by a salvaged copy, which `onSalvaged` is told of. One
 * process at a time can use a data folder; the system releases its lock with the process. Until `endOpening` a write waits 5 seconds for
 * another program with a lock on the database.
 * @throws AppError `store.in_use`, `store.newer_schema`, `store.corrupt`, `disk.full`, `disk.denied`.
 */
export function openStore(
  dataFolder: string,
  migrationsFolder: string,
  onSalvaged: (account: SalvageAccount) => void = () => {},
): Store {
  let lock: Store | undefined;
  let opened: Store | undefined;
  try {
    mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
    lock = takeLock(path.join(dataFolder, 'hearth.lock'));
    const heldLock = lock;
    const file = storeFile(dataFolder);
    const migrations = readMigrations(migrationsFolder);
    finishSalvage(file);
    assertUsable(file);
    deleteOldCopies(dataFolder);
    // Created here with mode 0600, because chats are private: SQLite gives its journal files the mode of the database.
    closeSync(openSync(file, 'a', 0o600));
    try {
      if (isMarkedDamaged(file)) assertSound(file);
      opened = openFile(file, migrations, dataFolder, true);
    } catch (error) {
      if (!isPageDamage(error)) throw error;
      salvage(file, (empty, version) => {
        for (const migration of migrations.slice(0, version)) empty.exec(migration.sql);
        empty.pragma(`user_version = ${version}`);
      });
      // The damaged file is the copy from before, and one of an earlier try may be the better one.
      opened = openFile(file, migrations, dataFolder, false);
    }
    // Also of a salvage by an earlier process, which ended before it told.
    tellAccount(file, onSalvaged);
    removeDamageMark(file);
    const store = opened;
    const close = store.close.bind(store);
    store.close = () => {
      close();
      heldLock.close();
      return store;
    };
    return store;
  } catch (error) {
    opened?.close();
    lock?.close();
    throw storeError(error);
  }
}

function openFile(file: string, migrations: readonly Migration[], dataFolder: string, withBackup: boolean): Store {
  const store = new Database(file, { timeout: OPENING_BUSY_TIMEOUT_MS });
  try {
    store.pragma('journal_mode = WAL');
    // FULL: a reply that was reported as stored also survives a power cut.
    store.pragma('synchronous = FULL');
    // Deleted content is overwritten with zeros and does not stay in free pages.
    store.pragma('secure_delete = ON');
    // Off while tables are made anew: a table that is dropped would take along the rows of other programs that refer to it.
    store.pragma('foreign_keys = OFF');
    store.unsafeMode(true);
    migrate(store, migrations, withBackup ? dataFolder : null);
    store.unsafeMode(false);
    store.pragma('foreign_keys = ON');
    // What every start reads whole. Damage to it is found here, where it can be salvaged.
    for (const table of ['settings', 'jobs', 'chats'])
      for (const _row of store.prepare(`SELECT * FROM ${table}`).iterate());
    emptyJournal(store); // An earlier process was killed, perhaps right after a deletion.
    return store;
  } catch (error) {
    store.close();
    throw error;
  }
}

/**
 * Empties the journal, where the words of a deleted chat would stay as long as the app runs. False while another program reads the
 * database: its reader still needs the journal.
 */
export function emptyJournal(store: Store): boolean {
  const [result] = mapped(store, () => store.pragma('wal_checkpoint(TRUNCATE)')) as { readonly busy: number }[];
  return result?.busy === 0;
}

/** The app runs: from here on a write waits a quarter of a second for another program that holds the database. */
export function endOpening(store: Store): void {
  store.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
}

/** Reads a setting from another process, without holding the data folder; undefined when there is none. */
export function peekSetting(dataFolder: string, key: string): unknown {
  const [row] = peek<{ readonly value: string }>(
    dataFolder,
    'settings',
    'SELECT value FROM settings WHERE key = ?',
    key,
  );
  return readJson(row?.value);
}

/** The rows of a query, read from another process without holding the data folder; none where there is no such table yet. */
export function peek<Row>(
  dataFolder: string,
  table: string,
  sql: string,
  ...values: readonly string[]
): readonly Row[] {
  const file = storeFile(dataFolder);
  if (!existsSync(file)) return [];
  try {
    const store = new Database(file, { readonly: true });
    try {
      // A first start that was killed leaves a file without tables, and an older version one without this table.
      return hasTable(store, table) ? (store.prepare(sql).all(...values) as Row[]) : [];
    } finally {
      store.close();
    }
  } catch (error) {
    throw storeError(error);
  }
}

/** An exclusive SQLite lock on a separate file. The system releases it when the process ends, also by kill -9. */
function takeLock(file: string): Store {
  const lock = new Database(file, { timeout: 0 });
  try {
    lock.pragma('locking_mode = EXCLUSIVE');
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    if (systemCode(error).startsWith('SQLITE_BUSY'))
      throw new AppError(
        'store.in_use',
        'Hearth is already running with this data folder. Use that window, or give this one another HEARTH_DATA_DIR.',
      );
    throw error;
  }
}

/** Without `dataFolder` no copy is saved. */
function migrate(store: Store, migrations: readonly Migration[], dataFolder: string | null): void {
  const version = store.pragma('user_version', { simple: true }) as number;
  if (version < 0 || (version === 0 && hasTable(store, 'settings')))
    throw new AppError(
      'store.corrupt',
      'The file hearth.db in the data folder was not written by Hearth, or is damaged. Move it away to start without chats.',
      { reason: 'foreign', version },
    );
  if (version > migrations.length)
    throw new AppError(
      'store.newer_schema',
      'These chats were written by a newer version of Hearth. Update Hearth to open them; nothing was changed.',
      {
        found: version,
        known: migrations.length,
      },
    );
  const pending = migrations.slice(version);
  if (pending.length === 0) return;
  const backup = version > 0 && dataFolder !== null ? backUp(store, dataFolder, version) : null;
  for (const migration of pending) {
    // One transaction for each migration, with its version number: after an interruption the next start continues. It asks for the
    // lock at once, because SQLite does not wait for a lock in a transaction that has read before.
    try {
      store
        .transaction(() => {
          const before = danglingReferences(store);
          store.exec(migration.sql);
          const [table] =
            [...danglingReferences(store)].find(([table, count]) => count > (before.get(table) ?? 0)) ?? [];
          if (table !== undefined) throw new Error(`${table} would refer to rows that are gone`);
          store.pragma(`user_version = ${migration.number}`);
        })
        .immediate();
    } catch (error) {
      throw migrationError(error, migration.number, backup);
    }
  }
}

const hasTable = (store: Store, name: string): boolean =>
  store.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(name) !== undefined;

/** Number of rows of each table with a broken reference. A migration may not increase it; other programs' tables may have some before. */
function danglingReferences(store: Store): Map<string, number> {
  const tables = store.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0").pluck().all();
  const dangling = store.prepare('SELECT count(*) FROM pragma_foreign_key_check(?)').pluck();
  const counts = new Map<string, number>();
  for (const table of tables as string[]) {
    try {
      counts.set(table, dangling.get(table) as number);
    } catch (error) {
      // Another program's reference to a column that is no key: SQLite cannot check such a table.
      if (systemCode(error) !== 'SQLITE_ERROR') throw error;
    }
  }
  return counts;
}

/** The error of a failed migration. A full disk and a missing permission keep their codes; all other errors come from the data. */
function migrationError(error: unknown, migration: number, backup: string | null): Error {
  const known = storeError(error);
  if (isAppError(known) && known.code !== 'store.corrupt') return known;
  return new AppError(
    'store.corrupt',
    backup === null
      ? `The file for the chats could not be set up (step ${migration}: ${known.message}).`
      : `The file with the chats could not be brought to the form of this version (step ${migration}: ${known.message}). ` +
          `A copy from before is ${backup} in the data folder.`,
    { reason: 'migration', migration, ...(backup !== null && { backup }) },
    { cause: error },
  );
}

/** Saves a complete copy beside the database and returns its file name. */
function backUp(store: Store, dataFolder: string, version: number): string {
  const name = backupName(dataFolder, `hearth-before-${String(version + 1).padStart(4, '0')}`);
  const target = path.join(dataFolder, name);
  // An earlier copy is replaced only by a complete one, because the database may be damaged and that copy the only good one.
  const incomplete = `${target}.incomplete`;
  rmSync(incomplete, { force: true });
  try {
    // Created here with mode 0600, because SQLite would make it readable for others.
    closeSync(openSync(incomplete, 'wx', 0o600));
    store.prepare('VACUUM INTO ?').run(incomplete);
    renameSync(incomplete, target);
  } finally {
    rmSync(incomplete, { force: true });
  }
  const backups = filesOf(dataFolder, /^hearth-before-\d{4}(-\d+)?\.db$/).sort();
  for (const old of backups.slice(0, -KEPT_BACKUPS)) rmSync(path.join(dataFolder, old));
  return name;
}

const filesOf = (folder: string, pattern: RegExp): string[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && pattern.test(entry.name))
    .map((entry) => entry.name);

/** A name that no folder has, and none of an incomplete copy. */
function backupName(dataFolder: string, stem: string): string {
  const isFolder = (name: string): boolean =>
    statSync(path.join(dataFolder, name), { throwIfNoEntry: false })?.isDirectory() === true;
  for (let number = 1; ; number++) {
    const name = number === 1 ? `${stem}.db` : `${stem}-${String(number)}.db`;
    if (!isFolder(name) && !isFolder(`${name}.incomplete`)) return name;
  }
}

/** Stores whose indexes of words were built again by this process. */
const rebuilt = new WeakSet<Store>();

/**
 * Runs `work` in one transaction. When it fails because an index of words is damaged, the indexes are built again from the texts, once
 * in a process, and `work` is run again. @throws AppError as of `storeError`.
 */
export function transaction<T>(store: Store, work: () => T): T {
  try {
    return store.transaction(work)();
  } catch (error) {
    const code = systemCode(isAppError(error) ? error.cause : error);
    if (code === 'SQLITE_CORRUPT_VTAB' && !store.inTransaction && !rebuilt.has(store)) {
      rebuilt.add(store);
      return mapped(store, () => {
        for (const name of ['texts_fts', 'titles_fts', 'unspaced_fts'])
          store.exec(`INSERT INTO ${name} (${name}) VALUES ('rebuild')`);
        return store.transaction(work)();
      });
    }
    if (isPageDamage(error)) markDamaged(store.name);
    throw storeError(error);
  }
}

/** A prepared statement. Its errors are those of `storeError`. */
export interface Statement {
  get(...values: unknown[]): unknown;
  all(...values: unknown[]): unknown[];
  run(...values: unknown[]): Database.RunResult;
}

const statements = new WeakMap<Store, Map<string, Statement>>();

/**
 * A prepared statement, cached by database and text. `rows` says what a row is: an object by column, a list, or its first column alone.
 * @throws AppError as of `storeError`.
 */
export function statement(store: Store, sql: string, rows: 'objects' | 'lists' | 'values' = 'objects'): Statement {
  let cache = statements.get(store);
  if (!cache) statements.set(store, (cache = new Map<string, Statement>()));
  const key = `${rows} ${sql}`;
  let prepared = cache.get(key);
  if (!prepared) cache.set(key, (prepared = prepare(store, sql, rows)));
  return prepared;
}

function prepare(store: Store, sql: string, rows: 'objects' | 'lists' | 'values'): Statement {
  const native = mapped(store, () => store.prepare(sql));
  if (rows === 'lists') native.raw();
  if (rows === 'values') native.pluck();
  return {
    get: (...values) => mapped(store, () => native.get(...values)),
    all: (...values) => mapped(store, () => native.all(...values)),
    run: (...values) => mapped(store, () => native.run(...values)),
  };
}

function mapped<T>(store: Store, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (isPageDamage(error)) markDamaged(store.name);
    throw storeError(error);
  }
}
