/**
 * Brings one file from the Hub into a partial file: in parts over several connections, resumed where it stopped, hashed on the
 * way, and checked before it answers. What answers and failures mean is decided in `transfer-state.ts`; the doing of
 * one pass over the file is in `parallel-parts.ts`.
 */
import { addRange, coveredBytes, prefixBytes, type ByteRange } from './byte-ranges.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import { formatBytes } from '../../base/format.ts';
import { openFileHasher, type FileHasher } from './file-hasher.ts';
import { fetchParts } from './parallel-parts.ts';
import type { TransferContext, TransferOrder } from './order.ts';
import type { PartSink } from './part-attempt.ts';
import { openPartialFile, type PartialFile } from './partial-file.ts';

/**
 * Fetches the file. When it answers, `partialFile` holds exactly the bytes with the hash, on the disk. What came stays for
 * the next call when it throws, except after hub.hash_mismatch. Throws hub.*, the signal's reason, and what the file
 * system throws.
 */
export async function transfer(context: TransferContext, order: TransferOrder): Promise<void> {
  const { sizeBytes, hash, signal, log } = order;
  const file = await openPartialFile(order.partialFile, sizeBytes, context.openFile);
  const hasher = openFileHasher(order.partialFile, hash.kind, sizeBytes);
  try {
    if (file.doneBytes > 0) log(`${formatBytes(file.doneBytes)} of ${formatBytes(sizeBytes)} are here already.`);
    hasher.upTo(prefixBytes(file.done));
    const began = { atMs: performance.now(), doneBytes: file.doneBytes };
    await fetchParts(context, order, fileSink(file, hasher));
    const seconds = (performance.now() - began.atMs) / 1000;
    const gotBytes = sizeBytes - began.doneBytes;
    if (gotBytes > 0)
      log(
        `${formatBytes(gotBytes)} came in ${seconds.toFixed(1)} s (${formatBytes(gotBytes / Math.max(0.001, seconds))}/s).`,
      );
    if ((await digestOf(order, hasher)) !== hash.hex) await mend(context, order, file, hasher);
    log('The hash is right.');
    await file.finish();
    signal.throwIfAborted();
  } catch (error) {
    // Bytes with the wrong hash would only fail again.
    if (error instanceof AppError && error.code === 'hub.hash_mismatch') await file.reset().catch(() => {});
    throw error;
  } finally {
    await hasher.close();
    await file.close();
  }
}

/** The file itself takes the bytes, and the hash follows. */
function fileSink(file: PartialFile, hasher: FileHasher): PartSink {
  return {
    get done() {
      return file.done;
    },
    get entityTag() {
      return file.entityTag;
    },
    set entityTag(tag) {
      file.entityTag = tag;
    },
    phase: 'receiving',
    async write(position, bytes) {
      const before = prefixBytes(file.done);
      await file.write(position, bytes);
      const after = prefixBytes(file.done);
      if (after > before) hasher.upTo(after);
    },
    async reset() {
      await hasher.reset();
      await file.reset();
    },
  };
}

/**
 * The hash is wrong and the Hub gives none of parts: the file is fetched once more and compared with what is here. What
 * differs is named and replaced. Throws hub.hash_mismatch when that did not help.
 */
async function mend(
  context: TransferContext,
  order: TransferOrder,
  file: PartialFile,
  hasher: FileHasher,
): Promise<void> {
  const { sizeBytes, hash, log, repoId, path } = order;
  log('The hash is wrong. Every part is fetched once more and compared.');
  let checked: readonly ByteRange[] = [];
  let wrong: readonly ByteRange[] = [];
  await fetchParts(context, order, {
    get done() {
      return checked;
    },
    entityTag: null,
    phase: 'verifying',
    async write(position, bytes) {
      const end = position + bytes.byteLength;
      const here = Buffer.alloc(bytes.byteLength);
      await file.read(position, here);
      if (!here.equals(bytes)) {
        await file.write(position, bytes);
        wrong = addRange(wrong, { start: position, end });
      }
      checked = addRange(checked, { start: position, end });
    },
    reset() {
      checked = [];
      return Promise.resolve();
    },
  });
  const first = wrong[0];
  if (first === undefined) {
    const sentence =
      'The Hub sends the same bytes twice, and they are not the file that it lists. They were thrown away.';
    log(sentence);
    throw new AppError('hub.hash_mismatch', sentence, { repoId, path });
  }
  const names = wrong.slice(0, 4).map(({ start, end }) => `${String(start)} to ${String(end - 1)}`);
  const more = wrong.length > 4 ? ` and ${String(wrong.length - 4)} more places` : '';
  log(`${formatBytes(coveredBytes(wrong))} differed and were replaced: bytes ${names.join(', ')}${more}.`);
  await hasher.reset();
  hasher.upTo(sizeBytes);
  if ((await digestOf(order, hasher)) === hash.hex) return;
  throw new AppError(
    'hub.hash_mismatch',
    `What was received is not the file that the Hub lists, also after bytes ${names.join(', ')}${more} were fetched again. It was thrown away.`,
    { repoId, path, startBytes: first.start, endBytes: first.end },
  );
}

async function digestOf({ signal, sizeBytes, onProgress }: TransferOrder, hasher: FileHasher): Promise<string> {
  const tell = (): void => {
    const percent = Math.floor((hasher.hashedBytes / Math.max(1, sizeBytes)) * 100);
    onProgress({ phase: 'verifying', doneBytes: sizeBytes, parts: [], detail: { code: 'hashing', percent } });
  };
  onProgress({ phase: 'verifying', doneBytes: sizeBytes, parts: [], detail: null });
  const timer = setInterval(tell, 200);
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason as Error);
  signal.addEventListener('abort', abort);
  try {
    signal.throwIfAborted();
    return await Promise.race([hasher.digest(), aborted]);
  } finally {
    clearInterval(timer);
    signal.removeEventListener('abort', abort);
  }
}
