/** What the errors of the file system and of SQLite say about a disk. No other file lists these codes. */

/** A quota counts as a full disk. SQLite has codes of its own for a write and for a shared memory file that found no space. */
const fullCodes = ['ENOSPC', 'EDQUOT', 'SQLITE_FULL', 'SQLITE_IOERR_WRITE', 'SQLITE_IOERR_SHMSIZE'];
const deniedCodes = ['EACCES', 'EPERM', 'EROFS'];

/** The code of an error of SQLite or the system; empty for others. */
export function systemCode(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  return typeof code === 'string' ? code : '';
}

/** The code of the AppError for a write that failed with `error`; null when the disk is neither full nor read-only. */
export function diskErrorCode(error: unknown): 'disk.full' | 'disk.denied' | null {
  const code = systemCode(error);
  if (fullCodes.includes(code)) return 'disk.full';
  return deniedCodes.includes(code) || /^SQLITE_(READONLY|CANTOPEN)/.test(code) ? 'disk.denied' : null;
}
