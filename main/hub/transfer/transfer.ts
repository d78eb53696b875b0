/**
 * Downloads one file from the Hub into a partial file: in segments over several connections, resumed where it stopped, hashed while
 * it arrives, and checked at the end. `transfer-state.ts` decides what responses and failures mean, `parallel-segments.ts` runs
 * one pass over the file.
 */
import { addRange, coveredBytes, prefixBytes, type ByteRange } from './byte-ranges.ts';
import { AppError } from '../../../preload/wire/errors.ts';
import { formatBytes } from '../../base/format.ts';
import { digestOf } from './digest.ts';
import { openFileHasher, type FileHasher } from './file-hasher.ts';
import { fetchSegments } from './segments/parallel-segments.ts';
import type { TransferContext, TransferOrder } from './order.ts';
import type { SegmentSink } from './segments/pass.ts';
import { openPartialFile, type PartialFile } from './partial-file.ts';

/**
 * Fetches the file. When it resolves, `partialFile` is on the disk and has the expected hash. When it throws, the received bytes
 * stay for the next call, except after hub.hash_mismatch. Throws hub.*, the signal's reason, and file system errors.
 */
export async function transfer(context: TransferContext, order: TransferOrder): Promise<void> {
  const { sizeBytes, hash, signal, log } = order;
  const file = await openPartialFile(order.partialFile, sizeBytes, context.openFile);
  const hasher = openFileHasher(order.partialFile, hash.kind, sizeBytes);
  try {
    if (file.doneBytes > 0) log(`${formatBytes(file.doneBytes)} of ${formatBytes(sizeBytes)} were received before.`);
    hasher.upTo(prefixBytes(file.done));
    const began = { atMs: performance.now(), doneBytes: file.doneBytes };
    await fetchSegments(context, order, fileSink(file, hasher));
    const seconds = (performance.now() - began.atMs) / 1000;
    const gotBytes = sizeBytes - began.doneBytes;
    if (gotBytes > 0)
      log(
        `Received ${formatBytes(gotBytes)} in ${seconds.toFixed(1)} s (${formatBytes(gotBytes / Math.max(0.001, seconds))}/s).`,
      );
    if ((await digestOf(order, hasher)) !== hash.hex) await mend(context, order, file, hasher);
    log('The hash is right.');
    await file.finish();
    signal.throwIfAborted();
  } catch (error) {
    // Resuming from bytes with the wrong hash would only fail again.
    if (error instanceof AppError && error.code === 'hub.hash_mismatch') await file.reset().catch(() => {});
    throw error;
  } finally {
    await hasher.close();
    await file.close();
  }
}

/** Writes into the partial file and lets the hasher follow the contiguous beginning of it. */
function fileSink(file: PartialFile, hasher: FileHasher): SegmentSink {
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
 * Repairs a file with the wrong hash. The Hub gives no hashes of pieces, so the whole file is fetched again and compared; ranges that
 * differ are logged and replaced. Throws hub.hash_mismatch when the hash is still wrong.
 */
async function mend(
  context: TransferContext,
  order: TransferOrder,
  file: PartialFile,
  hasher: FileHasher,
): Promise<void> {
  const { sizeBytes, hash, log, repoId, path } = order;
  log('The hash is wrong. The file is fetched again and compared.');
  let checked: readonly ByteRange[] = [];
  let wrong: readonly ByteRange[] = [];
  await fetchSegments(context, order, {
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
    const sentence = 'The Hub sent the same bytes twice, and they are not the file that it lists. They were discarded.';
    log(sentence);
    throw new AppError('hub.hash_mismatch', sentence, { repoId, path });
  }
  const names = wrong.slice(0, 4).map(({ start, end }) => `${String(start)} to ${String(end - 1)}`);
  const more = wrong.length > 4 ? ` and ${String(wrong.length - 4)} more ranges` : '';
  log(`${formatBytes(coveredBytes(wrong))} differed and were replaced: bytes ${names.join(', ')}${more}.`);
  await hasher.reset();
  hasher.upTo(sizeBytes);
  if ((await digestOf(order, hasher)) === hash.hex) return;
  throw new AppError(
    'hub.hash_mismatch',
    `What was received is not the file that the Hub lists, also after bytes ${names.join(', ')}${more} were fetched again. It was discarded.`,
    { repoId, path, startBytes: first.start, endBytes: first.end },
  );
}
