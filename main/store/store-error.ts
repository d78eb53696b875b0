/** What errors of SQLite and the file system mean for the app. */
import { AppError, isAppError } from '../../preload/wire/errors.ts';
import { diskErrorCode, systemCode } from '../../preload/wire/disk-error.ts';

/** The AppError for an error of SQLite or the file system. AppErrors are returned unchanged. */
export function storeError(error: unknown): Error {
  if (isAppError(error)) return error;
  const code = systemCode(error);
  const diskCode = diskErrorCode(error);
  if (diskCode === 'disk.full')
    return new AppError(
      'disk.full',
      'The disk is full, so this could not be saved. Free some space; Hearth keeps unsaved text in memory.',
      { reason: 'database' },
    );
  if (code === 'SQLITE_NOTADB')
    return new AppError(
      'store.corrupt',
      'The file hearth.db in the data folder is not a database, or its beginning is damaged. Put a copy in its place, such as one ' +
        'that lies beside it, or move it away to start without chats.',
      { reason: 'not_a_database' },
      { cause: error },
    );
  if (code === 'SQLITE_CORRUPT' || code.startsWith('SQLITE_CORRUPT_'))
    return new AppError(
      'store.corrupt',
      'The file with the chats is damaged. When Hearth is started again, it saves what can still be read.',
      {},
      { cause: error },
    );
  if (diskCode === 'disk.denied')
    return new AppError('disk.denied', 'Hearth cannot write in its data folder.', { reason: 'data_folder' });
  if (code.startsWith('SQLITE_IOERR') || ['EIO', 'ELOOP', 'ENOTDIR', 'EISDIR'].includes(code))
    return new AppError('disk.denied', 'The disk with the data folder could not be read or written.', {
      reason: 'disk_failed',
      detail: code,
    });
  if (code.startsWith('SQLITE_BUSY') || code === 'SQLITE_LOCKED')
    return new AppError('busy', 'The database is busy. Try again.', { reason: 'database' });
  return error instanceof Error ? error : new Error(String(error));
}

/** Whether an error may be gone at the next try: a full disk, or another program with a lock on the database. */
export function isPassing(error: unknown): boolean {
  return isAppError(error, 'disk.full') || isAppError(error, 'busy');
}

/** Whether pages of the database are damaged, for which there is salvage. An index of words can be built again instead. */
export function isPageDamage(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    const code = systemCode(at);
    if (code === 'SQLITE_CORRUPT_VTAB') return false;
    if (code === 'SQLITE_CORRUPT' || code.startsWith('SQLITE_CORRUPT_')) return true;
  }
  return false;
}
