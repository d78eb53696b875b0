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

/** A process has a limit of files that are open at once, and the system has one for all processes. */
const openFilesCodes = ['EMFILE', 'ENFILE'];
/** The disk is gone or failing, or the path cannot lead anywhere on it. */
const failedCodes = ['EIO', 'ENXIO', 'ENODEV', 'ESTALE', 'ELOOP', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG'];
/** Calls of the system that meet no file, though their errors have some of the same codes. */
const otherCalls = /^(connect|listen|bind|getaddrinfo|kill|spawn)/;

/** What an error of the file system is for a caller; null for every other error. Never contains a path. */
export function diskErrorBody(error: unknown): {
  readonly code: 'disk.full' | 'disk.denied' | 'busy';
  readonly message: string;
  readonly data?: Readonly<Record<string, string>>;
} | null {
  const detail = systemCode(error);
  const call = error instanceof Error && 'syscall' in error ? String(error.syscall) : '';
  if (detail === '' || otherCalls.test(call)) return null;
  if (openFilesCodes.includes(detail))
    return {
      code: 'busy',
      message: 'Too many files are open at once. Close other programs, then try again.',
      data: { reason: 'open_files', detail },
    };
  if (failedCodes.includes(detail))
    return {
      code: 'disk.denied',
      message: `The disk could not be read or written (${detail}).`,
      data: { reason: 'system', detail },
    };
  const code = diskErrorCode(error);
  if (code === 'disk.full') return { code, message: 'The disk is full.' };
  return (
    code && { code, message: `The system does not allow this file or folder to be used (${detail}).`, data: { detail } }
  );
}
