/**
 * Another process on the same cache. Arguments: `publish` FOLDER COUNT adds files; `delete` FOLDER COUNT deletes the
 * same files repeatedly; `move` FROM TO moves the cache and stops in the middle, to be killed; `python-lock` FILE holds
 * the lock until then; `join` FOLDER FILES MARK joins pieces, writes its first phase to the file MARK and kills itself.
 */
import { createHash } from 'node:crypto';
import { renameSync, writeFileSync } from 'node:fs';
import { open, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tryLock } from '../../main/base/file-lock.ts';
import { publish, removeCachedFile } from '../../main/hub/cache/cache.ts';
import { joinPieces } from '../../main/hub/cache/join-pieces.ts';
import type { RemoteFile } from '../../main/hub/cache/remote-file.ts';
import { inFolderOf } from '../../main/base/in-folder.ts';
import { tryPythonLock } from '../../main/hub/cache/python-lock.ts';
import { blobPath, lockPath } from '../../main/hub/cache/cache-paths.ts';
import { moveCache } from '../../main/library/storage/move.ts';

const [act = '', folder = '', more = '', mark = ''] = process.argv.slice(2);
const repoId = 'owner/name';
const commit = 'd'.repeat(40);

switch (act) {
  case 'publish':
    for (let index = 0; index < Number(more); index++) {
      const bytes = `content ${index % 10}`;
      const blob = createHash('sha256').update(bytes).digest('hex');
      const lock = await tryLock(join(folder, lockPath(repoId, blob)));
      if (lock === null) continue;
      const file = join(folder, blobPath(repoId, blob));
      await inFolderOf(file, () => writeFile(`${file}.${process.pid}`, bytes));
      await rename(`${file}.${process.pid}`, file);
      await publish(folder, { repoId, commit, path: `file-${index % 20}.gguf`, blob }, 'main');
      await lock.release();
    }
    break;
  case 'delete':
    for (let index = 0; index < Number(more); index++)
      await removeCachedFile(folder, { repoId, path: `file-${(index * 7) % 20}.gguf`, commit: null });
    break;
  case 'move': {
    let files = 0;
    await moveCache(
      {
        from: folder,
        to: more,
        freeDiskBytes: async () => null,
        isInUse: () => false,
        switchOver: async () => {},
        record: () => {},
        recorded: () => [],
      },
      {
        signal: new AbortController().signal,
        progress: () => {},
        detail: () => {
          if (++files < 6) return;
          process.stdout.write('in the middle\n');
          // Time to be killed in.
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
        },
        log: () => {},
      },
    );
    break;
  }
  case 'python-lock':
    if ((await tryPythonLock(folder)) === null) throw new Error('Somebody holds it.');
    process.stdout.write('held\n');
    setInterval(() => {}, 1000);
    break;
  case 'join':
    await joinPieces(folder, JSON.parse(more) as RemoteFile[], {
      ref: null,
      signal: new AbortController().signal,
      onProgress({ phase }) {
        writeFileSync(`${mark}.new`, phase);
        renameSync(`${mark}.new`, mark);
        process.kill(process.pid, 'SIGKILL');
      },
      clock: { now: Date.now, elapsedMs: () => performance.now(), sleep: async () => {} },
      openFile: open,
      renameFile: rename,
      makeLink: symlink,
      assertRoom: async () => {},
    });
    break;
  default:
    throw new Error(`There is no act "${act}".`);
}
