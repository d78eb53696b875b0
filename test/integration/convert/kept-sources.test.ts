/** What a cancelled conversion deletes of the cache: the files that it completed itself and that no other one needs. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import type { TransferContext, WorkOrder } from '../../../main/base/work.ts';
import { conversionSpecSchema } from '../../../main/convert/jobs/conversion-spec.ts';
import type { ConvertOptions } from '../../../main/convert/convert.ts';
import type { Job } from '../../../preload/contract/jobs.ts';
import { alone } from '../../support/alone.ts';
import { setUpConvert, type ConvertSetup } from '../../support/convert-setup.ts';
import { temporaryFolder } from '../../support/hub-setup.ts';

const order = {
  source: { kind: 'hub', repoId: 'owner/sharded', revision: 'main' },
  type: 'F16',
  keepSource: true,
  quantize: null,
} as const;
const never = new AbortController().signal;
const shards = [1, 2, 3].map((number) => `model-0000${String(number)}-of-00003.safetensors`);

interface Setup extends ConvertSetup {
  /** The order of a new conversion. */
  start(type: 'F16' | 'BF16' | 'Q8_0'): Promise<WorkOrder>;
  /** Runs an order; with `stopAt` until it has begun with this file. Resolves when the run has ended. */
  run(order: WorkOrder, stopAt?: string): Promise<void>;
  /** The shards in the cache. */
  stored(): string[];
  /** How often orders asked for their data to be stored. */
  kept(): number;
}

async function setUp(): Promise<Setup> {
  const folder = await temporaryFolder();
  const given: WorkOrder[] = [];
  let keepCount = 0;
  const options: Partial<ConvertOptions> = {
    ...{ convertedFolder: path.join(folder, 'converted'), workFolder: path.join(folder, 'converting') },
    jobs: { run: (one) => ({ jobId: String(given.push(one)) }) },
  };
  const setup = await setUpConvert({}, {}, options);
  // The small files come at once, and the shards slowly enough to be stopped.
  setup.server.setFault({ at: 'cdn', kind: 'rate', bytesPerSecond: 300_000, path: '**/*.safetensors' });
  return {
    ...setup,
    async start(type) {
      await setup.convert.start({ ...order, type }, never);
      const last = given.at(-1);
      if (last === undefined) throw new Error('There is no order.');
      return last;
    },
    async run(one, stopAt) {
      const stop = new AbortController();
      const context: TransferContext = {
        ...alone,
        signal: stop.signal,
        keep: () => void keepCount++,
        detail(detail) {
          // As a pause comes: not from within the work.
          if (detail?.code === 'conversion' && detail.name === stopAt) setImmediate(() => stop.abort());
        },
      };
      await one.run(context).catch((error: unknown) => {
        if (!stop.signal.aborted) throw error;
      });
    },
    stored: () => {
      const names = readdirSync(setup.cacheFolder, { recursive: true }).map((name) => path.basename(String(name)));
      return shards.filter((shard) => names.includes(shard));
    },
    kept: () => keepCount,
  };
}

it('keeps what another conversion completed, and removes what it received itself', async () => {
  const { start, run, stored } = await setUp();
  const first = await start('F16');
  await run(first, shards[0]);
  const second = await start('Q8_0');
  await run(second);
  expect(stored()).toEqual(shards);
  await first.discard?.();
  expect(stored()).toEqual(shards);
});

it('keeps what an unfinished conversion needs, until that is gone, too', async () => {
  const { start, run, stored } = await setUp();
  const first = await start('F16');
  await run(first, shards[1]);
  const second = await start('BF16');
  await first.discard?.();
  first.onState?.(null);
  expect(stored()).toEqual([shards[0]]);
  second.onState?.(null);
  const third = await start('F16');
  await run(third, shards[2]);
  expect(stored()).toEqual(shards.slice(0, 2));
  await third.discard?.();
  // The first shard is not its own.
  expect(stored()).toEqual([shards[0]]);
});

it('knows in a later process what it completed', async () => {
  const { convert, start, run, stored, kept } = await setUp();
  const first = await start('F16');
  await run(first, shards[1]);
  const data: unknown = JSON.parse(JSON.stringify(first.data?.()));
  const { finished, files } = conversionSpecSchema.parse(data);
  expect(finished).toContain(shards[0]);
  expect(finished).not.toContain(shards[1]);
  // Each was stored at once: the process may be killed.
  expect(kept()).toBe(finished.length);
  expect(finished.length).toBeLessThan(files.length);
  first.onState?.({ state: 'done' } as Job);
  await convert.resumers.convert(data)?.discard?.();
  expect(stored()).toEqual([]);
});
