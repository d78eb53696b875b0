/** Quantizes models in a native child, into a folder of its own, from which the finished files are moved to their place. */
import { createHash } from 'node:crypto';
import { mkdir, open, readdir, realpath, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { AppError, isAppError } from '../../../preload/wire/errors.ts';
import type { QuantizeEvent, QuantizePlan, QuantizeRequest, QuantizeSettings } from '../../../native/protocol.ts';
import { freeDiskBytes } from '../../base/disk.ts';
import { parseShard } from '../../model-file/shards.ts';
import { moveSynced } from '../written-file.ts';
import { whileUnchanged } from '../unchanged-files.ts';
import { inNativeChild, type NativeWorkOptions } from '../native-work.ts';

export type QuantizeProgress =
  | Exclude<QuantizeEvent, { type: 'done' }>
  /** The paths of the finished files. */
  | { readonly type: 'done'; readonly files: readonly { readonly path: string; readonly sizeBytes: number }[] };

export interface Quantizer {
  /**
   * What a quantization would give: the types of all tensors and the exact size. Throws `convert.unsupported` or `convert.invalid` with
   * `data.reason` for what cannot be quantized in this way, `model.*` for a broken file, `unsupported` for unknown libraries, `cancelled`.
   */
  plan(settings: QuantizeSettings, signal: AbortSignal): Promise<QuantizePlan>;
  /**
   * Writes `outputPath`, or the shards of that name. It gets its files when all of them are complete and synced; a cancelled or failed work
   * leaves nothing. Throws as `plan`, and `model.corrupt` (`reason: 'changed'`) for a model that changes meanwhile, `disk.full` before
   * anything is written or when others fill the disk meanwhile, `busy` for an output that is being written.
   */
  quantize(request: QuantizeRequest, signal: AbortSignal): AsyncGenerator<QuantizeProgress>;
}

/** Free space that an output must leave on its disk. */
const SPARE_BYTES = 64 * 2 ** 20;

export function createQuantizer(options: NativeWorkOptions & { readonly freeBytes?: typeof freeDiskBytes }): Quantizer {
  const freeBytes = options.freeBytes ?? freeDiskBytes;
  const underWay = new Set<string>();

  async function* write(request: QuantizeRequest, signal: AbortSignal): AsyncGenerator<QuantizeProgress> {
    const folder = path.dirname(request.outputPath);
    // A plain name, whatever the model is called.
    const hash = createHash('sha256').update(request.outputPath).digest('hex').slice(0, 8);
    const scratch = path.join(folder, `.quantize-${hash}.incomplete`);
    await rm(scratch, { recursive: true, force: true });
    let neededBytes = 0;
    const disk = createEarlySync(scratch);
    try {
      const events = inNativeChild(options, scratch, signal, async function* (client) {
        neededBytes = (await client.call('native.plan', request, { signal })).sizeBytes;
        await checkSpace(folder, neededBytes, SPARE_BYTES);
        await mkdir(scratch, { recursive: true });
        yield* client.stream(
          'native.quantize',
          { ...request, outputPath: path.join(scratch, 'model.gguf') },
          { signal },
        );
      });
      for await (const event of whileUnchanged(modelsOf(request), events))
        if (event.type === 'done') {
          await disk.settled();
          yield { type: 'done', files: await moveInto(request.outputPath, scratch, event.files) };
        } else {
          disk.consider(event.doneBytes);
          yield event;
        }
    } catch (error) {
      // Of a write that failed the library does not say why.
      if (isAppError(error, 'convert.unsupported') && error.data?.['reason'] === 'library')
        await checkSpace(folder, neededBytes - (await writtenBytes(scratch)), 0);
      throw error;
    } finally {
      // Windows deletes no file that is open.
      await disk.settled();
      await rm(scratch, { recursive: true, force: true });
    }
  }

  async function checkSpace(folder: string, bytes: number, spareBytes: number): Promise<void> {
    const free = await freeBytes(folder);
    if (free === null || free >= bytes + spareBytes) return;
    throw new AppError('disk.full', 'There is not enough space on the disk for the quantized model.', {
      neededBytes: bytes + SPARE_BYTES,
      freeBytes: free,
    });
  }

  return {
    async plan(settings, signal) {
      const plans = inNativeChild(options, null, signal, async function* (client) {
        yield await client.call('native.plan', settings, { signal });
      });
      for await (const plan of plans) return plan;
      throw new AppError('cancelled', 'Cancelled.');
    },
    async *quantize(request, signal) {
      const output = path.resolve(request.outputPath);
      if ((await realpath(output).catch(() => null)) === (await realpath(request.inputPath)))
        throw new AppError('invalid_input', 'A model cannot be quantized onto itself.', { field: 'outputPath' });
      if (underWay.has(output)) throw new AppError('busy', 'This model is being written already.');
      underWay.add(output);
      try {
        yield* write({ ...request, outputPath: output }, signal);
      } finally {
        underWay.delete(output);
      }
    },
  };
}

/** Between two syncs of what is written so far, so that the disk works beside the processor and the last wait for it is short. */
const SYNC_EVERY_BYTES = 64 * 2 ** 20;

/** Syncs the files of a folder from time to time while they grow. What goes wrong here, the last sync tells. */
function createEarlySync(folder: string): { consider(doneBytes: number): void; settled(): Promise<void> } {
  let syncedBytes = 0;
  let running: Promise<void> | null = null;
  async function sync(): Promise<void> {
    for (const name of await readdir(folder)) {
      // Without the file's times, whose sync each 64 MiB costs a tenth of the time.
      const handle = await open(path.join(folder, name), 'r+');
      await handle.datasync().finally(() => handle.close());
    }
  }
  return {
    consider(doneBytes) {
      if (running !== null || doneBytes - syncedBytes < SYNC_EVERY_BYTES) return;
      syncedBytes = doneBytes;
      running = sync()
        .catch(() => {})
        .finally(() => (running = null));
    },
    async settled() {
      await running;
    },
  };
}

/** The bytes of the files in a folder; 0 where there is none. */
async function writtenBytes(folder: string): Promise<number> {
  const names = await readdir(folder).catch((): string[] => []);
  const sizes = await Promise.all(names.map(async (name) => (await stat(path.join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** The files that a quantization reads: the model, and its importance matrix. */
const modelsOf = ({ inputPath, imatrixPath = null }: QuantizeSettings): string[] =>
  imatrixPath === null ? [inputPath] : [inputPath, imatrixPath];

type Written = readonly { readonly name: string; readonly sizeBytes: number }[];

/** Syncs the files and moves them from `scratch` to their names. The first shard, by which a model is found, comes last. */
async function moveInto(
  outputPath: string,
  scratch: string,
  files: Written,
): Promise<{ path: string; sizeBytes: number }[]> {
  const moves = files.map(({ name, sizeBytes }) => {
    const shard = parseShard(name);
    const suffix = shard === null ? '' : /-\d{5}-of-\d{5}(?=\.gguf$)/.exec(name)?.[0];
    return { from: path.join(scratch, name), to: outputPath.replace(/\.gguf$/i, `${suffix ?? ''}.gguf`), sizeBytes };
  });
  await moveSynced(moves);
  return moves.map(({ to, sizeBytes }) => ({ path: to, sizeBytes }));
}
